"""What was being decided while somebody threw the switch is not stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from depicts_bot import recording
from depicts_bot.lists import Lists
from depicts_bot.portions import IMAGES
from depicts_bot.switching import Watch
from depicts_bot.uploads import Checkpoint
from depicts_bot.work import Work
from depicts_model.errors import ImageError
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import FileContext, Outcome
from tests.bot.fakes import START, FakeLinker, FakeWiki
from tests.model.store.looking import all_outcomes

TITLE = Settings().switch_page
STOP = '{"stopped": true, "reason": "cats are dogs"}'


@dataclass(frozen=True)
class SomebodyMeanwhile(FakeLinker):
    """Links; while the second portion is linked somebody throws the switch."""

    wiki: FakeWiki | None = None

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        if self.wiki and f"M{IMAGES + 1}" in {context.file.mid for context in contexts}:
            self.wiki.texts[TITLE] = STOP
        return super().link(contexts, images)


def test_what_was_decided_while_it_was_thrown_is_left_to_the_next_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wiki = FakeWiki()
    for pageid in range(1, 3 * IMAGES + 1):
        wiki.upload(pageid)
    first = Checkpoint(START + timedelta(minutes=IMAGES), 1000 + IMAGES)
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as store:
        linker, at = SomebodyMeanwhile(wiki=wiki), START + timedelta(days=10)
        work = Work(wiki, linker, store, wiki.fetch, Settings(wiki_api=wiki.api), at)
        # read before each portion: nothing here waits for half a minute
        watch = Watch(wiki, TITLE, 0.0, lambda _: None)
        recording.record(work, store, watch, None, Lists(""))
        assert {s.file.mid for s in all_outcomes(store)} == {f"M{n + 1}" for n in range(IMAGES)}
        assert store.checkpoint(work.source) == str(first)
        assert f"stopped by {TITLE}: cats are dogs" in capsys.readouterr().out.splitlines()
        (run,) = store.last_runs(9)
        assert run.finished and run.counts["listed"] == IMAGES
