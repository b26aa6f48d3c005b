#!/usr/bin/env python3
"""A rule of a job moves answers from one llama-server to another, and clients read each as one: reroutes.py FIRST SECOND, their addresses.

Both have the same weights, and answers are greedy: so each must be, but for ids and times, what the same client reads of the first one
directly, where nothing moves it. What the topics say of it is read by ./edistream tail. Starts a broker, ./edistream gateway and
./edistream job.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from processes import HOME, SECONDS, Client, Gateway, free_port, get, in_node, in_python, same, until, use_own_python
from reading import Read

# At all of its tokens the best one is far ahead of the next, so that an engine that computes what it is given in another order than the one
# that decoded it, with other roundings, goes on with the same ones.
ASKED = {
    "messages": [{"role": "user", "content": "List the planets of the solar system."}], "temperature": 0, "seed": 1, "max_tokens": 60, "stream": True,
    "stream_options": {"include_usage": True},
}

# Every answer of a model of this size is above the limit.
RULE = (
    "--reroute armed --reroute-to stronger --reroute-signal mean_entropy --reroute-limit 0.1 --reroute-min-tokens 8 --reroute-models smollm2"
    " --reroute-kinds raw-bounded-20"
)


def main(first, second):
    use_own_python()
    engines = {"first": first, "second": second}
    configuration = {
        "upstreams": [{"name": name, "url": url, "kind": "llamacpp", "vocabulary": 49152, "tokenizer": "smollm2"} for name, url in engines.items()],
        "routes": [
            {"model": "smollm2", "upstreams": [{"name": "first"}], "reroutes": 1},
            {"model": "stronger", "upstreams": [{"name": "second"}]},
        ],
    }
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        clients = {
            "openai for Python": (in_python("openai_python.py"), Read.of_openai),
            "openai for Node.js": (in_node(work, "openai-node.mjs"), Read.of_openai),
            "LangChain": (in_python("langchain_python.py"), Read.of_langchain),
            "curl": (None, Read.of_openai),
        }
        with Gateway(configuration, work) as gateway:
            metrics = f"127.0.0.1:{free_port()}"
            gateway.run("job", "--metrics", metrics, *RULE.split())
            until("the job reads", lambda: get(f"http://{metrics}/readyz") is not None, 2 * SECONDS)
            read = {name: compare(name, *how, first, gateway) for name, how in clients.items()}
            went_on = 'reroutes_total{from="smollm2",outcome="by_ids",to="stronger"}'
            same("answers that went on, as the gateway counts them", gateway.metrics().get(went_on), len(clients))
            check_topics(gateway, read)


def compare(name, command, read, first, gateway):
    """What the client reads through the gateway, where the answer is moved, is what it reads directly."""
    directly, through = (read(ask(name, command, url)) for url in (first, gateway.url))
    same(f"{name}: what it read directly is an answer", (bool(directly.text), directly.notices or []), (True, []))
    same(f"{name}: the text", through.text, directly.text)
    same(f"{name}: ids", len(through.ids), 1)
    same(f"{name}: finishes", through.finishes, directly.finishes)
    same(f"{name}: tokens of prompt and answer", through.usages, directly.usages)
    if through.notices is not None:
        said = [{"action": one["action"], "rule": one["rule"], "route": one["route"]} for one in through.notices]
        same(f"{name}: what it is told", said, [{"action": "reroute", "rule": "reroute-above", "route": "stronger"}])
    return through


def ask(name, command, url):
    if command is None:
        return curl(url)
    with Client(name, command, url) as client:
        client.write("stream", ASKED)
        return client.read()


def curl(url):
    command = ["curl", "--silent", "--show-error", "--fail", "--no-buffer", f"{url}/v1/chat/completions", "--json", json.dumps({"model": "smollm2", **ASKED})]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    same("curl: the last event", data[-1], "[DONE]")
    return [json.loads(event) for event in data[:-1]]


def check_topics(gateway, read):
    """Each answer is two sequences, of which one goes on with the other, and a command that was carried out."""
    steps = tail(gateway, "token-entropy")
    starts = [start for step in steps for start in step.get("starts", [])]
    ends = {end["sequence"]: end for step in steps for end in step.get("finishes", [])}
    # A command whose outcome is late is sent again, and then a duplicate.
    outcomes = {outcome["sequence"]: outcome for outcome in tail(gateway, "control-outcomes") if outcome["kind"] != "DUPLICATE"}
    same("sequences", len(starts), 2 * len(read))
    for moved, other, (name, answer) in zip(starts[::2], starts[1::2], read.items()):
        outcome, begin, rest = outcomes[moved["sequence"]], ends[moved["sequence"]], ends[other["sequence"]]
        same(f"{name}: routes", [moved["route"], other["route"]], ["smollm2", "stronger"])
        same(f"{name}: the command", [outcome["action"], outcome["kind"]], ["REROUTE", "APPLIED"])
        same(f"{name}: by which sequence it goes on", outcome["continued_by"], other["sequence"])
        same(f"{name}: from which one", [other["continues"][what] for what in ("cause", "method", "sequence")],
             ["REROUTE", "BY_IDS", moved["sequence"]])
        same(f"{name}: ends", [begin["reason"], rest["reason"]], ["REROUTED", "LENGTH"])
        shared = other["continues"]["shared_tokens"]
        same(f"{name}: tokens", shared + rest["tokens"], answer.usages[0][1])
        print(f"clients: {name}: one answer, {shared} tokens from one engine and {rest['tokens']} from the other")


def tail(gateway, topic):
    command = [HOME / "edistream", "tail", topic, "--bootstrap-servers", gateway.bootstrap]
    return [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 3 else sys.exit(__doc__)
