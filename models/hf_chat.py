"""A chat template without Jinja: what stands between the messages of a conversation, found by rendering some, and checked on many."""
import random
import re

ROLES = ("system", "user", "assistant")
CHECKED_CONVERSATIONS = 50
# What templates remove from earlier answers. Java and Python read these alike.
REMOVALS = (None, r"(?s)^.*</think>\n*", r"(?s)^(.*</think>)?\n*", r"(?s)^.*</think>\s*", r"(?s)^.*</think>")


class NoChat(Exception):
    """Says why a template has no such description."""


def described(render, tokenizer):
    """The description of a template, checked; `render(messages, generation_prompt)` is the template, `tokenizer` a SegmentTokenizer.

    NoChat says why there is none."""
    try:
        chat = pieces(render)
    except NoChat:
        raise
    except Exception as failure:  # a template can raise whatever Jinja can
        raise NoChat(f"the template fails: {failure}") from failure
    reason = ""
    for removal in REMOVALS:
        candidate = {**chat, "removed_from_earlier_answers": removal}
        reason = first_difference(candidate, render, tokenizer)
        if not reason:
            return candidate
    raise NoChat(reason)


def message(role, content):
    return {"role": role, "content": content}


def pieces(render):
    user, answer, again, system = (f"q{word}z" for word in ("alpha", "bravo", "charlie", "delta"))
    dialogue = [message("user", user), message("assistant", answer), message("user", again)]
    head, user_to_answer, answer_to_user, user_end = between(render(dialogue, False), [user, answer, again])
    _, prompted = between(render(dialogue[:1], True), [user])
    _, _, answer_end = between(render(dialogue[:2], False), [user, answer])
    user_prefix = without_prefix(answer_to_user, answer_end, "an answer ends otherwise when it is the last message")
    chat = {
        "system": None,
        "without_system": without_suffix(head, user_prefix, "the first user message begins otherwise than a later one"),
        "user": {"prefix": user_prefix, "suffix": user_end},
        "assistant": {"prefix": without_prefix(user_to_answer, user_end, "a user message ends otherwise when it is the last"), "suffix": answer_end},
        "generation_prompt": without_prefix(prompted, user_end, "a user message ends otherwise before the generation prompt"),
        "trimmed": [],
    }
    roles = ["user", "assistant"]
    try:
        before, behind, _ = between(render([message("system", system), message("user", user)], False), [system, user])
    except Exception:  # it refuses a system message, or leaves it out: the description has none
        pass
    else:
        roles.append("system")
        folded = not behind.endswith(user_prefix)
        chat["system"] = {"prefix": before, "suffix": behind if folded else behind[:len(behind) - len(user_prefix)], "in_first_user": folded}
    chat["trimmed"] = sorted(role for role in roles if is_trimmed(render, role))
    return chat


def is_trimmed(render, role):
    messages = {"system": [message("system", "s"), message("user", "u")], "user": [message("user", "u")],
                "assistant": [message("user", "u"), message("assistant", "a"), message("user", "v")]}[role]
    padded = [{**m, "content": f" \n {m['content']}w \n "} if m["role"] == role else m for m in messages]
    bare = [{**m, "content": f"{m['content']}w"} if m["role"] == role else m for m in messages]
    return render(padded, True) == render(bare, True)


def between(text, contents):
    """What stands before, between and behind contents that each occur once, in order."""
    parts = []
    for content in contents:
        if text.count(content) != 1:
            raise NoChat("the template leaves a message out or repeats it")
        part, text = text.split(content)
        parts.append(part)
    return parts + [text]


def without_prefix(text, prefix, otherwise):
    if not text.startswith(prefix):
        raise NoChat(otherwise)
    return text[len(prefix):]


def without_suffix(text, suffix, otherwise):
    if not text.endswith(suffix):
        raise NoChat(otherwise)
    return text[:len(text) - len(suffix)]


def segments(chat, messages):
    """(text, whether it is the template's) of a conversation that ends with a user message, generation prompt included."""
    parts = []
    folded = False
    if messages[0]["role"] != "system":
        parts.append((chat["without_system"], True))
    for m in messages:
        role = chat[m["role"]]
        parts.append(("" if folded and m["role"] == "user" else role["prefix"], True))
        folded = m["role"] == "system" and role["in_first_user"]
        parts.append((content(chat, m), False))
        parts.append((role["suffix"], True))
    return [part for part in parts + [(chat["generation_prompt"], True)] if part[0]]


def content(chat, m):
    text = m["content"]
    if m["role"] == "assistant" and chat["removed_from_earlier_answers"]:
        text = re.sub(chat["removed_from_earlier_answers"], "", text)
    return text.strip() if m["role"] in chat["trimmed"] else text


def first_difference(chat, render, tokenizer):
    """Why a description is not that of a template, or nothing."""
    rng = random.Random(20)
    for _ in range(CHECKED_CONVERSATIONS):
        messages = random_conversation(rng, chat["system"] is not None)
        expected, parts = render(messages, True), segments(chat, messages)
        if "".join(text for text, _ in parts) != expected:
            return f"a conversation of {len(messages)} messages is rendered otherwise than by its parts"
        if tokenizer.ids(parts) != tokenizer.ids_of_text(expected):
            return f"a conversation of {len(messages)} messages has other tokens than its parts"
    return ""


WORDS = ("What", "is", "the", "sum", "of", "12", "and", "7?", "naïve", "Zürich", "数学", "🙂", "def f(x):", "a\n\nb", "x = 1;", "Please", "<b>", "{{ name }}")


def random_conversation(rng, with_system):
    def words():
        return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 12)))

    def padded(text):
        return rng.choice(("", "", " ", "\n", " \n")) + text + rng.choice(("", "", " ", "\n\n"))

    messages = [message("system", padded(words()))] if with_system and rng.random() < 0.5 else []
    for _ in range(rng.randint(0, 3)):
        thought = rng.choice(("", "", f"<think>\n{words()}\n</think>\n\n", "<think>\n\n</think>\n\n"))
        messages += [message("user", padded(words())), message("assistant", thought + padded(words()))]
    return messages + [message("user", padded(words()))]
