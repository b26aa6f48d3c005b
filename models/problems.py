"""Word problems with worked-out chains of reasoning: the only data the shipped models have seen.

A prompt is drawn from `problem-templates.json` alone, so that a program in another language can draw prompts from the
same distribution; the algorithm is written out in README.md. The chain of reasoning is drawn here. Everything follows
from one `random.Random`: equal seeds give equal problems.
"""
import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

TEMPLATES = json.loads((Path(__file__).parent / "problem-templates.json").read_text(encoding="utf-8"))

PAD, EOS, UNKNOWN, THINK, END_THINK = "<pad>", "<eos>", "<unk>", "<think>", "</think>"
SPECIAL_TOKENS = (PAD, EOS, UNKNOWN, THINK, END_THINK)
ANSWER = "answer"

# Token classes. RESULT is what the Java side masks signals by; README.md states the rule that finds it from the tokens.
OTHER, RESULT, COLUMN = "other", "result", "column"

_TOKEN = re.compile("|".join(map(re.escape, SPECIAL_TOKENS)) + r"|\d|[^\W\d_]+|[^\w\s]|_")


def tokenise(text):
    """Splits text as `tokenizer.json` does: lower case, words, single digits, single punctuation marks."""
    return _TOKEN.findall(text.lower())


@dataclass(frozen=True)
class Step:
    """One operation of a problem: `before` becomes `after`; `clause` is its text in the prompt."""
    operation: str
    before: int
    operand: int
    after: int
    month: str
    clause: str
    clause_without_things: str


@dataclass(frozen=True)
class Problem:
    level: str
    start: int
    steps: tuple
    name: str
    prompt: str

    @property
    def answer(self):
        return self.steps[-1].after


@dataclass(frozen=True)
class ChainStyle:
    """Rates that shape the chains. All are probabilities."""
    careful: float = 0.5              # a careful chain works in columns, a quick one in the head
    columns_when_careful: float = 0.85
    columns_when_quick: float = 0.08
    verbatim: float = 0.85            # a step repeats the words of the prompt
    slip_in_head: float = 0.12        # a wrong result is injected and then corrected
    slip_in_columns: float = 0.04
    slip_found_by_check: float = 0.6  # the others are corrected by a plain doubt
    check_in_head: float = 0.22       # a right result worked out in the head is checked
    check_in_columns: float = 0.08
    doubt_without_reason: float = 0.015


@dataclass
class Chain:
    """Tokens from <think> to <eos>; `learn[i]` says whether token i counts in the loss; `classes[i]` is its class."""
    tokens: list = field(default_factory=list)
    learn: list = field(default_factory=list)
    classes: list = field(default_factory=list)

    def put(self, words, learn=True, token_class=OTHER):
        words = words.split() if isinstance(words, str) else words
        self.tokens += words
        self.learn += [learn] * len(words)
        self.classes += [token_class if word.isdigit() else OTHER for word in words]


# ---------------------------------------------------------------------------------------------------------------- prompts

def weighted(rng, weights):
    """Draws a key of `weights` with a probability proportional to its value."""
    return rng.choices(list(weights), list(weights.values()))[0]


def feasible_operations(value, low, high, largest):
    """Weights of the operations that keep the value within 1..largest, with an operand in low..high where one is needed."""
    divisors = share_divisors(value)
    possible = {
        "add": value + low <= largest,
        "subtract": value - low >= 1,
        "double": 2 * value <= largest,
        "halve": value % 2 == 0 and value >= 4,
        "triple": 3 * value <= largest,
        "share": bool(divisors),
    }
    return {name: operation["weight"] for name, operation in TEMPLATES["operations"].items() if possible[name]}


def share_divisors(value):
    return [d for d in TEMPLATES["operations"]["share"]["divisors"] if value % d == 0 and value >= 2 * d]


