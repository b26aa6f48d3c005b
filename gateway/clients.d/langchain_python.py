"""LangChain with langchain-openai: reads a request a line, prints what it reads."""

import sys

import conversation
from langchain_core.messages import convert_to_messages
from langchain_openai import ChatOpenAI


def ask(body):
    engine_only = {"ignore_eos": body.pop("ignore_eos")} if "ignore_eos" in body else None
    streamed = body.pop("stream", False)
    body.pop("stream_options", None)
    messages = body.pop("messages")
    model = ChatOpenAI(
        model="smollm2", base_url=f"{sys.argv[1]}/v1", api_key="none", timeout=60, stream_usage=streamed,
        extra_body=engine_only, use_responses_api=False,
    )
    if streamed:
        return model.stream(messages, **body), None
    return model.generate([convert_to_messages(messages)], **body), None


conversation.hold(ask, lambda answer: answer.model_dump(mode="json", serialize_as_any=True), lambda stream: stream.close())
