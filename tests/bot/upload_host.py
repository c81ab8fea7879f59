"""A host of thumbnails on loopback, which answers what a test says and keeps what it was asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Upload:
    """A server of files: ``answers`` by path, each given in turn, the last one for ever."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    passwords: list[str | None] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    host: str = ""

    def url(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return f"http://{self.host}{path}"


def handler(upload: Upload) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            with upload.lock:
                upload.requests.append((self.path, self.headers["User-Agent"]))
                upload.moments.append(time.monotonic())
                upload.passwords.append(self.headers["Authorization"])
                upload.at_once += 1
                upload.most_at_once = max(upload.most_at_once, upload.at_once)
                left = upload.answers[self.path]
                status, headers, body = left.pop(0) if len(left) > 1 else left[0]
            if self.path == "/slow":
                time.sleep(0.05)
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            with upload.lock:
                upload.at_once -= 1
            self.end_headers()
            if self.path == "/drip":
                return drip(self.wfile, body)
            self.wfile.write(body)
            if int(headers.get("Content-Length", len(body))) > len(body):
                self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def drip(out: BufferedIOBase, body: bytes) -> None:
    """A byte at a time, until whoever reads goes away."""
    with suppress(OSError):
        for number in body:
            out.write(bytes([number]))
            time.sleep(0.02)


@contextmanager
def upload_host() -> Iterator[Upload]:
    """It answers as long as the block lasts."""
    state = Upload()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(state))
    server.daemon_threads = True
    state.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()
