"""Faults of those who ask, by what they send: too large, malformed, no HTTP at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from bench.faults_client import Answer, fault_of, talk
from bench.faults_kinds import Fault
from bench.faults_ledger import CUT_OFF, Seen
from bench.faults_stand import Scene, Stand

WRITE: Final = "/api/v1/files/M1/decisions"
HEAD: Final = f"POST {WRITE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BY_SERVER: Final = (400, 408, 411, 413, 414, 431, 501, 505)
"""How gunicorn refuses by itself what is no HTTP."""


def head(*lines: str) -> bytes:
    """Of a request that decides, with these headers more."""
    return (HEAD + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


def _chunks(body: bytes, size: str = "") -> bytes:
    return f"{size or format(len(body), 'x')}\r\n".encode() + body + b"\r\n"


OVERSIZED: Final[Mapping[str, bytes]] = {
    "a length that lies upwards": head("Content-Length: 1000") + b'{"token"',
    "a length that lies downwards": head("Content-Length: 2") + b"{}" + b"x" * 5000,
    "a length of a terabyte": head("Content-Length: 1099511627776") + b"{}",
    "a length that is no number": head("Content-Length: many") + b"{}",
    "a negative length": head("Content-Length: -5") + b"{}",
    "two lengths": head("Content-Length: 2", "Content-Length: 3") + b"{}",
    "a length and chunks": head("Content-Length: 2", "Transfer-Encoding: chunked") + b"2\r\n{}",
    "a megabyte": head("Content-Length: 1048576") + b" " * 1048576,
    "chunks without end": head("Transfer-Encoding: chunked") + _chunks(b" " * 4096) * 300,
    "a chunk of an exabyte": head("Transfer-Encoding: chunked") + _chunks(b"{}", "f" * 15),
    "a chunk without a size": head("Transfer-Encoding: chunked") + _chunks(b"{}", "xyz"),
    "a chunk without an end": head("Transfer-Encoding: chunked") + b"2\r\n{}abc\r\n0\r\n\r\n",
    "a chunk with a lie beside it": head("Transfer-Encoding: chunked") + b"2;\r=\r\n{}\r\n",
    "a size that never ends": head("Transfer-Encoding: chunked") + b"1" * 100_000,
    "a trailer that is none": head("Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\na b\r\n\r\n",
    "an encoding of nobody": head("Transfer-Encoding: cloud", "Content-Length: 2") + b"{}",
    "a hundred headers": head(*(f"X-{n}: 1" for n in range(100))),
    "a header of 100 kB": head(f"X-Long: {'x' * 100_000}"),
    "a path of 100 kB": f"GET /{'x' * 100_000} HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
}


def oversized(stand: Stand) -> Seen:
    """Each of OVERSIZED as bytes on a socket."""
    return _refused(stand.shared(), {name: _always(sent) for name, sent in OVERSIZED.items()})


def _always(sent: bytes) -> Callable[[str], bytes]:
    return lambda _: sent


def _refused(scene: Scene, cases: Mapping[str, Callable[[str], bytes]]) -> Seen:
    """Every case must be refused, store nothing, and leave the service as it was."""
    statuses = {}
    before = scene.service.workers
    for name, make in cases.items():
        token = scene.client.read(1)
        answer = talk(scene.client.address, make(token.headers["decision-token"] if token else ""))
        statuses[name] = answer.status if answer else 0
        amiss = _amiss(answer)
        scene.ledger.answered(str(statuses[name] or CUT_OFF), amiss and f"{name}: {amiss}")
    scene.whole()
    odd = {name: status for name, status in statuses.items() if not _refusal(status)}
    checks = {
        "each was refused": not odd,
        "no worker of gunicorn ended": scene.service.workers == before,
    }
    return scene.seen(checks, cases=len(cases), not_refused=odd)


def _refusal(status: int) -> bool:
    return 400 <= status < 500 or status in BY_SERVER


def _amiss(answer: Answer | None) -> str:
    """What is wrong with a refusal; gunicorn's own, of what is no HTTP, is a page of its own."""
    if answer is None:
        return "no answer"
    by_server = answer.headers.get("content-type") == "text/html" and answer.status in BY_SERVER
    return "" if by_server and b"Traceback" not in answer.body else fault_of(answer)


def decided(token: str, **changed: Any) -> dict[str, Any]:
    """A body with one decision, on an item that is hardly ever offered."""
    one = {"item": "Q146", "verdict": "accepted"}
    return {"token": token, "decisions": [one], **changed}


def _nested(depth: int) -> Callable[[str], bytes]:
    inner = "[" * depth + "]" * depth
    return lambda t: b'{"token": "%s", "decisions": [%s]}' % (t.encode(), inner.encode())


_BODIES: Final[Mapping[str, Callable[[str], bytes]]] = {
    "nothing": lambda _: b"",
    "not JSON": lambda _: b"{'token'",
    "not UTF-8": lambda _: b'{"token": "\xff\xfe"}',
    "another encoding": lambda t: json.dumps(decided(t)).encode("utf-16") + b"x",
    "NaN": lambda t: b'{"token": "%s", "decisions": NaN}' % t.encode(),
    "infinity for a token": lambda _: b'{"token": Infinity, "decisions": []}',
    "a number of 60,000 digits": lambda _: b"9" * 60_000,
    "60,000 brackets": lambda _: b"[" * 60_000,
    "a lone surrogate for a token": lambda _: json.dumps(decided("\ud800")).encode(),
    "a lone surrogate for a key": lambda t: json.dumps(decided(t, **{"\ud800": 1})).encode(),
    "a key twice, the token none": lambda t: b'{"token": "%s", "token": 5}' % t.encode(),
    "null bytes": lambda _: b"\0" * 1000,
    "a token of 60 kB": lambda _: json.dumps(decided("x." * 30_000)).encode(),
    "a token cut short": lambda t: json.dumps(decided(t[:-3])).encode(),
    "a token with a line break": lambda t: json.dumps(decided(t + "\n")).encode(),
    "another token's signature": lambda t: json.dumps(decided(t[::-1])).encode(),
    "an item that was not offered": lambda t: json.dumps(decided(t)).encode(),
    "decisions in an object": lambda t: json.dumps(decided(t, decisions={"a": 1})).encode(),
    "5,000 decisions": lambda t: json.dumps(decided(t, decisions=[{}] * 5000)).encode(),
    "a verdict of bytes": lambda t: b'{"token":"%s","decisions":[{"verdict":"\x80"}]}' % t.encode(),
    **{f"{depth} lists in each other": _nested(depth) for depth in range(900, 1000, 4)},
}


def malformed(stand: Stand) -> Seen:
    """Bodies that are JSON of another kind, or none."""

    def sent(make: Callable[[str], bytes]) -> Callable[[str], bytes]:
        def whole(token: str) -> bytes:
            body = make(token)
            return head(f"Content-Length: {len(body)}") + body

        return whole

    return _refused(stand.shared(), {name: sent(make) for name, make in _BODIES.items()})


REFUSED: Final = "each is refused with a 4xx and one problem in JSON; nothing is stored"
FAULTS: Final = (
    Fault("oversized requests", f"{REFUSED} (what is no HTTP: gunicorn's own 4xx)", oversized),
    Fault("malformed bodies", REFUSED, malformed),
)
