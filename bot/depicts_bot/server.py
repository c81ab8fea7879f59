"""Opens what the worker needs, and opens it anew where it was changed meanwhile."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from types import FrameType
from typing import Final

import click

from depicts_bot import leases, runner, serving, turns
from depicts_bot.closing import closed
from depicts_bot.leases import Lease
from depicts_bot.lists import Lists, read_lists
from depicts_bot.opting_out import NOBODY, OptOuts, read_opt_outs
from depicts_bot.opting_out import RECORD as OPT_OUTS
from depicts_bot.runner import Options
from depicts_bot.serving import Worker
from depicts_bot.site import connect
from depicts_bot.switching import SERVE_SECONDS, Watch
from depicts_bot.turns import InTurn
from depicts_bot.wiki import Wiki
from depicts_bot.work import Fetch, Work, now
from depicts_model.catalog import Catalog
from depicts_model.errors import DepictsError
from depicts_model.overrides import RECORD
from depicts_model.replaced import mark
from depicts_model.settings import Settings
from depicts_model.store import ANSWER_SECONDS, BOT_RUN, Store
from depicts_model.wiki.thumbnails import Thumbnails

PAUSE: Final = 5.0
"""Seconds until what cannot be opened any more is tried again."""
LOOK: Final = 60.0
"""Seconds between two looks at the lists and the files that were loaded."""


def serve_bot(settings: Settings, options: Options) -> None:
    """Serve until SIGTERM or SIGINT; raises DepictsError where something needed is missing.

    That is at the beginning: what goes missing later may come back, and is waited for.
    """
    with (
        _stopping() as stop,
        Store.open(settings.database_url, ANSWER_SECONDS, keep=True) as store,
        Thumbnails(settings.contact) as thumbnails,
    ):
        wiki = turns.connected(lambda: connect(settings, options.live, hasty=True), store)
        opened = _Opened(settings, options, wiki, store, thumbnails)
        while not stop.is_set():
            lease = Lease(store, leases.SECONDS, leases.RENEW, None, leases.HUNG, leases.END)
            with lease.held(stop) as ours:
                if ours:
                    _serve(opened, lease, stop)
    click.echo("worker: ended")


def _serve(opened: _Opened, lease: Lease, stop: Event) -> None:
    try:
        opened.serve(lease, stop)
    except DepictsError as error:
        if not opened.began.is_set():
            raise
        click.echo(f"error: {error}", err=True)
        stop.wait(PAUSE)


@contextmanager
def _stopping() -> Iterator[Event]:
    """An event that SIGTERM and SIGINT set: the batch in hand is brought to its end."""
    stop = Event()

    def heard(_: int, __: FrameType | None) -> None:
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, heard) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def marking(fetch: Fetch, progress: Callable[[], None]) -> Fetch:
    """The same, and each picture is progress, whether it comes or not."""

    def fetched(url: str, host: str) -> bytes:
        try:
            return fetch(url, host)
        finally:
            progress()

    return fetched


@dataclass(frozen=True, slots=True)
class _Opened:
    """What stays open while lists, catalog and model may change."""

    settings: Settings
    options: Options
    wiki: InTurn
    store: Store
    thumbnails: Thumbnails
    began: Event = field(default_factory=Event)
    """Set once everything was there."""

    def serve(self, lease: Lease, stop: Event) -> None:
        """Serve with the catalog, the model and the lists of now, until one of them changes."""
        settings, wiki = (
            self.settings,
            replace(self.wiki, after=lease.progress, rest=turns.Rest(0.0)),
        )
        loaded = Loaded(wiki, settings)
        with (
            Catalog.open(runner.path_of(settings.catalog)) as catalog,
            runner.open_memory(settings, self.options) as memory,
        ):
            lists = loaded.lists = runner.obeyed_lists(wiki, settings, catalog)
            opt_outs = loaded.opt_outs = read_opt_outs(wiki, settings.opt_out_page)
            linker = runner.load_linker(settings, catalog, lists.overrides, memory)
            runner.check_model(linker.demo, settings, self.options)
            tell = runner.teller(self.store)
            watch = Watch(wiki, settings.switch_page, SERVE_SECONDS, tell)
            fetch, began = marking(self.thumbnails.fetch, lease.progress), now()
            work = Work(wiki, linker, self.store, fetch, settings, began, watch.check, opt_outs)
            self._work(work, watch, lease, stop, loaded, catalog)

    def _work(
        self,
        work: Work,
        watch: Watch,
        lease: Lease,
        stop: Event,
        loaded: Loaded,
        catalog: Catalog,
    ) -> None:
        version = work.linker.version
        inputs = {
            "wiki": self.settings.wiki_api,
            "serving": True,
            RECORD: loaded.lists.record(),
            OPT_OUTS: loaded.opt_outs.record(),
        }
        run = self.store.start_run(BOT_RUN, version, inputs)
        worker = Worker(work, self.store, watch, lease, run, serving.AGAIN)
        click.echo(f"worker: run {run}, model {version}", err=True)
        lease.beat = {"model": version}
        self.began.set()
        with closed(self.store, run, worker.tally.counts):
            worker.serve(stop, lambda: loaded.stale(catalog))
        click.echo(f"run {run}, model {version}: {worker.tally.line()}")


@dataclass(slots=True)
class Loaded:
    """What was loaded, as it was then; looked at again now and then."""

    wiki: Wiki
    settings: Settings
    lists: Lists = field(default_factory=lambda: Lists(""))
    opt_outs: OptOuts = NOBODY
    _files: tuple[object, ...] = field(init=False)
    _looked: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._files = self._marks()

    def stale(self, catalog: Catalog) -> bool:
        """Whether the lists on the wiki, the catalog or the model changed; raises WikiError."""
        if time.monotonic() - self._looked < LOOK:
            return False
        lists = read_lists(self.wiki, self.settings.lists_page, catalog)
        opt_outs = read_opt_outs(self.wiki, self.settings.opt_out_page)
        self._looked = time.monotonic()
        said = (lists.overrides, opt_outs)
        return said != (self.lists.overrides, self.opt_outs) or self._marks() != self._files

    def _marks(self) -> tuple[object, ...]:
        """Which files these are: replaced ones have other numbers or times."""
        names = (self.settings.catalog, self.settings.approved)
        folder = self.settings.model_folder
        model = folder and f"{folder}/manifest.json"
        return tuple(mark(Path(name)) for name in (*names, model) if name)
