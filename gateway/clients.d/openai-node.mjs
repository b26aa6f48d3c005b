// openai for Node.js: reads a request a line, prints what it reads; see conversation.py.
import { createInterface } from "node:readline";
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "none", timeout: 60_000 });

for await (const line of createInterface({ input: process.stdin })) {
  const { name, body } = JSON.parse(line);
  const { data, response } = await client.chat.completions.create({ model: "smollm2", ...body }).withResponse();
  const read = [];
  if (body.stream) {
    for await (const event of data) {
      read.push(event);
      if (read.length === 3 && name === "cancel") {
        data.controller.abort();
        break;
      }
      if (read.length === 3 && name.startsWith("abort")) {
        console.log(JSON.stringify(response.headers.get("x-edistream-sequences")));
      }
    }
  } else {
    read.push(data);
  }
  console.log(JSON.stringify(read));
}
