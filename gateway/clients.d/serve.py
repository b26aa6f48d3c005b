#!/usr/bin/env python3
"""Compares what unchanged clients read from ./edistream serve with what they read from a llama-server with the same weights:
serve.py http://127.0.0.1:8080 FOLDER, the folder of the exported model.

Both render the model's own chat template and decode greedily: texts, ends and numbers of tokens must be equal, log-probabilities but for
roundings, of which a llama-server's weights and cache have more. Then commands end an answer and move one to a second route with the same model.
Starts a broker and ./edistream serve.
"""

import json
import math
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from processes import FOLDER, SECONDS, Client, Gateway, get, in_java, in_node, in_python, same, until, use_own_python
from reading import Read

# Those at whose tokens the best one is far enough ahead of the next for other roundings to choose it, too.
WANTED = ("stream", "whole", "logprobs", "logprobs-whole")

# Of a probability; what is less probable than the second need not be among the best.
ROUNDING = 0.03
PROBABLE = 0.1

REFUSED = {
    "tools": {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]},
    "response_format": {"response_format": {"type": "json_object"}},
}


def main(engine, model):
    use_own_python()
    known = json.loads((FOLDER / "requests.json").read_text("utf-8"))
    requests = {name: known[name] for name in WANTED}
    # What serve does not do it refuses.
    endless = {member: value for member, value in known["cancel"].items() if member != "ignore_eos"}
    requests["two"] = {**known["whole"], "n": 2}
    requests["stop"] = {**known["stream"], "stop": [" and"], "max_tokens": 60}
    requests["tokens"] = {"messages": [{"role": "system", "content": "Be short."}, *known["tools"]["messages"][:1]], "temperature": 0, "max_tokens": 12}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clients = {
            "openai for Python": (in_python("openai_python.py"), Read.of_openai),
            "openai for Node.js": (in_node(work, "openai-node.mjs"), Read.of_openai),
            "openai-java": (in_java("OpenAiJava.java"), Read.of_openai),
            "LangChain": (in_python("langchain_python.py"), Read.of_langchain),
            "LiteLLM": (in_python("litellm_python.py"), Read.of_openai),
        }
        with Gateway({}, work, "serve", "--model", model, "--route", f"smollm2={model}", "--cache-blocks", "512") as serve:
            for name, (command, read) in clients.items():
                compare(name, command, read, requests, engine, serve)
                leave(name, command, endless, serve)
            for name in ("openai for Python", "openai for Node.js"):
                steer(name, clients[name][0], endless, serve)
            for member, members in REFUSED.items():
                refuse(member, {**requests["whole"], "model": "smollm2", **members}, serve)


def compare(name, command, read, requests, engine, serve):
    """What the client reads from both."""
    with Client(name, command, engine) as theirs, Client(name, command, serve.url) as ours:
        for what, body in requests.items():
            expected, actual = (read(ask(client, what, body)) for client in (theirs, ours))
            # Of several choices it counts one, and OpenAI all.
            expected.usages = [(prompt, completion * body.get("n", 1)) for prompt, completion in expected.usages]
            same(f"{name}, {what}: the llama-server's is an answer", all(expected.texts) and len(expected.finishes) > 0, True)
            for part in ("texts", "finishes", "usages"):
                same(f"{name}, {what}: {part}", getattr(actual, part), getattr(expected, part))
            same(f"{name}, {what}: log-probabilities, or none", bool(actual.logprobs), bool(expected.logprobs))
            for index, (our, their) in enumerate(zip(actual.logprobs or [], expected.logprobs or [])):
                if our[0][0] != their[0][0] or len(our) != len(their) or not near(our, their):
                    sys.exit(f"clients: {name}, {what}: at token {index} not {their}, but {our}")
    print(f"clients: {name}: {len(requests)} answers as a llama-server's")


def near(our, their):
    """Whether probabilities are equal but for roundings."""
    ours, theirs = ({token: math.exp(logprob) for token, logprob in one} for one in (our, their))
    return all(
        abs(ours.get(token, 0) - theirs.get(token, 0)) < ROUNDING
        for token in {*ours, *theirs} if max(ours.get(token, 0), theirs.get(token, 0)) > PROBABLE
    )


def leave(name, command, body, serve):
    """Nothing is generated for a client that leaves."""
    with Client(name, command, serve.url) as client:
        client.write("cancel", body)
        same(f"{name}: events before it left", len(client.read()), 3)
        until(f"{name}: nothing is generated for it", lambda: live(serve) == 0, SECONDS)


def live(serve):
    """Sequences that are being generated."""
    lines = [line for line in (get(f"{serve.url}/metrics") or "").splitlines() if line.startswith("edistream_generator_live_sequences{")]
    return sum(float(line.split(" ")[-1]) for line in lines)


def steer(name, command, body, serve):
    """An answer that a command ends, and one that goes on with the same model on another route as if nothing had been. Greedy, and long."""
    with Client(name, command, serve.url) as client:
        client.write("abort", body)
        serve.abort(client.read())
        ended = Read.of_openai(client.read())
        same(f"{name}: an answer that is ended", (ended.finishes, [notice["action"] for notice in ended.notices]), (["stop"], ["abort"]))
        some = {**body, "max_tokens": 300}
        expected = Read.of_openai(ask(client, "stream", some))
        client.write("abort-moved", some)
        serve.command_to(client.read(), {"action": "REROUTE", "target_route": "default", "from_prompt": False})
        moved = Read.of_openai(client.read())
        same(f"{name}: that it moved", [notice["action"] for notice in moved.notices], ["reroute"])
        for part in ("texts", "finishes", "usages"):
            same(f"{name}: {part} of an answer that moves", getattr(moved, part), getattr(expected, part))
    print(f"clients: {name}: reads the end that a command makes, and one answer of two routes")


def refuse(member, body, serve):
    """What would be ignored is refused, with a sentence that names it."""
    request = urllib.request.Request(f"{serve.url}/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            sys.exit(f"clients: {member} was not refused")
    except urllib.error.HTTPError as refused:
        said = json.load(refused)["error"]["message"]
        same(f"{member}: refused with", (refused.code, member in said), (400, True))


def ask(client, what, body):
    client.write(what, body)
    return client.read()


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 3 else sys.exit(__doc__)
