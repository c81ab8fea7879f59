"""Faults of those who ask, by when and how often: twice, in another order, late, half sent."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bench.faults_bodies import decided, head
from bench.faults_client import SECRET, Answer, Client, Said, ask, fault_of, said
from bench.faults_kinds import Fault
from bench.faults_ledger import CUT_OFF, Seen
from bench.faults_stand import VERSION, Scene, Stand
from bench.load_service import behind_nginx
from depicts_model.store import Store
from depicts_model.types import FileRef, Skipped, SkipReason, mid_of
from depicts_toolforge.tokens import LIFE_SECONDS, Tokens

AT_ONCE: Final = 24
SLOW: Final = 8
SLOW_READS: Final = 40


def duplicates(stand: Stand) -> Seen:
    """One decision sent by many at once, and again."""
    scene = stand.shared()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in (1, 2, 3):
            one = _said(scene.client, number)
            scene.ledger.say(one.place, one.verdict)
            path = f"/api/v1/files/{one.mid}/decisions"
            send = [(scene.client.address, "POST", path, one.body)] * AT_ONCE
            for answer in pool.map(lambda sent: ask(*sent), send):
                _written(scene, one, answer)
    scene.whole()
    counts = scene.ledger.answers
    return scene.seen({"some said that it was stored": 1 <= counts["201"] <= 3 * AT_ONCE})


def _said(client: Client, number: int, verdict: str = "accepted") -> Said:
    answer = client.read(number)
    if answer is None or answer.status != 200:
        raise RuntimeError(f"M{number}: nothing is suggested")
    return said(mid_of(number), answer, verdict)


def _written(scene: Scene, one: Said, answer: Answer | None) -> None:
    """A limit is an honest answer, too."""
    if answer is None:
        scene.ledger.answered(CUT_OFF)
        return
    scene.ledger.answered(str(answer.status), fault_of(answer))
    if answer.status in (200, 201):
        scene.ledger.acknowledge(one.place, one.verdict)


def reordered(stand: Stand) -> Seen:
    """A revision before, with and after its verdict; a verdict that is changed, one twice."""
    scene, client = stand.shared(), None
    client = scene.client
    revised = {}
    for number, order in ((11, (None, 77)), (12, (77, None)), (13, (77, 77)), (14, (77, 78))):
        one = _said(client, number)
        taken = [client.decide(_with(one, revision)) for revision in order]
        # a revision is set once
        revised[one.place] = (next(r for r in order if r), all(taken))
    changed = _said(client, 15)
    for verdict in ("accepted", "rejected", "accepted", "skipped"):
        client.decide(_with(replace(changed, verdict=verdict), None))
    scene.whole()
    kept = {(r.mid, r.qid): r.revision for r in _revisions(scene.url, [11, 12, 13, 14])}
    right = {(p[0], p[2]): revision for p, (revision, _) in revised.items()}
    checks = {
        "each was taken": all(taken for _, taken in revised.values()),
        "every revision is there": all(kept.get(at) == number for at, number in right.items()),
    }
    return scene.seen(checks)


def _with(one: Said, revision: int | None) -> Said:
    """The same verdict with a revision, or none."""
    body = json.loads(one.body)
    decision = {"item": one.place[2], "verdict": one.verdict}
    body["decisions"] = [decision | ({"revision": revision} if revision else {})]
    return replace(one, body=json.dumps(body).encode())


def _revisions(url: str, numbers: list[int]) -> Iterator[Any]:
    with Store.open(url) as store:
        for number in numbers:
            yield from store.decisions(mid_of(number))


def late(stand: Stand) -> Seen:
    """A token that expired; a file overwritten, an outcome replaced, a file deleted meanwhile."""
    with stand.own() as scene:
        client, checks = scene.client, {"an expired token is told as such": _expired(scene)}
        early = {number: _said(client, number) for number in (22, 23, 24)}
        with Store.open(scene.url) as store:
            for number, change in ((22, _overwritten), (23, _newer), (24, _gone)):
                change(store, number)
        for number, one in early.items():
            checks[f"M{number}: taken all the same"] = client.decide(one)
        gone = ask(client.address, "GET", "/api/v1/files/M24/suggestions")
        checks["the deleted file is told as gone"] = gone is not None and gone.status == 404
        scene.whole()
        return scene.seen(checks)


def _expired(scene: Scene) -> bool:
    tokens = Tokens(SECRET, lambda: time.time() - LIFE_SECONDS - 1)
    token = tokens.make(mid_of(21), "0" * 40, VERSION, [])
    body = json.dumps(decided(token)).encode()
    answer = ask(scene.client.address, "POST", "/api/v1/files/M21/decisions", body)
    return answer is not None and answer.told.get("code") == "token-expired"


def _file(store: Store, number: int) -> FileRef:
    found = store.latest(mid_of(number))
    if found is None:
        raise RuntimeError(f"M{number} is not stored")
    return found.file


def _overwritten(store: Store, number: int) -> None:
    file = _file(store, number)
    new = replace(file, sha1=f"f{number:039x}", revision=file.revision + 1)
    run = store.start_run("bench", "late", {})
    store.save_batch(run, VERSION, [(new, Skipped(SkipReason.ARTWORK))])


def _newer(store: Store, number: int) -> None:
    """Told by a newer model, and the older outcome pruned."""
    run = store.start_run("bench", "late", {})
    store.save_batch(run, "faults-2", [(_file(store, number), Skipped(SkipReason.ARTWORK))])
    gone = store.prune(datetime.now(UTC) + timedelta(seconds=1), 1000)
    if not gone["outcomes"]:
        raise RuntimeError("no outcome is pruned")


def _gone(store: Store, number: int) -> None:
    file = replace(_file(store, number), revision=0)
    run = store.start_run("bench", "late", {})
    store.save_batch(run, "faults-2", [(file, Skipped(SkipReason.DELETED))])


HALVES: Final = (
    b"G",
    b"GET /api/v1/files/M1/sugg",
    head("Content-Length: 900") + b'{"token',
    head("Transfer-Encoding: chunked") + b"40\r\n{",
    b"GET /gallery HTTP/1.1\r\nHost: x\r\n\r\n",
)


def half_sent(stand: Stand) -> Seen:
    """Sockets that are dropped in the middle, of the question and of the answer."""
    scene = stand.shared()
    before = scene.service.workers
    for sent in HALVES * 6:
        with socket.create_connection(scene.client.address, timeout=10) as connection:
            connection.sendall(sent)
            # dropped at once: what is on the way is answered by a reset
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    scene.whole()
    for number in range(1, 20):
        scene.client.read(number)
    return scene.seen({"no worker of gunicorn ended": scene.service.workers == before})


def slow_requests(stand: Stand) -> Seen:
    """Clients that send a few bytes a second; before the service stands nginx, as in production."""
    scene = stand.shared()
    with behind_nginx(stand.place(), scene.service.address) as gate, ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(gate)) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(head("Content-Length: 900") + b'{"tok')
        others = Client(gate, scene.ledger, scene.client.expected)
        begun = time.monotonic()
        for number in range(1, SLOW_READS + 1):
            others.read(number)
            slow[number % SLOW].sendall(b" ")
        took = time.monotonic() - begun
    scene.whole()
    checks = {"the others were not kept waiting": took < SLOW_READS / 4}
    return scene.seen(checks, mean_ms=round(1000 * took / SLOW_READS))


FAULTS: Final = (
    Fault("duplicate decisions", f"{AT_ONCE} at once: one row each", duplicates),
    Fault("reordered decisions", "the last verdict holds, no revision is lost", reordered),
    Fault("late decisions", "expired: token-expired; all others are kept as sent", late),
    Fault("half-sent requests", "nobody else notices", half_sent),
    Fault("slow requests", "nobody else waits (behind nginx)", slow_requests),
)
