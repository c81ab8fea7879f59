"""After an outage a run looks at some of what failed, and leaves the rest to those after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from depicts_bot import pipeline
from depicts_bot.uploads import Checkpoint
from depicts_bot.work import Decision, Work, now
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN, Store
from depicts_model.types import Failed, FileRef, Mid
from tests.bot.fakes import START, FakeLinker, FakeWiki

MOST = 500
"""As the operators are told."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


def failed(pageid: int) -> Decision:
    file = FileRef(Mid(f"M{pageid}"), f"File:{pageid}.jpg", f"{pageid:040x}", 1, START, "")
    return file, Failed("http-503: busy", 60.0)


def after_an_outage(store: Store, files: int) -> tuple[FakeWiki, Work]:
    """All files of the log failed, and may be asked for by now."""
    wiki = FakeWiki()
    for pageid in range(1, files + 1):
        wiki.upload(pageid)
    settings = Settings(wiki_api=wiki.api)
    # the store stamps the present
    work = Work(wiki, FakeLinker(), store, wiki.fetch, settings, now() + timedelta(hours=1))
    last = str(Checkpoint(START + timedelta(minutes=files), 1000 + files))
    failures = [failed(pageid) for pageid in range(1, files + 1)]
    run = store.start_run(BOT_RUN, work.linker.version, {})
    store.save_batch(run, work.linker.version, failures, (work.source, last))
    return wiki, work


def test_a_run_looks_at_500_of_them(store: Store) -> None:
    wiki, work = after_an_outage(store, MOST + 3)
    looked = [file.mid for batch in pipeline.decide(work) for file, _ in batch.decisions]
    assert len(looked) == len(set(looked)) == len(wiki.fetched) == MOST


def test_the_next_run_looks_at_the_rest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "RETRIES", 3)
    wiki, work = after_an_outage(store, 5)
    looked = list[int]()
    for _ in range(3):
        run = store.start_run(BOT_RUN, work.linker.version, {})
        for batch in pipeline.decide(work):
            pipeline.act(work, run, batch)
        looked.append(len(wiki.fetched))
    assert looked == [3, 5, 5]
    assert store.counts()["failed"] == 0
