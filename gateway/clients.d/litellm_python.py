"""LiteLLM: reads a request a line, prints what it reads."""

import sys

import conversation
import litellm


def ask(body):
    engine_only = {"ignore_eos": body.pop("ignore_eos")} if "ignore_eos" in body else None
    answer = litellm.completion(
        model="openai/smollm2", api_base=f"{sys.argv[1]}/v1", api_key="none", timeout=60, extra_body=engine_only, **body
    )
    return answer, None


conversation.hold(ask, lambda answer: answer.model_dump(mode="json"), lambda stream: stream.completion_stream.close())
