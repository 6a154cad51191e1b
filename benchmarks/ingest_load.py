"""Sends batches of events to the tracking API as fast as answers come, in a process of its own, and prints what it saw as JSON.

    python -m benchmarks.ingest_load 8000 ll_server_… --connections 8 --seconds 5

A connection is kept open and sends its next batch when the last one was answered, as a busy server's client does. The batches are
made before the clock starts; the first second is not counted.
"""

import argparse
import base64
import json
import random
import selectors
import socket
import time

EVENTS_A_BATCH = 20
BATCHES = 100
WARM_UP_S = 1.0


def make_event(number: int, rng: random.Random) -> dict[str, object]:
    """Return a page view as a browser's client sends it, about 800 bytes."""
    page = rng.choice(["pricing", "docs/start", "blog/scoring", "product", "customers"])
    return {
        "type": "page",
        "messageId": f"benchmark-{number:010d}-{rng.getrandbits(64):016x}",
        "anonymousId": f"{rng.getrandbits(128):032x}",
        "timestamp": "2026-03-02T09:00:00.000Z",
        "properties": {
            "path": f"/{page}",
            "url": f"https://www.northwind.example/{page}?utm_source=newsletter&utm_campaign=spring",
            "title": f"{page} — Northwind",
            "referrer": "https://search.example/",
        },
        "context": {
            "library": {"name": "analytics.js", "version": "2.1.0"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
            "locale": "en-GB",
            "timezone": "Europe/Berlin",
            "page": {"path": f"/{page}", "search": "?utm_source=newsletter&utm_campaign=spring"},
            "campaign": {"source": "newsletter", "name": "spring"},
            "screen": {"width": 1920, "height": 1080, "density": 2},
        },
    }


def make_requests(key: str, port: int) -> list[bytes]:
    """Return whole requests, headers and all."""
    rng = random.Random(7)
    authorization = base64.b64encode(f"{key}:".encode()).decode()
    requests = []
    for batch in range(BATCHES):
        events = [make_event(batch * EVENTS_A_BATCH + one, rng) for one in range(EVENTS_A_BATCH)]
        body = json.dumps({"batch": events, "sentAt": "2026-03-02T09:00:01.000Z"}).encode()
        head = (
            f"POST /v1/batch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


def run(port: int, key: str, connections: int, seconds: float) -> dict[str, object]:
    """Send for some seconds; return how many events were acknowledged, and how long answers took."""
    requests = make_requests(key, port)
    chooser = selectors.DefaultSelector()
    sent_at: dict[socket.socket, float] = {}
    taken_s: list[float] = []
    acknowledged = failed = number = 0
    start = time.perf_counter()
    count_from, end = start + WARM_UP_S, start + WARM_UP_S + seconds

    def send(connection: socket.socket) -> None:
        nonlocal number
        sent_at[connection] = time.perf_counter()
        connection.sendall(requests[number % len(requests)])
        number += 1

    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(connection, selectors.EVENT_READ)
        send(connection)
    while sent_at:
        for key_, _ in chooser.select(timeout=10):
            connection = key_.fileobj  # type: ignore[assignment]
            answer = connection.recv(65_536)  # short, and so in one piece
            now = time.perf_counter()
            if answer.startswith(b"HTTP/1.1 200"):
                acknowledged += 1
            else:
                failed += 1
            if now >= count_from and now <= end:
                taken_s.append(now - sent_at[connection])
            if now < end and answer:
                send(connection)
            else:
                del sent_at[connection]
                chooser.unregister(connection)
                connection.close()
    taken_s.sort()
    return {
        "acknowledged_events": acknowledged * EVENTS_A_BATCH,
        "failed_requests": failed,
        "events_a_second": round(len(taken_s) * EVENTS_A_BATCH / seconds),
        "p50_ms": round(taken_s[len(taken_s) // 2] * 1000, 1),
        "p99_ms": round(taken_s[len(taken_s) * 99 // 100] * 1000, 1),
        "request_bytes": len(requests[0]),
    }


def main() -> None:
    """Read the arguments, send, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("key")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5)
    asked = parser.parse_args()
    print(json.dumps(run(asked.port, asked.key, asked.connections, asked.seconds)))


if __name__ == "__main__":
    main()
