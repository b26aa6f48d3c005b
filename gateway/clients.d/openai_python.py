"""openai for Python: reads a request a line, prints what it reads."""

import sys

import conversation
import openai

client = openai.OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="none", timeout=60)


def ask(body):
    engine_only = {"ignore_eos": body.pop("ignore_eos")} if "ignore_eos" in body else None
    raw = client.chat.completions.with_raw_response.create(model="smollm2", extra_body=engine_only, **body)
    return raw.parse(), raw.headers.get("x-edistream-sequences")


conversation.hold(ask, lambda answer: answer.model_dump(mode="json"), lambda stream: stream.close())
