"""Is a source of tokens: one sequence of five tokens, the fourth of them forced and so without measurements.

    write_tokens.py localhost:9092 [edistream.token-entropy.v1]

Prints the id of the source.
"""

import json
import math
import os
import secrets
import sys
import time
from io import BytesIO
from pathlib import Path

from confluent_kafka import Producer
from fastavro import parse_schema, schemaless_writer
from fastavro.schema import fingerprint, to_parsing_canonical_form

VERSIONS = Path(__file__).parents[2] / "schemas/src/main/resources/io/edistream/schemas/versions"
FILE = Path(os.environ.get("EDISTREAM_SCHEMAS", VERSIONS)) / "TokenEntropyBatch/v1.avsc"
SCHEMA = parse_schema(json.loads(FILE.read_text("utf-8")))
HEADER = b"\xc3\x01" + bytes.fromhex(fingerprint(to_parsing_canonical_form(SCHEMA), "CRC-64-AVRO"))


def encode(record):
    """The record in single-object encoding; fields that are left out get their defaults."""
    out = BytesIO()
    schemaless_writer(out, SCHEMA, record)
    return HEADER + out.getvalue()


def steps(generator):
    """What the source says, step by step; each step has the next record number."""
    now = time.time_ns() // 1000
    start = {
        "sequence": 0,
        "group": 0,
        "model": "sample",
        "route": "default",
        "entropy_kind": {"distribution": "RAW", "measurement": "EXACT"},
        "sampling": {"temperature": 1.0, "seed": 2**62 + 1},
        "started_at_micros": now,
    }
    yield {
        **{"generator": generator, "record_number": 0, "decoded_at_micros": now},
        "starts": [start],
        "runs": [{"sequence": 0, "first_token": 0, "tokens": 3}],
        "entropies": [0.25, 1.5, 0.125],
        "logprobs": [-0.125, -2.0, -0.0625],
        "confidences": [9.5, 8.0, 10.0],
    }
    yield {
        **{"generator": generator, "record_number": 1, "decoded_at_micros": now + 1},
        "runs": [{"sequence": 0, "first_token": 3, "tokens": 2}],
        "entropies": [math.nan, 0.5],
        "logprobs": [math.nan, -0.25],
        "confidences": [math.nan, 9.0],
        "unmeasured": [{"place": 0, "reason": "FORCED"}],
        "forced": [{"place": 0}],
        "finishes": [{"sequence": 0, "tokens": 5, "reason": "END_OF_SEQUENCE", "finished_at_micros": now + 1}],
    }


def main(bootstrap, topic="edistream.token-entropy.v1"):
    generator = secrets.token_bytes(8)  # a new one at every start
    producer = Producer({"bootstrap.servers": bootstrap, "partitioner": "murmur2_random"})  # Java's partitions
    failures = []
    for step in steps(generator):
        producer.produce(topic, encode(step), generator, on_delivery=lambda e, _: failures.append(e) if e else None)
    if producer.flush(30) > 0 or failures:
        sys.exit(f"{topic}: not everything was delivered: {failures}")
    print(generator.hex())


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
