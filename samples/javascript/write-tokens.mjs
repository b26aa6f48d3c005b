// Is a source of tokens: one sequence of five tokens, the fourth of them forced and so without measurements.
//
//     node write-tokens.mjs localhost:9092 [edistream.token-entropy.v1]
//
// Prints the id of the source.

import { randomBytes } from 'node:crypto';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import { encoder } from './contract.mjs';

// What the source says, step by step; each step has the next record number. Counters and times are longs, so BigInts.
function steps(generator) {
  const now = BigInt(Date.now()) * 1000n;
  const start = {
    sequence: 0n,
    group: 0n,
    model: 'sample',
    route: 'default',
    entropy_kind: { distribution: 'RAW', measurement: 'EXACT' },
    sampling: { temperature: 1, seed: 2n ** 62n + 1n },
    started_at_micros: now,
  };
  return [
    {
      generator,
      record_number: 0n,
      decoded_at_micros: now,
      starts: [start],
      runs: [{ sequence: 0n, first_token: 0, tokens: 3 }],
      entropies: [0.25, 1.5, 0.125],
      logprobs: [-0.125, -2, -0.0625],
      confidences: [9.5, 8, 10],
    },
    {
      generator,
      record_number: 1n,
      decoded_at_micros: now + 1n,
      runs: [{ sequence: 0n, first_token: 3, tokens: 2 }],
      entropies: [NaN, 0.5],
      logprobs: [NaN, -0.25],
      confidences: [NaN, 9],
      unmeasured: [{ place: 0, reason: 'FORCED' }],
      forced: [{ place: 0 }],
      finishes: [{ sequence: 0n, tokens: 5, reason: 'END_OF_SEQUENCE', finished_at_micros: now + 1n }],
    },
  ];
}

async function main(bootstrap, topic = 'edistream.token-entropy.v1') {
  const generator = randomBytes(8); // a new one at every start
  const encode = encoder('TokenEntropyBatch');
  const kafka = new Kafka({ clientId: 'edistream-sample', brokers: [bootstrap], logLevel: logLevel.ERROR });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic, messages: steps(generator).map((step) => ({ key: generator, value: encode(step) })) });
  await producer.disconnect();
  console.log(generator.toString('hex'));
}

if (process.argv.length < 3) {
  console.error('node write-tokens.mjs BOOTSTRAP [TOPIC]');
  process.exit(1);
}
await main(...process.argv.slice(2));
