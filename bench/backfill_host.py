"""A host of thumbnails in a process of its own, which answers after a while, as a far one does."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Final

LATENCY: Final = 0.05
"""Seconds until it answers."""


@contextmanager
def host(photos: Sequence[bytes]) -> Iterator[str]:
    """Its name and port; ``/0`` is the first photo. Another process, as its work is not ours."""
    way = multiprocessing.get_context("spawn")
    ours, theirs = way.Pipe()
    process = way.Process(target=_serve, args=(theirs, tuple(photos)), daemon=True)
    process.start()
    try:
        yield f"127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, photos: Sequence[bytes]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(photos)) as server:
        pipe.send(server.server_address[1])
        server.serve_forever()


def _handler(photos: Sequence[bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # head and body are two writes: the second one would wait for the first one's receipt
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = photos[int(self.path.removeprefix("/"))]
            time.sleep(LATENCY)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    return Handler
