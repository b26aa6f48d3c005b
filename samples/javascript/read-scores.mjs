// Prints the records of a topic, from its beginning, as JSON lines: any topic of Edistream, the scores if none is named.
//
//     node read-scores.mjs localhost:9092 [edistream.scores.v1 [RECORDS]]
//
// Names are resolved by the schema that a record's header names. What is absent stays absent, which is not zero; a number
// that is not finite is null; an integer that JSON readers would round is text. Ends after RECORDS, or never.

import { Kafka, logLevel } from 'kafkajs';
import { decode, typesByFingerprint } from './contract.mjs';

// The value as JSON has it; ids as people read them.
function plain(value, name = '') {
  if (typeof value === 'bigint') {
    return value > -(2n ** 53n) && value < 2n ** 53n ? Number(value) : String(value);
  }
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Buffer.isBuffer(value)) {
    return name === 'sequence' || name === 'group'
      ? `${value.toString('hex', 0, 8)}-${value.readBigInt64BE(8)}`
      : value.toString('hex');
  }
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (value !== null && typeof value === 'object') {
    const present = Object.entries(value).filter(([, item]) => item !== null);
    return Object.fromEntries(present.map(([key, item]) => [key, plain(item, key)]));
  }
  return value;
}

async function main(bootstrap, topic = 'edistream.scores.v1', records = Infinity) {
  const types = typesByFingerprint();
  const kafka = new Kafka({ clientId: 'edistream-sample', brokers: [bootstrap], logLevel: logLevel.ERROR });
  // A group of its own, so that it reads everything and takes nothing from another reader.
  const consumer = kafka.consumer({ groupId: `edistream-sample-${Date.now()}-${process.pid}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let left = Number(records);
  await new Promise((done) => {
    const eachMessage = async ({ partition, message }) => {
      if (left <= 0) return;
      try {
        const { type, record } = decode(message.value, types);
        console.log(JSON.stringify({ type, record: plain(record) }));
      } catch (e) {
        console.error(`${topic} ${partition} ${message.offset}: ${e.message}`);
      }
      if (--left <= 0) done();
    };
    consumer.run({ eachMessage });
  });
  await consumer.disconnect();
}

if (process.argv.length < 3) {
  console.error('node read-scores.mjs BOOTSTRAP [TOPIC [RECORDS]]');
  process.exit(1);
}
await main(...process.argv.slice(2));
