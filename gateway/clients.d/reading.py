"""What a client read of a chat, whatever shape it has it in."""


class Read:
    """Of each choice its text and its end; and of all the ids, the numbers of tokens, the log-probabilities and what Edistream told."""

    def __init__(self, ids, texts, finishes, usages, notices, logprobs):
        self.ids, self.texts, self.finishes, self.usages = set(ids), texts, finishes, usages
        self.notices, self.logprobs = notices, logprobs

    @property
    def text(self):
        return self.texts[0]

    @staticmethod
    def of_openai(events):
        """Events of a stream, or one body."""
        choices = sorted((choice for event in events for choice in event["choices"]), key=lambda choice: choice["index"])
        texts = {}
        for choice in choices:
            said = choice.get("delta") or choice.get("message") or {}
            texts[choice["index"]] = texts.get(choice["index"], "") + (said.get("content") or "")
        return Read(
            [event["id"] for event in events],
            list(texts.values()),
            [choice["finish_reason"] for choice in choices if choice.get("finish_reason")],
            [tuple(event["usage"][name] for name in ("prompt_tokens", "completion_tokens")) for event in events if event.get("usage")],
            [event["edistream"] for event in events if "action" in (event.get("edistream") or {})],
            [
                [(one["token"], one["logprob"]) for one in [token, *token["top_logprobs"]]]
                for choice in choices for token in (choice.get("logprobs") or {}).get("content") or []
            ],
        )

    @staticmethod
    def of_langchain(chunks):
        """Chunks of a stream, or what generate returns. It has no place for members that it does not know."""
        if chunks and "generations" in chunks[0]:
            chunks = [choice["message"] for choice in chunks[0]["generations"][0]]
            texts = [message["content"] for message in chunks]
        else:
            texts = ["".join(chunk["content"] for chunk in chunks)]
        metadata = [chunk["response_metadata"] for chunk in chunks]
        usages = [chunk["usage_metadata"] for chunk in chunks if chunk.get("usage_metadata")]
        return Read(
            [chunk["id"] for chunk in chunks],
            texts,
            [end["finish_reason"] for end in metadata if end.get("finish_reason")],
            # Each choice has the numbers of all.
            sorted({(usage["input_tokens"], usage["output_tokens"]) for usage in usages}),
            None,
            None,
        )
