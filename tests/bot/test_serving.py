"""The worker's loop over a wiki of dictionaries and a real store: who asks is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from depicts_bot import pipeline, serving
from depicts_bot.leases import Lease
from depicts_bot.pipeline import Work
from depicts_bot.serving import GAVE_UP, MOST, TRIES, Worker
from depicts_bot.switching import Watch
from depicts_model.errors import ImageError, StoreError, WikiError
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN, Store
from depicts_model.types import Failed, FileContext, Mid, Outcome, Skipped, SkipReason

from .fakes import FakeLinker, FakeWiki

PAGE = Settings().switch_page
M1, M2, M3, NOWHERE = map(Mid, ("M1", "M2", "M3", "M99"))


@dataclass(frozen=True)
class Linker(FakeLinker):
    """Notes which files it was given at a time; falls over one of them, as a bug would."""

    given: list[list[Mid]] = field(default_factory=list)
    deadly: frozenset[Mid] = frozenset()

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        mids = [context.file.mid for context in contexts]
        self.given.append(mids)
        if self.deadly.intersection(mids):
            raise MemoryError
        return super().link(contexts, images)


@pytest.fixture
def wiki() -> FakeWiki:
    found = FakeWiki()
    for pageid in range(1, 20):
        found.upload(pageid)
    return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest.fixture
def worker(wiki: FakeWiki, store: Store) -> Iterator[Worker]:
    work = Work(wiki, Linker(), store, wiki.fetch, Settings(), pipeline.now())
    watch = Watch(wiki, PAGE, 0.0, lambda _: None)
    lease = Lease(store, 30, 10)
    with lease.held(threading.Event()):
        run = store.start_run(BOT_RUN, work.linker.version, {})
        yield Worker(work, store, watch, lease, run, again=0.0)


def given(worker: Worker) -> list[list[Mid]]:
    assert isinstance(worker.work.linker, Linker)
    return worker.work.linker.given


def outcome(store: Store, mid: Mid) -> Outcome | None:
    found = store.latest(mid)
    return found.outcome if found else None


def test_what_is_asked_for_is_looked_at_in_order(worker: Worker, store: Store) -> None:
    assert not worker.step()
    for mid in (M3, M1, M3):
        store.request(mid)
    assert worker.step()
    assert given(worker) == [[M3, M1]]
    assert outcome(store, M3) and outcome(store, M1)
    assert store.queue_length() == 0
    assert not worker.step()
    assert worker.tally.counts()["listed"] == 2


def test_few_at_a_time_so_that_the_first_does_not_wait_long(worker: Worker, store: Store) -> None:
    for pageid in range(1, 13):
        store.request(Mid(f"M{pageid}"))
    assert worker.step() and worker.step() and not worker.step()
    assert [len(mids) for mids in given(worker)] == [MOST, 12 - MOST]


def test_what_is_done_is_not_looked_at_again(worker: Worker, store: Store) -> None:
    store.request(M1)
    assert worker.step()
    store.request(M1)
    assert worker.step()
    assert given(worker) == [[M1]]
    assert store.queue_length() == 0
    assert worker.tally.counts()["already done"] == 1


def test_a_page_that_is_not_there_and_comes_later(
    worker: Worker, store: Store, wiki: FakeWiki
) -> None:
    store.request(NOWHERE)
    assert worker.step()
    assert outcome(store, NOWHERE) == Skipped(SkipReason.DELETED)
    assert store.queue_length() == 0
    wiki.upload(99)
    store.request(NOWHERE)
    assert worker.step()
    found = store.latest(NOWHERE)
    assert found and found.file.title == "File:99.jpg"
    assert not isinstance(found.outcome, Skipped), "asking too early hides nothing"


def test_of_a_page_that_is_no_file_nothing_is_kept(
    worker: Worker, store: Store, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"pageid": 5, "ns": 2, "title": "User:Somebody", "lastrevid": 7}
    monkeypatch.setattr(wiki, "_page", lambda _: page)
    store.request(Mid("M5"))
    assert worker.step()
    found = store.latest(Mid("M5"))
    assert found and found.outcome == Skipped(SkipReason.DELETED)
    assert "Somebody" not in str(found)


def test_the_switch_stops_it_and_starts_it_again(
    worker: Worker, store: Store, wiki: FakeWiki
) -> None:
    wiki.texts[PAGE] = '{"stopped": true}'
    store.request(M1)
    assert not worker.step()
    assert outcome(store, M1) is None and given(worker) == []
    wiki.texts[PAGE] = "nonsense"
    assert not worker.step()
    del wiki.texts[PAGE]
    assert worker.step()
    assert outcome(store, M1)


def test_what_was_decided_while_the_switch_was_thrown_is_not_stored(
    worker: Worker, store: Store, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = wiki.fetch

    def thrown(url: str, host: str) -> bytes:
        wiki.texts[PAGE] = '{"stopped": true}'
        return fetch(url, host)

    worker.work = replace(worker.work, fetch=thrown)
    store.request(M1)
    worker.step()
    assert outcome(store, M1) is None
    assert store.place(M1) == 1, "it waits on"
    worker.work = replace(worker.work, fetch=fetch)
    del wiki.texts[PAGE]
    assert worker.step()
    assert outcome(store, M1)


def test_a_lost_lease_stores_nothing(worker: Worker, store: Store) -> None:
    store.request(M1)
    worker.lease._until = 0.0
    worker.step()
    assert outcome(store, M1) is None
    assert store.place(M1) == 1


def test_a_wiki_that_is_out_of_order_is_waited_out(
    worker: Worker, store: Store, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", (0.01, 0.02))
    wiki.fault = WikiError("network", "nobody there", 5.0)
    store.request(M1)
    stop, times = threading.Event(), iter(range(100))

    def stale() -> bool:
        # more often than a file is tried: an outage is nobody's fault
        if next(times) > 2 * TRIES:
            wiki.fault = None
        return outcome(store, M1) is not None

    worker.serve(stop, stale)
    assert outcome(store, M1) and not isinstance(outcome(store, M1), Failed)


def test_a_question_that_the_wiki_refuses_is_asked_three_times(
    worker: Worker, store: Store, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "PATIENCE", (0.001, 0.001))
    ask = wiki.ask

    def refuse(**parameters: str) -> object:
        if "1" in parameters.get("pageids", "").split("|"):
            raise WikiError("internal_api_error", "of that page")
        return ask(**parameters)

    monkeypatch.setattr(wiki, "ask", refuse)
    for mid in (M1, M2, M3):
        store.request(mid)
    worker.serve(threading.Event(), lambda: store.queue_length() == 0)
    assert outcome(store, M1) == GAVE_UP
    assert [outcome(store, mid) == GAVE_UP for mid in (M2, M3)] == [False, False]


def test_a_file_that_kills_the_worker_takes_nobody_with_it(worker: Worker, store: Store) -> None:
    linker = Linker(deadly=frozenset({M2}))
    worker.work = replace(worker.work, linker=linker)
    for mid in (M1, M2, M3):
        store.request(mid)
    deaths = 0
    while store.queue_length():
        one = Worker(worker.work, store, worker.watch, worker.lease, worker.run, again=0.0)
        try:
            while one.step():
                pass
        except MemoryError:
            deaths += 1
    assert deaths == TRIES
    assert outcome(store, M2) == GAVE_UP
    assert linker.given == [[M3, M2, M1], [M3], [M2], [M1], [M2]]
    assert [isinstance(outcome(store, mid), Failed) for mid in (M1, M3)] == [False, False]


def test_one_worker_at_a_time(store: Store) -> None:
    """The second gets the lease when the first gives it back, or stops renewing it."""
    first, second = Lease(store, 0.6, 0.1), Lease(store, 0.6, 0.1)
    stop, order = threading.Event(), list[str]()

    def wait() -> None:
        with second.held(stop) as ours:
            order.append("second" if ours else "stopped")

    with first.held(stop) as ours:
        assert ours
        thread = threading.Thread(target=wait)
        thread.start()
        time.sleep(1.0)
        assert first.ours and not second.ours, "it is renewed"
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]

    assert store.hold("worker", "one that was killed", pipeline.now(), 3600)
    thread = threading.Thread(target=wait)
    thread.start()
    stop.set()
    thread.join(5)
    assert order[-1] == "stopped"


def test_a_database_that_is_away_for_a_moment_loses_no_lease(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lease = Lease(store, 5, 0.05)
    lease.beat = {"model": "x"}
    with lease.held(threading.Event()):
        with monkeypatch.context() as patch:
            patch.setattr(store, "hold", _away)
            time.sleep(0.3)
        assert lease.ours
        time.sleep(0.2)
        assert store.noted("worker")
    assert not lease.ours
    assert "error: the database is away" in capsys.readouterr().err


def _away(*_: object) -> bool:
    raise StoreError("the database is away")
