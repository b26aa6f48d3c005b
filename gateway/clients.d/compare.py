#!/usr/bin/env python3
"""Compares what unchanged clients read from a llama-server directly and through the gateway: compare.py http://127.0.0.1:8080

Starts a broker and ./edistream gateway. Each client answers requests.json twice; ids, times and the engine's own timings may differ and
nothing else. Two clients are then ended by a command. The libraries are installed once, outside the tree, into
${XDG_CACHE_HOME:-~/.cache}/edistream/clients.
"""

import hashlib
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from io import BytesIO
from pathlib import Path

HOME = Path(__file__).resolve().parents[2]
FOLDER = HOME / "gateway/clients.d"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edistream/clients"
VERSIONS = HOME / "schemas/src/main/resources/io/edistream/schemas/versions"
SECONDS = 60

# A client that leaves frees its slot at once. The answer that it leaves would take longer than that.
FREE_SECONDS = 5

# Made anew for each answer, or measured by the engine's clock.
DIFFERS = {"id", "run_id", "created", "_request_id"}


def main(engine):
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        sys.exit("clients: Node.js 20 or newer with npm is needed")
    python = installed("python", "requirements.txt", install_python) / "bin/python"
    if Path(sys.prefix) != python.parents[1]:
        os.execv(python, [str(python), *sys.argv])  # this script needs the Kafka client, too
    modules = installed("node", "package-lock.json", lambda folder: install_node(npm, folder)) / "node_modules"
    libraries = installed("java", "pom.xml", install_java)
    requests = json.loads((FOLDER / "requests.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        # Modules are looked for beside the file that imports them, and the tree is to stay as it is.
        (work / "node_modules").symlink_to(modules)
        shutil.copy(FOLDER / "openai-node.mjs", work)
        clients = {
            "openai for Python": [python, FOLDER / "openai_python.py"],
            "openai for Node.js": [node, work / "openai-node.mjs"],
            "openai-java": [java(), "-cp", f"{libraries}/*", FOLDER / "OpenAiJava.java"],
            "LangChain": [python, FOLDER / "langchain_python.py"],
            "LiteLLM": [python, FOLDER / "litellm_python.py"],
        }
        with Gateway(engine, work) as gateway:
            for name, command in clients.items():
                compare(name, command, requests, engine, gateway)
            for name in ("openai for Python", "openai for Node.js"):
                end(name, clients[name], requests, engine, gateway)


def compare(name, command, requests, engine, gateway):
    """A client reads the same from both, and the gateway has watched all that it read."""
    begin = time.monotonic()
    with Client(name, command, engine) as directly:
        expected = {what: directly.ask(what, body, engine) for what, body in requests.items()}
    before = gateway.metrics()
    with Client(name, command, gateway.url) as through:
        for what, body in requests.items():
            same(f"{name}, {what}", through.ask(what, body, engine), expected[what])
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


class Client:
    """A client's process."""

    def __init__(self, name, command, base):
        self.name = name
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [str(part) for part in [*command, base]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ask(self, what, body, engine):
        """What it reads, without what may differ."""
        self.write(what, body)
        read = comparable(self.read())
        if what == "cancel":
            until_free(engine, f"{self.name}, {what}")
        return read

    def write(self, what, body):
        self.process.stdin.write(json.dumps({"name": what, "body": body}) + "\n")
        self.process.stdin.flush()

    def read(self):
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.errors.seek(0)
            sys.exit(f"clients: {self.name} has not answered:\n{self.errors.read()[-3000:]}")
        return json.loads(line)


class Gateway:
    """A broker and the gateway before the engine."""

    def __init__(self, engine, work):
        self.engine, self.work = engine, work
        self.processes = []

    def __enter__(self):
        classes = ["-Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.edistream.schemas", "-cp", f"{HOME}/cli/target/lib/*"]
        try:
            broker = subprocess.Popen(
                [java(), *classes, HOME / "samples/java/Broker.java"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self.processes.append(broker)
            self.bootstrap = broker.stdout.readline().strip()
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            (self.work / "gateway.yaml").write_text(
                f"listen: 127.0.0.1:{port}\n"
                f"upstreams: [{{name: llama, url: '{self.engine}', kind: llamacpp, vocabulary: 49152}}]\n"
            )
            self.log = self.work / "gateway.log"
            with open(self.log, "w") as log:
                self.processes.append(
                    subprocess.Popen(
                        [HOME / "edistream", "gateway", "--bootstrap-servers", self.bootstrap, "--config", self.work / "gateway.yaml"],
                        stdout=log, stderr=log,
                    )
                )
            until("the gateway is ready", lambda: get(f"{self.url}/ready") is not None and self.metrics(), SECONDS)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        if kind and hasattr(self, "log"):
            print(self.log.read_text()[-3000:], file=sys.stderr)
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def metrics(self):
        """The gateway's own, by name and labels."""
        text = get(f"{self.url}/metrics") or ""
        return {key: float(value) for key, value in re.findall(r"(?m)^edistream_gateway_(\S+) (\S+)$", text)}

    def abort(self, sequence):
        """Commands the end of a sequence, as a job would."""
        from confluent_kafka import Producer
        from fastavro import parse_schema, schemaless_writer
        from fastavro.schema import fingerprint, to_parsing_canonical_form

        schema = parse_schema(json.loads((VERSIONS / "Command/v1.avsc").read_text("utf-8")))
        generator, counter = sequence.split("-")
        now = time.time_ns() // 1000
        out = BytesIO()
        command = {
            "command_id": os.urandom(16), "sequence": bytes.fromhex(generator) + int(counter).to_bytes(8, "big"),
            "action": "ABORT", "mode": "ARMED", "rule": "clients", "revision": 1, "model": "smollm2", "route": "default",
            "decided_at_token": 1, "decoded_at_micros": now, "sent_at_token": 1, "sent_token_at_micros": now, "reason": "to see an end", "spare_last": False,
        }
        schemaless_writer(out, schema, command)
        header = b"\xc3\x01" + bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))
        producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})  # Java's partitions
        producer.produce("edistream.control.v1", header + out.getvalue(), bytes.fromhex(generator))
        same("commands that were not delivered", producer.flush(SECONDS), 0)


def comparable(value):
    """A tree without what may differ: tool calls keep that they have an id."""
    if isinstance(value, dict):
        return {key: bool(inner) if key in DIFFERS else comparable(inner) for key, inner in value.items() if key != "timings"}
    if isinstance(value, list):
        return [comparable(inner) for inner in value]
    return value


def same(what, actual, expected):
    if actual != expected:
        sys.exit(f"clients: {what}: expected\n  {json.dumps(expected)}\nbut was\n  {json.dumps(actual)}")


def until_free(engine, what):
    idle = lambda: not any(slot["is_processing"] for slot in json.loads(get(f"{engine}/slots")))
    until(f"{what}: its slot is free", idle, FREE_SECONDS)


def until(what, condition, seconds):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"clients: not within {seconds} seconds: {what}")
        time.sleep(0.05)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            return response.read().decode()
    except OSError:
        return None


def java():
    return os.path.join(os.environ["JAVA_HOME"], "bin/java") if os.environ.get("JAVA_HOME") else shutil.which("java")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def installed(language, pins, install):
    """The folder with a language's libraries, installed if these versions are not there yet."""
    digest = hashlib.sha256((FOLDER / pins).read_bytes() + sys.version.encode()).hexdigest()[:16]
    folder = CACHE / f"{language}-{digest}"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        install(folder)
        (folder / "complete").touch()
    return folder


def install_python(folder):
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin/pip", "install", "--quiet", "-r", FOLDER / "requirements.txt"], check=True)


def install_java(folder):
    subprocess.run(
        [HOME / "mvnw", "--batch-mode", "--quiet", *os.environ.get("EDISTREAM_MAVEN_ARGUMENTS", "").split(), "-f", FOLDER / "pom.xml",
         "dependency:copy-dependencies", f"-DoutputDirectory={folder}"],
        cwd=HOME, check=True,
    )


def install_node(npm, folder):
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, folder)
    subprocess.run([npm, "ci", "--loglevel=error", "--no-audit", "--no-fund"], cwd=folder, check=True)


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) == 2 else sys.exit(__doc__)