def draw_operation(rng, value, low, high, largest):
    """Returns (operation, operand, new value); the operand is 0 where the operation has none."""
    operation = weighted(rng, feasible_operations(value, low, high, largest))
    if operation == "add":
        operand = rng.randint(low, min(high, largest - value))
        return operation, operand, value + operand
    if operation == "subtract":
        operand = rng.randint(low, min(high, value - 1))
        return operation, operand, value - operand
    if operation == "share":
        operand = rng.choice(share_divisors(value))
        return operation, operand, value // operand
    return operation, 0, {"double": 2 * value, "halve": value // 2, "triple": 3 * value}[operation]


def draw_problem(rng, distribution="training"):
    """Draws a problem and its prompt from the named distribution of `problem-templates.json`."""
    settings = TEMPLATES["distributions"][distribution]
    level = weighted(rng, settings["levels"])
    step_count = int(weighted(rng, settings["steps"]))
    ranges = TEMPLATES["levels"][level]["operand_ranges"]
    largest = TEMPLATES["levels"][level]["largest_value"]
    person, friend = rng.sample(TEMPLATES["people"], 2)
    start = value = rng.randint(*ranges[0])
    words = dict(name=person["name"], subject=person["subject"], object=person["object"], friend=friend["name"],
                 things=rng.choice(TEMPLATES["things"]), start=start)
    sentences = [rng.choice(TEMPLATES["start_sentences"]).format(**words)]
    distractor_at = rng.randrange(step_count) if rng.random() < settings["distractor_rate"] else None
    steps = []
    for index in range(step_count):
        if index == distractor_at:
            distractor = rng.choice(TEMPLATES["distractor_sentences"])
            sentences.append(distractor["text"].format(number=rng.randint(distractor["low"], distractor["high"]), **words))
        low, high = ranges[min(index, len(ranges) - 1)]
        operation, operand, after = draw_operation(rng, value, low, high, largest)
        template = rng.choice(TEMPLATES["operations"][operation]["clauses"])
        clause = template.format(operand=operand, **words)
        bare = template.replace(" {things}", "").format(operand=operand, **words)
        month = TEMPLATES["months"][index]
        sentences.append(TEMPLATES["step_sentence"].format(month=month, clause=clause))
        steps.append(Step(operation, value, operand, after, month, clause, bare if operand else clause))
        value = after
    sentences.append(rng.choice(TEMPLATES["questions"]).format(**words))
    return Problem(level, start, tuple(steps), person["name"], " ".join(sentences))


# ----------------------------------------------------------------------------------------------------------------- chains

# Phrasings of equal meaning. The first is the usual one, so that a choice costs less than .7 nats of entropy.
TWO_WAYS = (0.77, 0.23)
THREE_WAYS = (0.78, 0.17, 0.05)

CAREFUL_OPENINGS = ("let us go step by step .", "let us work it out carefully .")
QUICK_OPENINGS = ("quick count .", "quick work in the head .")
START_PHRASES = ("{name} starts with {start} .", "at first there are {start} .", "we begin with {start} .")
MONTH_PHRASES = ("in {month}", "then in {month}", "next in {month}")
SHORT_CLAUSES = {
    "add": ("we add {operand}", "plus {operand}"),
    "subtract": ("we remove {operand}", "minus {operand}"),
    "double": ("we double it", "times 2"),
    "halve": ("half is left", "we divide it by 2"),
    "triple": ("we triple it", "times 3"),
    "share": ("we divide by {operand}", "one of {operand} piles"),
}
EQUATION_OPENINGS = (", so", ":", ", that makes")
DOUBTS = ("wait", "hmm", "hold on")
DOUBT_REASONS = (", that is wrong", ", that looks off", ", not right")
REDO_OPENINGS = (". redo :", ". again :")
CONCLUSIONS = ("so the total is {answer} .", "that is all .", "final result : {answer} .")
PLACES = ("units", "tens", "hundreds")
SIGNS = {"add": "+", "subtract": "-", "double": "*", "halve": "/", "triple": "*", "share": "/"}
FIXED_OPERANDS = {"double": 2, "halve": 2, "triple": 3}
INVERSE_SIGNS = {"+": "-", "-": "+", "*": "/", "/": "*"}


def spaced(text):
    """The tokens of `text`, joined by blanks."""
    return " ".join(tokenise(text))


def phrase(rng, options, weights=None, **values):
    weights = weights or {2: TWO_WAYS, 3: THREE_WAYS}[len(options)]
    return spaced(rng.choices(options, weights)[0].format(**values))


def columns(left, right, sign):
    """Column arithmetic of `left sign right`, units first, as a list of tokens without the result. Needs left >= right for '-'."""
    width = max(len(str(left)), len(str(right)))
    tokens, carry = [], 0
    for place in range(width):
        upper, lower = left // 10 ** place % 10, right // 10 ** place % 10
        tokens += [PLACES[min(place, 2)], str(upper), sign, str(lower)] + ([sign, "1"] if carry else [])
        if sign == "+":
            total = upper + lower + carry
            tokens += ["="] + list(str(total)) + [","]
            carry = total // 10
        else:
            difference = upper - lower - carry
            carry = 1 if difference < 0 else 0
            tokens += (["borrow"] if carry else []) + ["=", str(difference % 10), ","]
    return tokens


def column_operands(step):
    """(left, right, sign) of the column arithmetic for a step, or None if the step is not worked in columns."""
    if step.operation in ("add", "subtract"):
        return step.before, step.operand, SIGNS[step.operation]
    if step.operation == "double":
        return step.before, step.before, "+"
    return None


def slipped(rng, value):
    """A plausible wrong result: one digit off, a forgotten carry, or digits swapped."""
    while True:
        if rng.random() < 0.1 and value > 9:
            wrong = int(str(value)[::-1])
        else:
            wrong = value + rng.choice((1, -1, 2, -2, 10, -10, 9, -9, 20, 11, 100 if value > 99 else 10, -100 if value > 199 else 1))
        if wrong > 0 and wrong != value:
            return wrong


def put_number(chain, number, learn=True, token_class=OTHER):
    chain.put(list(str(number)), learn, token_class)


def put_columns(chain, left, right, sign):
    """Column work up to and including the word that closes it; the caller puts the result behind it."""
    chain.put(columns(left, right, sign), token_class=COLUMN)


def equation_of(step):
    operand = FIXED_OPERANDS.get(step.operation, step.operand)
    return spaced(f"{step.before} {SIGNS[step.operation]} {operand}"), SIGNS[step.operation], operand


def undo(step, result):
    """The value that the inverse operation gives on `result`, or None where it is not a positive whole number."""
    _, sign, operand = equation_of(step)
    if sign == "/":
        return result * operand
    if sign == "*":
        return result // operand if result % operand == 0 else None
    back = result - operand if sign == "+" else result + operand
    return back if back > 0 else None


def put_check(chain, step, result):
    """Undoes the step and lays both numbers side by side, so that a difference is easy to see. Says if they are equal."""
    _, sign, operand = equation_of(step)
    back = undo(step, result)
    inverse = INVERSE_SIGNS[sign]
    chain.put(f", check : {spaced(str(result))} {inverse} {spaced(str(operand))}")
    if sign in "+-":
        chain.put(",")
        put_columns(chain, result, operand, inverse)
    chain.put("gives")
    put_number(chain, back)
    chain.put(", had")
    put_number(chain, step.before)
    chain.put(", same" if back == step.before else ", differs")
    return back == step.before


def put_correction(rng, chain, step):
    """Says that something is off and works the step out again, in columns where that is possible."""
    chain.put(phrase(rng, DOUBTS))
    chain.put(phrase(rng, DOUBT_REASONS))
    chain.put(phrase(rng, REDO_OPENINGS))
    chain.put(equation_of(step)[0])
    put_result(chain, step, step.after, in_columns=column_operands(step) is not None)


def put_result(chain, step, result, in_columns, learn=True):
    """The way from the equation to its result, and the result's digits."""
    if in_columns:
        chain.put(",")
        put_columns(chain, *column_operands(step))
        chain.put("together")
    else:
        chain.put("=")
    put_number(chain, result, learn, RESULT)


def put_step(rng, chain, step, style, careful):
    chain.put(phrase(rng, MONTH_PHRASES, month=step.month))
    if rng.random() < style.verbatim:
        chain.put(spaced(step.clause_without_things))
    else:
        chain.put(phrase(rng, SHORT_CLAUSES[step.operation], operand=step.operand))
    chain.put(phrase(rng, EQUATION_OPENINGS))
    chain.put(equation_of(step)[0])
    columns_rate = style.columns_when_careful if careful else style.columns_when_quick
    in_columns = column_operands(step) is not None and rng.random() < columns_rate
    slips = rng.random() < (style.slip_in_columns if in_columns else style.slip_in_head)
    result = slipped(rng, step.after) if slips else step.after
    # The digits of an injected slip carry no loss: the model must learn to correct slips, not to make them.
    put_result(chain, step, result, in_columns, learn=not slips)
    if slips:
        if undo(step, result) is not None and rng.random() < style.slip_found_by_check:
            put_check(chain, step, result)
            chain.put(".")
        else:
            chain.put(".")
        put_correction(rng, chain, step)
    elif rng.random() < (style.check_in_columns if in_columns else style.check_in_head) and undo(step, result) is not None:
        put_check(chain, step, result)
    elif rng.random() < style.doubt_without_reason:
        chain.put(".")
        put_correction(rng, chain, step)
    chain.put(".")


def draw_chain(rng, problem, style=ChainStyle()):
    chain = Chain()
    careful = rng.random() < style.careful
    chain.put(THINK)
    chain.put(phrase(rng, CAREFUL_OPENINGS if careful else QUICK_OPENINGS))
    chain.put(phrase(rng, START_PHRASES, name=problem.name, start=problem.start))
    for step in problem.steps:
        put_step(rng, chain, step, style, careful)
    chain.put(phrase(rng, CONCLUSIONS, answer=problem.answer))
    chain.put([END_THINK, ANSWER])
    put_number(chain, problem.answer)
    chain.put(EOS)
    return chain


# ------------------------------------------------------------------------------------------------------------- vocabulary

def vocabulary():
    """All tokens in the order of their ids: special tokens, the answer word, digits, then the words in order of first use."""
    def placeholders_removed(text):
        return re.sub(r"\{\w+\}", " ", text)

    texts = [ANSWER, "0 1 2 3 4 5 6 7 8 9", "+ - * / = . , : ?"]
    texts += [value for person in TEMPLATES["people"] for value in person.values()]
    texts += TEMPLATES["things"] + TEMPLATES["months"] + TEMPLATES["start_sentences"] + [TEMPLATES["step_sentence"]]
    texts += [clause for operation in TEMPLATES["operations"].values() for clause in operation["clauses"]]
    texts += [distractor["text"] for distractor in TEMPLATES["distractor_sentences"]] + TEMPLATES["questions"]
    for group in (CAREFUL_OPENINGS, QUICK_OPENINGS, START_PHRASES, MONTH_PHRASES, EQUATION_OPENINGS, DOUBTS, DOUBT_REASONS,
                  REDO_OPENINGS, CONCLUSIONS, PLACES, *SHORT_CLAUSES.values()):
        texts += group
    texts += ["check gives had same differs borrow together"]
    words = list(SPECIAL_TOKENS)
    for text in texts:
        words += tokenise(placeholders_removed(text))
    return list(dict.fromkeys(words))


VOCABULARY = vocabulary()
TOKEN_IDS = {token: index for index, token in enumerate(VOCABULARY)}


def encode(tokens):
    return [TOKEN_IDS.get(token, TOKEN_IDS[UNKNOWN]) for token in tokens]


def parse_answer(tokens):
    """The number behind the last answer word of a finished chain, or None."""
    if ANSWER not in tokens:
        return None
    tail = tokens[len(tokens) - tokens[::-1].index(ANSWER):]
    digits = "".join(token for token in tail if token.isdigit())
    return int(digits) if digits else None


def main():
    rng = random.Random(1)
    for _ in range(3):
        problem = draw_problem(rng)
        chain = draw_chain(rng, problem)
        print(problem.prompt, "\n  ", " ".join(chain.tokens), "\n  ", problem.level, len(problem.steps), problem.answer)
    lengths = [len(draw_chain(rng, draw_problem(rng, "evaluation")).tokens) for _ in range(2000)]
    lengths.sort()
    print("vocabulary", len(VOCABULARY), "chain tokens, quantiles 0 .05 .5 .95 1:", [lengths[int(q * 1999)] for q in (0, .05, .5, .95, 1)])


if __name__ == "__main__":
    main()
