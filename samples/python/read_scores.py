"""Prints the records of a topic, from its beginning, as JSON lines: any topic of Edistream, the scores if none is named.

    read_scores.py localhost:9092 [edistream.scores.v1 [RECORDS]]

Names are resolved by the schema that a record's header names. What is absent stays absent, which is not zero; a number
that is not finite is null; an integer that JSON readers would round is text. Ends after RECORDS, or never.
"""

import json
import math
import os
import struct
import sys
from io import BytesIO
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from fastavro import parse_schema, schemaless_reader
from fastavro.schema import fingerprint, to_parsing_canonical_form

VERSIONS = Path(__file__).parents[2] / "schemas/src/main/resources/io/edistream/schemas/versions"
MARKER = b"\xc3\x01"


def schemas_by_fingerprint():
    """Every version of every schema, by the 8 bytes that stand in a record's header."""
    files = Path(os.environ.get("EDISTREAM_SCHEMAS", VERSIONS)).glob("*/v*.avsc")
    schemas = [parse_schema(json.loads(file.read_text("utf-8"))) for file in files]
    return {bytes.fromhex(fingerprint(to_parsing_canonical_form(s), "CRC-64-AVRO")): s for s in schemas}


def decode(value, schemas):
    """The record's name and content, or an exception that says what is wrong with it."""
    if value is None or value[:2] != MARKER or len(value) < 10:
        raise ValueError("not a record in single-object encoding")
    if value[2:10] not in schemas:
        raise ValueError(f"no schema here has the fingerprint {value[2:10].hex()}")
    schema = schemas[value[2:10]]
    return {"type": schema["name"].rpartition(".")[2], "record": plain(schemaless_reader(BytesIO(value[10:]), schema))}


def plain(value, name=""):
    """The value as JSON has it; ids as people read them."""
    if isinstance(value, dict):
        return {key: plain(item, key) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        if name in ("sequence", "group"):
            generator, counter = value[:8], struct.unpack(">q", value[8:])[0]
            return f"{generator.hex()}-{counter}"
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def main(bootstrap, topic="edistream.scores.v1", records=None):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "edistream-sample", "enable.auto.commit": False})
    partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for partition in partitions])
    schemas = schemas_by_fingerprint()
    read = 0
    while records is None or read < int(records):
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error():
            sys.exit(f"{topic}: {message.error()}")
        try:
            print(json.dumps(decode(message.value(), schemas), ensure_ascii=False, allow_nan=False), flush=True)
        except Exception as e:  # fastavro throws EOFError, IndexError, struct.error and more on damaged bytes
            print(f"{topic} {message.partition()} {message.offset()}: {e}", file=sys.stderr)
        read += 1


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) > 1 else sys.exit(__doc__)
