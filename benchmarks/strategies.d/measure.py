#!/usr/bin/env python3
"""Asks the gateway the same problems by each strategy: what they cost in tokens, and how often they are right. benchmarks/strategies runs it.

Each problem has a seed, from which the samples of all strategies have theirs. Each is asked by one strategy after the other.
Tokens are those of all samples, as edistream.usage tells them. A problem that an engine breaks off in is left out for all strategies, and
counted. What Ctrl-C ends is reported as far as it came.
"""

import argparse
import json
import math
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
SECONDS = 300
ANSWER_SECONDS = 1800
SAMPLES = 8
RESAMPLINGS = 2_000
TEMPERATURE = 0.8
PRUNE = {"weakest": 1, "at": 0.5}

# Plain is what best-of-n tells beside its choice: all samples to their ends, and their vote.
STRATEGIES = {
    "plain": None,
    "best-of-n": {"strategy": "best-of-n"},
    "majority": {"strategy": "majority"},
    "majority, pruned": {"strategy": "majority", "prune": PRUNE},
    "waves": {"strategy": "waves"},
    "waves, pruned": {"strategy": "waves", "prune": PRUNE},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="smollm2, reasoner-s, reasoner-l; all of them if none is named")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="three problems of each")
    parser.add_argument("--llama-server", metavar="URL", help="where SmolLM2 answers")
    parser.add_argument("--asks-llama-server", action="store_true", help="only says, by the exit code, whether it needs one")
    arguments = parser.parse_args()
    models = arguments.models or list(MODELS)
    unknown = [name for name in models if name not in MODELS]
    if unknown:
        parser.error(f"no model {unknown[0]}: there are {', '.join(MODELS)}")
    if arguments.asks_llama_server:
        sys.exit(0 if "smollm2" in models else 1)
    count = 3 if arguments.quick else arguments.problems
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as folder, Engines(Path(folder), models, arguments.llama_server) as engines:
        for name in models:
            results, lost = measure(engines.gateway, name, MODELS[name](count, arguments.seed), arguments.seed)
            check(not arguments.quick or len(results) == count, f"of {count} problems {len(results)} were asked to the end")
            print(report(name, results, lost, arguments.seed), flush=True)


# ---------------------------------------------------------------------------------------------------------------- problems

def sums(count, seed):
    """Sums of three numbers below ten, which a model of 135 M parameters gets right now and then, after three worked examples."""
    draw = random.Random(seed)
    problems = {}
    while len(problems) < count:
        problems[tuple(draw.randint(1, 9) for _ in range(3))] = None
    for numbers in problems:
        messages = []
        for shown in ((2, 5, 6), (9, 3, 4), (4, 7, 1)):
            messages += [{"role": "user", "content": question(shown)}, {"role": "assistant", "content": worked(shown)}]
        messages.append({"role": "user", "content": question(numbers)})
        yield "/v1/chat/completions", {"messages": messages, "max_tokens": 48}, "last_number", str(sum(numbers))


def question(numbers):
    return " + ".join(map(str, numbers)) + "?"


def worked(numbers):
    first, second, third = numbers
    return f"{first} + {second} = {first + second}, {first + second} + {third} = {first + second + third}"


