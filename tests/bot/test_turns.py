"""One request to the wiki at a time, of all the programs that share a store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from depicts_bot import harvester, runner, server, turns
from depicts_bot.runner import Options
from depicts_bot.turns import InTurn, Rest, Turns, connected
from depicts_bot.wiki import Json
from depicts_model.errors import StoreError, WikiError
from depicts_model.settings import Settings
from depicts_model.store import Store
from tests.bot import worlds
from tests.bot.fakes import FakeLinker, FakeWiki
from tests.sandbox.server import EmbeddedWiki


@dataclass
class Crowded(FakeWiki):
    """Takes its time for an answer, and counts how many ask at once."""

    at_once: int = 0
    most: int = 0
    order: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, **parameters: str) -> Json:
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            self.order.append(parameters["who"])
        time.sleep(0.02)
        with self.lock:
            self.at_once -= 1
        return {}


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.sqlite"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened


@pytest.mark.slow
def test_three_programs_ask_one_after_another(url: str, store: Store) -> None:
    """Each with a store of its own, and the worker is not kept waiting by those that never end."""
    wiki, served = Crowded(), threading.Event()

    def ask_on(name: str) -> None:
        with Store.open(url) as own:
            in_turn = connected(lambda: wiki, own)
            while not served.is_set():
                in_turn.ask(who=name)

    threads = [threading.Thread(target=ask_on, args=(name,)) for name in ("crawl", "harvest")]
    for thread in threads:
        thread.start()
    worker = InTurn(wiki, Turns(store), False, rest=Rest(0.0))
    while not {"crawl", "harvest"} <= set(wiki.order):
        worker.ask(who="worker")
    for _ in range(10):
        worker.ask(who="worker")
    served.set()
    for thread in threads:
        thread.join(20)
    assert wiki.most == 1
    assert wiki.order.count("worker") >= 10


def test_a_request_that_fails_lets_its_turn_go(store: Store) -> None:
    wiki, after = FakeWiki(fault=WikiError("network", "nobody there", 5)), list[int]()
    first = InTurn(wiki, Turns(store), False, lambda: after.append(1))
    with pytest.raises(WikiError):
        first.ask(action="query")
    wiki.fault = None
    InTurn(wiki, Turns(store), False, lambda: after.append(2)).ask(action="x", titles="y")
    assert after == [1, 2]


def test_an_answer_is_not_lost_with_the_database(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StoreError("the database is away")

    monkeypatch.setattr(store, "release", away)
    in_turn = InTurn(FakeWiki(), Turns(store), False)
    assert in_turn.ask(action="x", titles="y")["query"]
    monkeypatch.setattr(store, "hold", away)
    with pytest.raises(StoreError):
        in_turn.ask(action="x", titles="y")


def serve(settings: Settings) -> None:
    server.serve_bot(settings, Options())


def run(settings: Settings) -> None:
    runner.run_bot(settings, Options())


@contextmanager
def told_to_stop() -> Iterator[threading.Event]:
    """The worker connects, and ends."""
    stop = threading.Event()
    stop.set()
    yield stop


@pytest.mark.slow
@pytest.mark.parametrize("program", [run, serve, harvester.harvest_bot])
def test_each_program_waits_for_its_turn(
    program: Callable[[Settings], None],
    url: str,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[int] = []
    with EmbeddedWiki(worlds.world(worlds.pictures(2))) as wiki:

        def looked(_: float) -> None:
            seen.append(len(wiki.requests))
            store.release(turns.NAME, "another")

        monkeypatch.setattr(turns, "time", SimpleNamespace(sleep=looked))
        monkeypatch.setattr(runner, "load_linker", lambda *_: FakeLinker())
        monkeypatch.setattr(server, "_stopping", told_to_stop)
        assert store.hold(turns.NAME, "another", datetime.now(UTC), turns.SECONDS)
        program(
            Settings(
                wiki_api=wiki.api,
                wiki_username=worlds.BOT,
                wiki_password=worlds.PASSWORD,
                database_url=url,
            )
        )
        assert seen[0] == 0, "nothing is asked before"
        assert wiki.requests
        from pywikibot import config

        assert (config.max_retries < 4) is (program is serve), "the worker waits faults out itself"
    assert store.hold(turns.NAME, "the next", datetime.now(UTC), 1), "the turn was let go"
