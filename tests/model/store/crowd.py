"""``python -m tests.model.store.crowd ROLE URL NUMBER``: one of the processes that meet in a store.

Each does its work as the real one would, in small transactions, some of them twice.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from depicts_model.store import Store
from depicts_model.types import Claim, Latency, Mid, Qid, RefusalState, Verdict
from tests.model.store.values import SAID, V, decision, file_ref, suggested

FILES = 36
BATCH = 6
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
WORKED = "worker-1"
"""The version by which workers save: the bot's outcomes are other ones."""


def bot(store: Store, _number: int) -> None:
    """Goes through all files in the order in which they came, each batch twice."""
    run = store.start_run("bot", V, {})
    for start in range(1, FILES + 1, BATCH):
        batch = [(file_ref(n), suggested(n)) for n in range(start, start + BATCH)]
        for _ in range(2):
            store.save_batch(run, V, batch, ("uploads", str(start)))


def worker(store: Store, number: int) -> None:
    """Takes what is asked for until the web's processes are done; counts what it saved first."""
    run, new = store.start_run("worker", WORKED, {"number": number}), 0
    while not store.noted("over") or store.queue_length():
        taken = store.take_requests(BATCH, datetime.now(UTC), timedelta(seconds=20))
        # backwards: what two writers share they meet from both ends
        numbers = sorted((int(mid[1:]) for mid, _ in taken), reverse=True)
        batch = [(file_ref(n), suggested(n, version=WORKED)) for n in numbers]
        new += store.save_batch(run, WORKED, batch)
    store.finish_run(run, {"new": new})


def web(store: Store, number: int) -> None:
    """Asks for every file, and sends a verdict on each, twice; ``number``: the person."""
    for n in range(FILES, 0, -1):
        store.request(Mid(f"M{n}"))
        said = decision("Q146", Verdict.ACCEPTED if n % 2 else Verdict.REJECTED, n, 100 + number)
        for _ in range(2):
            store.add_decisions(f"key-{number}-{n}", [said], V)
        store.count_latencies([Latency(NOW, "suggestions", b, 1) for b in range(4)])


def harvest(store: Store, _number: int) -> None:
    """Finds both people's claims on every second file, each often, and settles what it can."""
    for _ in range(3):
        for n in range(1, FILES + 1, 2):
            claim = Claim(Mid(f"M{n}"), Qid("Q146"), f"M{n}$1", 101, SAID, V)
            store.add_claims([claim, replace(claim, revision=102)])
        for question in store.refusals_in_question(99):
            store.settle(question.sha1, question.qid, RefusalState.SHARED, NOW)
        store.note("statistics", store.statistics().to_json(), NOW)
        store.prune(NOW - timedelta(days=9), 99)


ROLES = {"bot": bot, "worker": worker, "web": web, "harvest": harvest}


if __name__ == "__main__":
    role, url, given = sys.argv[1:]
    with Store.open(url) as opened:
        ROLES[role](opened, int(given))