def word_problems(count, seed):
    """Those of the demo, which the shipped reasoners were trained for."""
    lines = subprocess.run(
        [HOME / "edistream", "problems", "--problems", str(count), "--seed", str(seed)], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines()
    for line in lines:
        problem = json.loads(line)
        yield "/v1/completions", {"prompt": problem["prompt"], "max_tokens": 384}, "last_number", str(problem["answer"])


MODELS = {"smollm2": sums, "reasoner-s": word_problems, "reasoner-l": word_problems}

# Problems beside each other: no sample of any waits for room in its engine.
AT_ONCE = {"smollm2": 1, "reasoner-s": 4, "reasoner-l": 4}


# ------------------------------------------------------------------------------------------------------------------ asking

def measure(gateway, model, problems, seed):
    """For each problem that was asked to its end: strategy -> (tokens, right, samples started). And how many were broken off."""
    results, lost = {}, 0
    pool = ThreadPoolExecutor(AT_ONCE[model])
    asked = {}
    for number, (path, body, extract, right) in enumerate(problems):
        body = {"model": model, "temperature": TEMPERATURE, "seed": 1000 * seed + number, **body}
        asked[pool.submit(ask_all, gateway + path, body, extract, right)] = number
    try:
        for done in as_completed(asked):
            try:
                results[asked[done]] = done.result()
            except BrokenOff as failure:
                lost += 1
                print(f"strategies: {failure}", file=sys.stderr)
            print(f"strategies: {model}, {len(results)} problems", file=sys.stderr, flush=True)
    except (KeyboardInterrupt, OSError) as end:
        print(f"strategies: {model} was not measured to the end: {end!r}", file=sys.stderr)
    pool.shutdown(wait=False, cancel_futures=True)
    return [results[number] for number in sorted(results)], lost


def ask_all(url, body, extract, right):
    outcomes = {}
    for name, strategy in STRATEGIES.items():
        if strategy is not None:
            answer = ask(url, {**body, "edistream": {**strategy, "n": SAMPLES, "extract": extract}})
            ours = answer["edistream"]
            if ours["samples"]["failed"]:
                raise BrokenOff(f"of {SAMPLES} samples {ours['samples']['failed']} failed")
            outcomes[name] = outcome(ours, chosen(answer, strategy, ours) == right)
            if strategy["strategy"] == "best-of-n":
                check(ours["samples"]["finished"] == SAMPLES, f"best-of-n waits for all: {ours['samples']}")
                outcomes["plain"] = outcome(ours, leader(ours["votes"]) == right)
    return outcomes


class BrokenOff(Exception):
    """An engine did not answer to the end."""


def ask(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as response:
            return json.load(response)
    except urllib.error.HTTPError as refused:
        said = f"{refused.code} for {json.dumps(body)}: {refused.read().decode()}"
        raise (BrokenOff if refused.code == 502 else OSError)(said) from refused


def outcome(ours, right):
    tokens = sum(sample["completion_tokens"] for sample in ours["usage"])
    check(tokens > 0, "samples have no tokens")
    return tokens, right, ours["samples"]["started"]


def chosen(answer, strategy, ours):
    """The answer that the client reads out of the text that it gets; a vote has said it already."""
    if strategy["strategy"] == "best-of-n":
        choice = answer["choices"][0]
        return last_number(choice["text"] if "text" in choice else choice["message"]["content"])
    return leader(ours["votes"])


def leader(votes):
    """Of equally frequent answers the first one."""
    return max(votes, key=lambda vote: vote["votes"])["answer"] if votes else None


def last_number(text):
    """Whole ones are all that these models are asked for."""
    digits = "".join(c if c.isdigit() else " " for c in text).split()
    return digits[-1] if digits else None


# --------------------------------------------------------------------------------------------------------------- reporting

def report(model, results, lost, seed):
    if not results:
        return f"{model}: no problem was asked to its end, {lost} were broken off"
    lines = [
        f"{model}, {len(results)} problems, seed {seed}, {lost} more were broken off:",
        "",
        "| strategy | samples | tokens of a problem | of plain, % | right, % | beside plain, points |",
        "|---|---|---|---|---|---|",
    ]
    for name in STRATEGIES:
        samples = mean(row[name][2] for row in results)
        right = sum(row[name][1] for row in results)
        low, high = wilson(right, len(results))
        line = [name, f"{samples:.1f}", f"{mean(row[name][0] for row in results):.0f}"]
        share, beside = "", ""
        if name != "plain":
            share = with_interval(results, seed, lambda rows, n=name: 100 * total(rows, n, 0) / total(rows, "plain", 0), "{:.1f}")
            beside = with_interval(
                results, seed, lambda rows, n=name: 100 * (total(rows, n, 1) - total(rows, "plain", 1)) / len(rows), "{:+.1f}"
            )
        line += [share, f"{100 * right / len(results):.1f} ({100 * low:.1f} to {100 * high:.1f})", beside]
        lines.append("| " + " | ".join(line) + " |")
    return "\n".join(lines) + "\n"


def total(rows, name, what):
    return sum(row[name][what] for row in rows)


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def with_interval(results, seed, figure, form):
    """A figure and the middle 95 % of it over problems that are drawn anew with replacement."""
    draw = random.Random(seed)
    figures = sorted(figure(draw.choices(results, k=len(results))) for _ in range(RESAMPLINGS))
    tail = RESAMPLINGS // 40
    return f"{form.format(figure(results))} ({form.format(figures[tail])} to {form.format(figures[-1 - tail])})"


def wilson(right, count, z=1.959964):
    """Wilson's interval for a share, 95 %."""
    share = right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)


def check(holds, otherwise):
    if not holds:
        sys.exit(f"strategies: {otherwise}")


# ----------------------------------------------------------------------------------------------------------------- engines

class Engines:
    """A broker, the engines that the models need, and the gateway in front of them."""

    def __init__(self, work, models, llama_server):
        self.work = work
        self.own = [name for name in models if name != "smollm2"]
        self.llama_server = llama_server
        self.processes = []

    def __enter__(self):
        try:
            classes = ["-Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.edistream.schemas", "-cp", f"{HOME}/cli/target/lib/*"]
            broker = subprocess.Popen(
                [java(), *classes, HOME / "samples/java/Broker.java"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self.processes.append(broker)
            # A broker that is late says so beside it.
            self.bootstrap = next((line.strip() for line in broker.stdout if re.fullmatch(r"[\w.]+:\d+\n", line)), None)
            check(self.bootstrap, "the broker has ended")
            upstreams = []
            if self.llama_server:
                upstreams.append(
                    f"{{name: llama, url: '{self.llama_server}', kind: llamacpp, vocabulary: 49152, models: [smollm2]}}"
                )
            if self.own:
                routes = [part for name in self.own[1:] for part in ("--route", f"{name}=models/{name}")]
                own = self.start("serve", "", ["--model", f"models/{self.own[0]}", *routes])
                upstreams.append(f"{{name: own, url: '{own}', kind: generic, models: [{', '.join(self.own)}]}}")
            self.gateway = self.start("gateway", f"upstreams: [{', '.join(upstreams)}]\n", [])
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self, command, config, options):
        """The address of a command that listens."""
        url = f"127.0.0.1:{free_port()}"
        file, log = self.work / f"{command}.yaml", self.work / f"{command}.log"
        file.write_text(f"listen: {url}\n{config}", "utf-8")
        with open(log, "w", encoding="utf-8") as out:
            process = subprocess.Popen(
                [HOME / "edistream", command, "--bootstrap-servers", self.bootstrap, "--config", file, *options],
                stdout=out, stderr=out, cwd=HOME,
            )
        self.processes.append(process)
        end = time.monotonic() + SECONDS
        while not is_ready(f"http://{url}/ready"):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"strategies: {command} is not ready:\n{log.read_text('utf-8')[-3000:]}")
            time.sleep(0.1)
        return f"http://{url}"

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def is_ready(url):
    try:
        with urllib.request.urlopen(url, timeout=SECONDS):
            return True
    except OSError:
        return False


def java():
    return os.path.join(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else shutil.which("java")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    main()
