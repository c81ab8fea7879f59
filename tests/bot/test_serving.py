"""The worker's loop over a wiki of dictionaries and a real store: who asks is answered."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from depicts_bot import images, server, serving
from depicts_bot.leases import Lease
from depicts_bot.serving import GAVE_UP, MOST, TRIES, Worker
from depicts_bot.switching import Watch
from depicts_bot.uploads import timestamp
from depicts_bot.work import Work, now
from depicts_model.errors import ImageError, WikiError
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN, Store
from depicts_model.switch import Switch
from depicts_model.types import (
    Failed,
    FileContext,
    Mid,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Suggested,
)

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
    work = Work(wiki, Linker(), store, wiki.fetch, Settings(), now())
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


def test_the_switch_is_read_while_pictures_come(
    worker: Worker, store: Store, wiki: FakeWiki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight pictures may take minutes: of those to come no more is fetched than the next one."""
    monkeypatch.setattr(images, "MEANWHILE", 0.01)
    read, fetched = threading.Event(), list[str]()

    def tell(switch: Switch) -> None:
        if switch.stopped:
            read.set()

    def fetch(url: str, host: str) -> bytes:
        wiki.texts[PAGE] = '{"stopped": true}'
        fetched.append(url)
        assert read.wait(10), "nobody reads the switch while the picture comes"
        return wiki.fetch(url, host)

    worker.watch = Watch(wiki, PAGE, 0.0, tell)
    worker.work = replace(worker.work, fetch=fetch, meanwhile=worker.watch.check)
    for pageid in range(1, 9):
        store.request(Mid(f"M{pageid}"))
    assert not worker.step()
    assert len(fetched) <= 2 and given(worker) == []
    assert store.queue_length() == 8
    del wiki.texts[PAGE]
    worker.work = replace(worker.work, fetch=wiki.fetch)
    while worker.step():
        pass
    assert store.queue_length() == 0


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


def test_every_turn_and_every_file_is_progress(
    worker: Worker, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[str] = []
    monkeypatch.setattr(Lease, "progress", lambda _: marks.append("turn"))
    turns = iter([False, False, False, True])
    worker.serve(threading.Event(), lambda: next(turns))
    assert len(marks) == 4
    fetched = server.marking(lambda url, host: b"image", worker.lease.progress)
    assert fetched("url", "host") == b"image"
    with pytest.raises(ZeroDivisionError):
        server.marking(lambda *_: bytes(1 // 0), worker.lease.progress)("url", "host")
    assert len(marks) == 6


def test_who_asks_for_a_file_of_this_hour_gets_an_answer(
    worker: Worker, store: Store, wiki: FakeWiki
) -> None:
    """The 48 hours are for the crawl: here somebody waits."""
    wiki.files[1]["timestamp"] = timestamp(now())
    store.request(M1)
    assert worker.step()
    assert isinstance(outcome(store, M1), Suggested | NothingToSuggest)
    assert worker.tally.counts()["listed"] == 1
