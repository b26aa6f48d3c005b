#!/usr/bin/env python3
"""An engine with OpenAI's protocol that answers every request with the same stream of tokens and their log-probabilities.

  dashboards/faults/engine.py PORT
"""

import http.server
import json
import math
import sys

TOKENS = 16


class Engine(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"vllm:num_requests_running 0.0\n")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for token in range(TOKENS):
            self.event(choices=[{"index": 0, "delta": {"content": " a"}, "logprobs": {"content": [measured(token)]}}])
        self.event(choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
        self.event(choices=[], usage={"prompt_tokens": 4, "completion_tokens": TOKENS})
        self.wfile.write(b"data: [DONE]\n\n")

    def event(self, **members):
        self.wfile.write(b"data: " + json.dumps({"id": "1", "model": "m", **members}).encode() + b"\n\n")

    def log_message(self, *words):
        pass


def measured(token):
    """Twenty of many alternatives, flatter and flatter."""
    weights = [1 / (1 + rank) ** (3 - token / 8) for rank in range(40)]
    listed = [{"token": f" {rank}", "logprob": math.log(w / sum(weights))} for rank, w in enumerate(weights[:20])]
    return {**listed[0], "top_logprobs": listed}


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Engine).serve_forever()
