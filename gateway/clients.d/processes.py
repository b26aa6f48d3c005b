"""What tries of clients share: the clients' processes and libraries, and a broker with the gateway before engines.

The libraries are installed once, outside the tree, into ${XDG_CACHE_HOME:-~/.cache}/edistream/clients.
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


def use_own_python():
    """Goes on in the Python that has the clients' libraries, and the Kafka client."""
    python = own_python()
    if Path(sys.prefix) != python.parents[1]:
        os.execv(python, [str(python), *sys.argv])


def own_python():
    return installed("python", "requirements.txt", install_python) / "bin/python"


def in_node(work, name):
    """The command of a client for Node.js. Modules are looked for beside the file that imports them, and the tree is to stay as it is."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        sys.exit("clients: Node.js 20 or newer with npm is needed")
    modules = installed("node", "package-lock.json", lambda folder: install_node(npm, folder)) / "node_modules"
    (work / "node_modules").symlink_to(modules)
    shutil.copy(FOLDER / name, work)
    return [node, work / name]


def in_java(name):
    """The command of a client for Java."""
    libraries = installed("java", "pom.xml", install_java)
    return [java(), "-cp", f"{libraries}/*", FOLDER / name]


def in_python(name):
    """The command of a client for Python."""
    return [own_python(), FOLDER / name]


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
    """A broker, and the gateway before engines or with one of its own."""

    def __init__(self, configuration, work, *command):
        """The configuration is JSON, which is YAML, without where it listens; the command is gateway, or serve with its options."""
        self.configuration, self.work, self.command = configuration, work, command or ("gateway",)
        self.processes, self.logs = [], []

    def __enter__(self):
        classes = ["-Dorg.apache.avro.SERIALIZABLE_PACKAGES=io.edistream.schemas", "-cp", f"{HOME}/cli/target/lib/*"]
        try:
            broker = subprocess.Popen(
                [java(), *classes, HOME / "samples/java/Broker.java"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            self.processes.append(broker)
            # A broker that is late says so beside it.
            self.bootstrap = next((line.strip() for line in broker.stdout if re.fullmatch(r"[\w.]+:\d+\n", line)), None)
            if self.bootstrap is None:
                sys.exit("clients: the broker has ended")
            port = free_port()
            self.url = f"http://127.0.0.1:{port}"
            file = self.work / "gateway.yaml"
            file.write_text(json.dumps({"listen": f"127.0.0.1:{port}", **self.configuration}))
            self.run(*self.command, "--config", file)
            until("it is ready", lambda: get(f"{self.url}/ready") is not None and self.metrics(), 3 * SECONDS)
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, *_):
        for log in self.logs if kind else []:
            print(log.read_text()[-3000:], file=sys.stderr)
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()

    def run(self, name, *words):
        """Starts a command of ours that runs until this ends."""
        self.logs.append(self.work / f"{name}.log")
        with open(self.logs[-1], "w") as log:
            command = [HOME / "edistream", name, "--bootstrap-servers", self.bootstrap, *words]
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log))

    def metrics(self):
        """The gateway's own, by name and labels."""
        text = get(f"{self.url}/metrics") or ""
        return {key: float(value) for key, value in re.findall(r"(?m)^edistream_gateway_(\S+) (\S+)$", text)}

    def abort(self, sequence):
        """Commands the end of a sequence, as a job would."""
        self.command_to(sequence, {"action": "ABORT"})

    def command_to(self, sequence, members):
        """Sends a command, as a job would."""
        from confluent_kafka import Producer
        from fastavro import parse_schema, schemaless_writer
        from fastavro.schema import fingerprint, to_parsing_canonical_form

        schema = parse_schema(json.loads((VERSIONS / "Command/v1.avsc").read_text("utf-8")))
        generator, counter = sequence.split("-")
        now = time.time_ns() // 1000
        out = BytesIO()
        command = {
            "command_id": os.urandom(16), "sequence": bytes.fromhex(generator) + int(counter).to_bytes(8, "big"),
            "mode": "ARMED", "rule": "clients", "revision": 1, "model": "smollm2", "route": "default",
            "decided_at_token": 1, "decoded_at_micros": now, "sent_at_token": 1, "sent_token_at_micros": now, "reason": "to see an end", "spare_last": False, **members,
        }
        schemaless_writer(out, schema, command)
        header = b"\xc3\x01" + bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))
        producer = Producer({"bootstrap.servers": self.bootstrap, "partitioner": "murmur2_random"})  # Java's partitions
        producer.produce("edistream.control.v1", header + out.getvalue(), bytes.fromhex(generator))
        same("commands that were not delivered", producer.flush(SECONDS), 0)


def same(what, actual, expected):
    if actual != expected:
        sys.exit(f"clients: {what}: expected\n  {json.dumps(expected)}\nbut was\n  {json.dumps(actual)}")


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
