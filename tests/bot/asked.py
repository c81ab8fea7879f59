"""The embedded wiki asked without pywikibot, which takes its time to log in; and a run over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import requests

from depicts_bot import pipeline
from depicts_bot.opting_out import NOBODY, OptOuts
from depicts_bot.pipeline import Batch
from depicts_bot.report import Tally
from depicts_bot.sources import Source
from depicts_bot.wiki import Json
from depicts_bot.work import Work, now
from depicts_model.errors import WikiError
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN, Store
from depicts_model.types import Outcome
from tests.bot.fakes import FakeLinker
from tests.model.store.looking import all_outcomes
from tests.sandbox.server import EmbeddedWiki


@dataclass
class AskedWiki:
    """Satisfies ``depicts_bot.wiki.Wiki`` for a person who is not logged in."""

    wiki: EmbeddedWiki
    high_limits: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)

    @property
    def api(self) -> str:
        return self.wiki.api

    def ask(self, **parameters: str) -> Json:
        self.asked.append(parameters)
        usual = {"format": "json", "formatversion": "2"}
        answer: Json = requests.post(self.api, data=usual | parameters, timeout=30).json()
        if "error" in answer:
            raise WikiError(answer["error"]["code"], answer["error"]["info"])
        return answer


@dataclass
class Run:
    """A bot that can be run again and again over one wiki, and stopped after any batch."""

    wiki: AskedWiki
    store: Store
    settings: Settings
    opt_outs: OptOuts = NOBODY
    fetched: list[str] = field(default_factory=list)

    def fetch(self, url: str, host: str) -> bytes:
        self.fetched.append(url)
        return url.encode()

    def work(self, source: Source) -> Work:
        return Work(
            self.wiki,
            FakeLinker(),
            self.store,
            self.fetch,
            self.settings,
            now(),
            opt_outs=self.opt_outs,
            listing=source,
        )

    def batches(self, source: Source, at_most: int | None = None) -> Iterator[Batch]:
        """Each is stored once the next is asked for, as the command does."""
        run = self.store.start_run(BOT_RUN, "fake-1", source.record())
        work = self.work(source)
        for batch in pipeline.decide(work, at_most):
            yield batch
            pipeline.act(work, run, batch)

    def all(self, source: Source, at_most: int | None = None) -> Tally:
        tally = Tally()
        for batch in self.batches(source, at_most):
            batch.count(tally)
        return tally

    def killed(self, source: Source, batches: int) -> None:
        """Dies while it decides about the batch after so many."""
        for _ in zip(range(batches + 1), self.batches(source), strict=False):
            pass

    def outcomes(self) -> dict[str, Outcome]:
        return {s.file.mid: s.outcome for s in all_outcomes(self.store)}

    def pages(self) -> list[int]:
        return sorted(int(mid[1:]) for mid in self.outcomes())


def run_over(wiki: EmbeddedWiki, store: Store, batch: int = 3) -> Run:
    return Run(AskedWiki(wiki), store, Settings(wiki_api=wiki.api, batch_size=batch))


def delayed(run: Run, hours: float) -> Run:
    return replace(run, settings=replace(run.settings, upload_delay_hours=hours))


def opened(folder: Path) -> Store:
    return Store.open(f"sqlite:///{folder}/store.sqlite")
