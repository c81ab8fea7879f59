"""A run that is killed loses what it was at, and no more; nothing is done twice beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa

from depicts_bot import pipeline
from depicts_bot.ahead import AHEAD
from depicts_bot.pipeline import UNSTORED
from depicts_bot.portions import IMAGES
from depicts_bot.report import Tally
from depicts_bot.uploads import Checkpoint
from depicts_bot.wiki import Json
from depicts_bot.work import Decision, Key, Work
from depicts_model.errors import ImageError, StoreError
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN, Store, schema
from depicts_model.types import FileContext, Outcome
from tests.bot.fakes import START, FakeLinker, FakeWiki
from tests.bot.test_ahead import wait_until
from tests.model.store.looking import all_outcomes

PATIENCE = 10
PAGES, ENTITIES = "imageinfo|revisions|info|categories", "wbgetentities"


@dataclass(frozen=True)
class Linking(FakeLinker):
    """Remembers what it linked."""

    linked: list[str] = field(default_factory=list)

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        self.linked.extend(context.file.mid for context in contexts)
        return super().link(contexts, images)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


def wiki_of(files: int) -> FakeWiki:
    wiki = FakeWiki()
    for pageid in range(1, files + 1):
        wiki.upload(pageid)
    return wiki


def work_on(wiki: FakeWiki, store: Store, batch: int) -> Work:
    settings = Settings(wiki_api=wiki.api, batch_size=batch)
    at = START + timedelta(days=10)
    return Work(wiki, Linking(), store, wiki.fetch, settings, at)


def linked(work: Work) -> list[str]:
    assert isinstance(work.linker, Linking)
    return work.linker.linked


def run(work: Work, store: Store) -> Tally:
    tally, number = Tally(), store.start_run(BOT_RUN, work.linker.version, {})
    for batch in pipeline.decide(work):
        pipeline.act(work, number, batch)
        batch.count(tally)
    return tally


def mark(pageid: int) -> str:
    """The checkpoint behind a file."""
    return str(Checkpoint(START + timedelta(minutes=pageid), 1000 + pageid))


def mids(first: int, last: int) -> list[str]:
    return [f"M{n}" for n in range(first, last + 1)]


def test_a_portion_and_its_checkpoint_are_stored_as_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, saved = work_on(wiki_of(10), store, 10), list[tuple[list[str], object]]()
    save = store.save_batch

    def hear(
        run_id: int,
        version: str,
        results: Sequence[Decision],
        checkpoint: tuple[str, str] | None = None,
    ) -> int:
        saved.append(([file.mid for file, _ in results], checkpoint))
        return save(run_id, version, results, checkpoint)

    monkeypatch.setattr(store, "save_batch", hear)
    run(work, store)
    assert saved == [
        (mids(1, 4), (work.source, mark(4))),
        (mids(5, 8), (work.source, mark(8))),
        (mids(9, 10), (work.source, mark(10))),
    ]


@contextmanager
def full_from(store: Store, mid: str) -> Iterator[None]:
    """The database keeps nothing in which this file is."""
    there = sa.select(schema.file.c.id).where(schema.file.c.mid == mid)

    def refuse(connection: sa.Connection) -> None:
        if connection.execute(there).first():
            # as SQLite does when the disk is full
            connection.exec_driver_sql("ROLLBACK")
            raise sa.exc.OperationalError("COMMIT", None, Exception("disk is full"))

    sa.event.listen(store._engine, "commit", refuse)
    try:
        yield
    finally:
        sa.event.remove(store._engine, "commit", refuse)


def test_where_a_portion_cannot_be_kept_the_next_run_begins_with_it(store: Store) -> None:
    wiki = wiki_of(10)
    with full_from(store, "M5"), pytest.raises(StoreError, match="disk is full"):
        run(work_on(wiki, store, 10), store)
    work = work_on(wiki, store, 10)
    assert store.checkpoint(work.source) == mark(4)
    assert sorted(s.file.mid for s in all_outcomes(store)) == mids(1, 4)
    assert run(work, store).listed == 6
    assert linked(work) == mids(5, 10)
    assert len(all_outcomes(store)) == 10


def test_a_page_at_the_end_of_a_batch_and_the_beginning_of_the_next_is_looked_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a deletion; the second batch is judged before the first is stored."""
    size = 2 * IMAGES
    wiki = wiki_of(size + IMAGES)
    wiki.log.insert(size, wiki.log[size - 1] | {"logid": 1900})
    work, judged, done = work_on(wiki, store, size), list[int](), store.done
    second = Event()

    def hear(version: str, keys: Sequence[Key]) -> set[Key]:
        known = done(version, keys)
        judged.append(len(keys))
        if len(judged) == 2:
            second.set()
        return known

    monkeypatch.setattr(store, "done", hear)
    tally, number = Tally(), store.start_run(BOT_RUN, work.linker.version, {})
    for batch in pipeline.decide(work):
        if f"M{size}" in {file.mid for file, _ in batch.decisions} and not second.wait(PATIENCE):
            pytest.fail("the second batch is not read ahead")
        pipeline.act(work, number, batch)
        batch.count(tally)
    assert linked(work) == mids(1, size + IMAGES)
    assert len(wiki.fetched) == len(set(wiki.fetched)) == size + IMAGES
    assert tally.counts()["already done"] == 1
    assert tally.listed == size + IMAGES + 1


@dataclass
class CountingWiki(FakeWiki):
    """Remembers how many files each request for pages named."""

    sizes: list[int] = field(default_factory=list)

    def ask(self, **parameters: str) -> Json:
        answer = super().ask(**parameters)
        if "pageids" in parameters:
            self.sizes.append(parameters["pageids"].count("|") + 1)
        return answer

    def again(self) -> CountingWiki:
        """The same wiki, asked by somebody else."""
        return replace(self, asked=[], fetched=[], sizes=[])

    def requests(self) -> tuple[int, int]:
        return self.asked.count(PAGES), self.asked.count(ENTITIES)


def firsts(sizes: Sequence[int]) -> list[int]:
    """Number of the first portion of each request."""
    parts = [-(-size // IMAGES) for size in sizes]
    return [sum(parts[:n]) for n in range(len(parts))]


def test_a_run_that_is_killed_repeats_one_request_of_each_kind(store: Store) -> None:
    """Wherever it is killed: with a portion in hand, one ahead, and what comes after it read."""
    files, stored = 150, 0
    whole = CountingWiki()
    for pageid in range(1, files + 1):
        whole.upload(pageid)
    assert len(list(pipeline.decide(work_on(whole, store, 50)))) > files // IMAGES
    wiki = whole.again()
    work = work_on(wiki, store, 50)
    number = store.start_run(BOT_RUN, work.linker.version, {})
    for place, batch in enumerate(pipeline.decide(work)):
        # it reads so far ahead while this portion is in hand
        read = sum(first <= place + AHEAD for first in firsts(whole.sizes))
        wait_until(lambda read=read: wiki.requests() == (read, read))
        # of a killed run there is what it stored: another begins with that
        later = whole.again()
        rest = [d for b in pipeline.decide(work_on(later, store, 50)) for d in b.decisions]
        assert [file.mid for file, _ in rest] == mids(stored + 1, files)
        both = [sum(lives) for lives in zip(wiki.requests(), later.requests(), strict=True)]
        assert max(both) <= max(whole.requests()) + 1, f"killed with {stored} files stored"
        assert len(wiki.fetched) + len(later.fetched) <= files + UNSTORED
        pipeline.act(work, number, batch)
        stored += len(batch.decisions)
    assert stored == files
