#!/usr/bin/env python3
"""Compares what unchanged clients read from a llama-server directly and through the gateway: compare.py http://127.0.0.1:8080

Starts a broker and ./edistream gateway. Each client answers requests.json twice; ids, times and the engine's own timings may differ and
nothing else. Two clients are then ended by a command.
"""

import json
import re
import sys
import tempfile
import time
from pathlib import Path

from processes import FOLDER, Client, Gateway, get, in_java, in_node, in_python, same, until, use_own_python

# A client that leaves frees its slot at once. The answer that it leaves would take longer than that.
FREE_SECONDS = 5

# Made anew for each answer, or measured by the engine's clock.
DIFFERS = {"id", "run_id", "created", "_request_id"}


def main(engine):
    use_own_python()
    requests = json.loads((FOLDER / "requests.json").read_text("utf-8"))
    configuration = {"upstreams": [{"name": "llama", "url": engine, "kind": "llamacpp", "vocabulary": 49152}]}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clients = {
            "openai for Python": in_python("openai_python.py"),
            "openai for Node.js": in_node(work, "openai-node.mjs"),
            "openai-java": in_java("OpenAiJava.java"),
            "LangChain": in_python("langchain_python.py"),
            "LiteLLM": in_python("litellm_python.py"),
        }
        with Gateway(configuration, work) as gateway:
            for name, command in clients.items():
                compare(name, command, requests, engine, gateway)
            for name in ("openai for Python", "openai for Node.js"):
                end(name, clients[name], requests, engine, gateway)


def compare(name, command, requests, engine, gateway):
    """A client reads the same from both, and the gateway has watched all that it read."""
    begin = time.monotonic()
    with Client(name, command, engine) as directly:
        expected = {what: ask(directly, what, body, engine) for what, body in requests.items()}
    before = gateway.metrics()
    with Client(name, command, gateway.url) as through:
        for what, body in requests.items():
            same(f"{name}, {what}", ask(through, what, body, engine), expected[what])
    check_answers(name, expected)
    after = gateway.metrics()
    watched = 'requests_total{endpoint="chat.completions",watched="true"}'
    # Clients ask again by themselves where an idle connection was closed, which llama-server does after 5 s.
    if after.get(watched, 0) - before.get(watched, 0) < len(requests):
        sys.exit(f"clients: {name}: not all of its {len(requests)} requests were watched")
    measured = 'measured_tokens_total{upstream="llama"}'
    tokens = after.get(measured, 0) - before.get(measured, 0)
    if tokens < 60:
        sys.exit(f"clients: {name}: only {tokens:.0f} tokens were measured")
    print(f"clients: {name}: {len(requests)} requests read equal, {tokens:.0f} tokens measured, {time.monotonic() - begin:.0f} s")


def check_answers(name, answers):
    """Equal answers prove nothing if they are empty or errors."""
    for what, must in {
        "stream": r'"finish_reason": "(length|stop)"',
        "whole": r'"finish_reason": "(length|stop)"',
        "two": r'"index": 1|"generation_info"',
        "logprobs": r'"top_logprobs": \[\{',
        "logprobs-whole": r'"top_logprobs": \[\{',
        "tools": r'"name": "weather"',
        "tools-whole": r'"name": "weather"',
    }.items():
        if not re.search(must, json.dumps(answers[what])):
            sys.exit(f"clients: {name}, {what}: there is no {must} in {json.dumps(answers[what])[:2000]}")


def end(name, command, requests, engine, gateway):
    """A client whose answer a command ends reads a proper end; where a tool may be called one that says that it is not whole."""
    for what, reason in {"abort": "stop", "abort-tools": "content_filter"}.items():
        body = dict(requests["cancel"])
        if what == "abort-tools":
            body["tools"] = requests["tools"]["tools"]
        with Client(name, command, gateway.url) as client:
            client.write(what, body)
            gateway.abort(client.read())
            read = client.read()
        same(f"{name}, {what}: its end", read[-1]["choices"][0]["finish_reason"], reason)
        until_free(engine, f"{name}, {what}")
    print(f"clients: {name}: reads the end that a command makes")


def ask(client, what, body, engine):
    """What it reads, without what may differ."""
    client.write(what, body)
    read = comparable(client.read())
    if what == "cancel":
        until_free(engine, f"{client.name}, {what}")
    return read


def comparable(value):
    """A tree without what may differ: tool calls keep that they have an id."""
    if isinstance(value, dict):
        return {key: bool(inner) if key in DIFFERS else comparable(inner) for key, inner in value.items() if key != "timings"}
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    return value


def until_free(engine, what):
    idle = lambda: not any(slot["is_processing"] for slot in json.loads(get(f"{engine}/slots")))
    until(f"{what}: its slot is free", idle, FREE_SECONDS)


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) == 2 else sys.exit(__doc__)
