// The stored schemas, and Avro's single-object encoding, which avsc leaves to its user.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import avro from 'avsc';

const VERSIONS =
  process.env.EDISTREAM_SCHEMAS ??
  fileURLToPath(new URL('../../schemas/src/main/resources/io/edistream/schemas/versions', import.meta.url));
const MARKER = Buffer.from([0xc3, 0x01]);

// Longs are BigInts: a number of JavaScript loses digits from 2^53 on, and avsc refuses such a record.
const long = avro.types.LongType.__with({
  fromBuffer: (bytes) => bytes.readBigInt64LE(),
  toBuffer: (n) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(n);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (n) => typeof n === 'bigint',
  compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0),
});

// CRC-64-AVRO of a schema's canonical form, as it stands in headers: little endian.
const EMPTY = 0xc15d213aa4d7a795n;
const TABLE = [...Array(256).keys()].map((i) => {
  let crc = BigInt(i);
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (EMPTY & -(crc & 1n));
  return crc;
});
function fingerprint(type) {
  let crc = EMPTY;
  for (const byte of Buffer.from(JSON.stringify(type.schema()))) {
    crc = (crc >> 8n) ^ TABLE[Number((crc ^ BigInt(byte)) & 0xffn)];
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(crc);
  return bytes;
}

function load(file) {
  return avro.Type.forSchema(JSON.parse(fs.readFileSync(file, 'utf8')), { registry: { long } });
}

// Every version of every schema, by the fingerprint in hexadecimal.
export function typesByFingerprint() {
  const files = fs.readdirSync(VERSIONS, { recursive: true }).filter((file) => file.endsWith('.avsc'));
  const types = files.map((file) => load(path.join(VERSIONS, file)));
  return new Map(types.map((type) => [fingerprint(type).toString('hex'), type]));
}

export function decode(value, types) {
  if (!value || value.length < 10 || !value.subarray(0, 2).equals(MARKER)) {
    throw new Error('not a record in single-object encoding');
  }
  const type = types.get(value.toString('hex', 2, 10));
  if (!type) throw new Error(`no schema here has the fingerprint ${value.toString('hex', 2, 10)}`);
  return { type: type.branchName.split('.').pop(), record: type.fromBuffer(value.subarray(10)) };
}

// An encoder of records of one schema; fields that are left out get their defaults.
export function encoder(name, version = 1) {
  const type = load(path.join(VERSIONS, name, `v${version}.avsc`));
  const header = Buffer.concat([MARKER, fingerprint(type)]);
  return (record) => Buffer.concat([header, type.toBuffer(record)]);
}
