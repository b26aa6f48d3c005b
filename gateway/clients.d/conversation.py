"""How the clients in Python are told what to ask: a request is a line of JSON on standard input, what the client read a line of output.

The request "cancel" is left after its first three events, and then waited on for the next line: it must not be the end of the process that
closes it.
"""

import json
import sys


def hold(ask, plain, close):
    """Asks by ask(body), which returns the answer and the ids of its sequences; plain() makes JSON of what the client read."""
    for line in sys.stdin:
        request = json.loads(line)
        streamed = request["body"].get("stream", False)
        answer, sequences = ask(request["body"])
        read = []
        if streamed:
            for event in answer:
                read.append(plain(event))
                if len(read) == 3 and request["name"] == "cancel":
                    close(answer)
                    break
                if len(read) == 3 and request["name"].startswith("abort"):
                    print(json.dumps(sequences), flush=True)
        else:
            read.append(plain(answer))
        print(json.dumps(read), flush=True)
