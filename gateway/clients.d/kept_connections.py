"""Asks a llama-server 25 things at once, five times on connections that stay open and five times on such that do not, and prints the longest waits."""

import http.client
import json
import sys
import threading
import time
import urllib.parse

AT_ONCE = 25
ROUNDS = 5
# An engine closes idle connections by then: no round meets those of another.
UNTIL_CLOSED_SECONDS = 6


def wait_of(connection, headers, waits):
    begin = time.monotonic()
    connection.request("POST", "/tokenize", json.dumps({"content": "a"}), {"Content-Type": "application/json"} | headers)
    connection.getresponse().read()
    waits.append(time.monotonic() - begin)


def longest_wait(address, headers):
    """Seconds."""
    connections = [http.client.HTTPConnection(address) for _ in range(AT_ONCE)]
    for connection in connections:
        connection.connect()
    waits = []
    threads = [threading.Thread(target=wait_of, args=(connection, headers, waits)) for connection in connections]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for connection in connections:
        connection.close()
    if len(waits) < AT_ONCE:
        sys.exit("Not all were answered.")
    return max(waits)


def main():
    address = urllib.parse.urlsplit(sys.argv[1]).netloc
    for name, headers in (("kept", {}), ("closed", {"Connection": "close"})):
        longest = []
        for _ in range(ROUNDS):
            longest.append(longest_wait(address, headers))
            time.sleep(UNTIL_CLOSED_SECONDS)
        print(f"{name}: the last of {AT_ONCE} waited {', '.join(f'{wait:.2f}' for wait in longest)} s")


main()
