"""A server on loopback between the bot and a wiki, that does to answers what networks do.

``with Faulty(port) as faulty:`` — the bot asks ``faulty.api``; ``faulty.rules`` says which answers
are spoilt, and how. What was asked, when, and what came of it is in ``faulty.seen``.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlsplit

from tests.bot.faults import Fault, Sent, whole
from tests.mediawiki.upstream import Upstream

HOST: Final = "127.0.0.1"
API: Final = "/w/api.php"
_RUDELY: Final = struct.pack("ii", 1, 0)


class Kind(StrEnum):
    """What a request of a run is for."""

    START = "start-up"
    LOGIN = "login"
    SWITCH = "switch page"
    STEERING = "lists and opt-outs"
    LIST = "list"
    PAGES = "pages"
    ENTITIES = "entities"
    THUMBNAIL = "thumbnail"


AT_WORK: Final = (Kind.SWITCH, Kind.STEERING, Kind.LIST, Kind.PAGES, Kind.ENTITIES)
"""Of the API, once the bot is logged in."""


def kind_of(path: str, params: dict[str, str]) -> Kind:
    """Which kind a request to this path is of."""
    if path != API:
        return Kind.THUMBNAIL
    if "titles" in params:
        return Kind.SWITCH if "switch" in params["titles"] else Kind.STEERING
    if params.get("action") in ("login", "clientlogin") or "tokens" in params.get("meta", ""):
        return Kind.LOGIN
    if params.get("action") == "wbgetentities":
        return Kind.ENTITIES
    if "pageids" in params:
        return Kind.PAGES
    return Kind.LIST if "list" in params else Kind.START


When = Callable[[int], bool]
"""Whether the n-th request of a kind, from 1, is spoilt."""


def once(number: int) -> bool:
    return number == 1


def always(_: int) -> bool:
    return True


def from_second(number: int) -> bool:
    return number > 1


def every_other(number: int) -> bool:
    return number % 2 == 1


@dataclass(frozen=True, slots=True)
class Rule:
    """A fault of some kinds of requests."""

    fault: Fault
    kinds: Sequence[Kind]
    when: When = once


@dataclass(frozen=True, slots=True)
class Seen:
    """A request; ``at`` and ``answered`` by ``time.monotonic``; ``fault`` '' where none was."""

    kind: Kind
    path: str
    at: float
    answered: float
    fault: str


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def shutdown_request(self, request: Any) -> None:
        """Without a farewell, where the connection is to be reset."""
        with suppress(OSError):
            if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER):
                return self.close_request(request)
        return super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up while we speak is no fault of ours."""


@dataclass
class Faulty:
    """Before the wiki at this port of this machine."""

    upstream_port: int
    rules: Sequence[Rule] = ()
    seen: list[Seen] = field(default_factory=list)
    _times: Counter[Kind] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._server = _Server((HOST, 0), _handler(self))
        self.upstream = Upstream((HOST, self.upstream_port), self.host)

    @property
    def host(self) -> str:
        return f"{HOST}:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def api(self) -> str:
        return self.url + API

    def well(self) -> None:
        """From now on nothing is spoilt."""
        self.rules = ()
        self.forget()

    def forget(self) -> None:
        """Count requests anew."""
        with self._lock:
            self.seen.clear()
            self._times.clear()

    def fault_for(self, kind: Kind) -> Fault | None:
        """The fault of the next request of this kind."""
        with self._lock:
            self._times[kind] += 1
            number = self._times[kind]
            found = [r.fault for r in self.rules if kind in r.kinds and r.when(number)]
        return found[0] if found else None

    def pause(self, seconds: float) -> None:
        self._over.wait(seconds)

    def asked(self, *kinds: Kind) -> list[Seen]:
        """The requests of these kinds, in the order in which they came."""
        return sorted((s for s in self.seen if s.kind in kinds), key=lambda s: s.at)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(faulty: Faulty) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            began = time.monotonic()
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            target = urlsplit(self.path)
            params = dict(parse_qsl(target.query) + parse_qsl(body.decode("latin-1")))
            kind = kind_of(target.path, params)
            fault = faulty.fault_for(kind)
            answer = faulty.upstream.send(self.command, self.path, self.headers.items(), body)
            sent = fault.spoil(answer) if fault else whole(answer)
            faulty.seen.append(Seen(kind, target.path, began, time.monotonic(), str(fault or "")))
            self._send(sent)

        def do_POST(self) -> None:
            self.do_GET()

        def _send(self, sent: Sent) -> None:
            self.close_connection = True
            for piece in sent.pieces:
                if isinstance(piece, bytes):
                    self.wfile.write(piece)
                else:
                    faulty.pause(piece)
            if sent.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RUDELY)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


class Elsewhere:
    """A server that nobody should be led to; ``met``: the method, cookies and body of each."""

    def __init__(self) -> None:
        self.met: list[str] = []
        self._server = _Server((HOST, 0), self._listening())
        self.url = f"http://{HOST}:{self._server.server_address[1]}/w/api.php"

    def _listening(self) -> type[BaseHTTPRequestHandler]:
        met = self.met

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                met.append(f"{self.command} {self.headers.get('Cookie', '')} {body.decode()}")
                self.send_response(204)
                self.end_headers()

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
