"""Opens what a run needs, in the order of cost, and reports what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from depicts_bot import recording
from depicts_bot.budget import Budgeted
from depicts_bot.lists import Lists, read_lists
from depicts_bot.opting_out import read_opt_outs
from depicts_bot.site import connect
from depicts_bot.sources import NEW_UPLOADS, Source
from depicts_bot.switching import RUN_SECONDS, Watch
from depicts_bot.turns import connected
from depicts_bot.work import Work, now
from depicts_model.cache import EmbeddingCache
from depicts_model.catalog import Catalog
from depicts_model.errors import ConfigurationError
from depicts_model.overrides import Overrides
from depicts_model.settings import Settings, on_loopback
from depicts_model.store import JOB_SECONDS, Store
from depicts_model.switch import NOTE, Switch
from depicts_model.wiki.thumbnails import Thumbnails

if TYPE_CHECKING:
    from depicts_bot.wiki import Wiki
    from depicts_model.linker.cached import Memory
    from depicts_model.linker.link import Linker


@dataclass(frozen=True, slots=True)
class Options:
    """What the operator said on the command line."""

    limit: int | None = None
    simulate: bool = False
    live: bool = False
    source: Source = NEW_UPLOADS


def run_bot(settings: Settings, options: Options) -> None:
    """One run; raises DepictsError where something that all files need is missing or breaks."""
    with (
        Catalog.open(path_of(settings.catalog)) as catalog,
        _store(settings, options) as store,
        open_memory(settings, options) as memory,
    ):
        wiki = _connected(settings, options, store)
        tell = _silent if options.simulate else teller(store)
        watch = Watch(wiki, settings.switch_page, RUN_SECONDS, tell)
        if watch.now().stopped:
            click.echo(recording.stopped(settings, watch.now()))
            return
        lists = obeyed_lists(wiki, settings, catalog)
        opt_outs = read_opt_outs(wiki, settings.opt_out_page)
        linker = load_linker(settings, catalog, lists.overrides, memory)
        check_model(linker.demo, settings, options)
        with Thumbnails(settings.contact) as thumbnails:
            fetch, began = thumbnails.fetch, now()
            work = Work(
                Budgeted(wiki, settings.requests_per_run),
                linker,
                store,
                fetch,
                settings,
                began,
                watch.check,
                opt_outs,
                options.source,
            )
            if options.simulate:
                recording.simulate(work, watch, options.limit)
            else:
                recording.record(work, store, watch, options.limit, lists)


def _connected(settings: Settings, options: Options, store: Store) -> Wiki:
    """The wiki, asked in turn; a simulation writes nothing, and takes no turns either."""
    if options.simulate:
        return connect(settings, options.live)
    return connected(lambda: connect(settings, options.live), store)


def _silent(_: Switch) -> None:
    """A simulation writes nothing."""


def teller(store: Store) -> Callable[[Switch], None]:
    """Tells the store of each reading of the switch; there the service learns of it."""

    def tell(switch: Switch) -> None:
        store.note(NOTE, switch.note(), datetime.now(UTC))

    return tell


def obeyed_lists(wiki: Wiki, settings: Settings, catalog: Catalog) -> Lists:
    """The lists as people on the wiki have changed them; what they changed is said."""
    lists = read_lists(wiki, settings.lists_page, catalog)
    if lists.revision is not None:
        click.echo(lists.line(catalog), err=True)
    return lists


def load_linker(
    settings: Settings, catalog: Catalog, overrides: Overrides, memory: Memory
) -> Linker:
    """The model, and whatever it needs of torch."""
    from depicts_model.linker.link import Linker  # seconds: last of all

    return Linker.load(path_of(settings.model_folder), catalog, settings, overrides, memory=memory)


def open_memory(settings: Settings, options: Options) -> AbstractContextManager[Memory]:
    """The embedding cache where the operator named one, or what came last: duplicates come in rows.

    A simulation changes no file.
    """
    if not settings.embedding_cache or options.simulate:
        from depicts_model.linker.recent import Recent

        return nullcontext(Recent())
    return EmbeddingCache(Path(settings.embedding_cache), settings.embedding_cache_mb * 1_000_000)


def path_of(text: str) -> Path | None:
    """The path that a setting names, None where it is empty."""
    return Path(text) if text else None


def check_model(demo: bool, settings: Settings, options: Options) -> None:
    """The small demo model is not let loose on a real wiki by accident."""
    if demo and not (settings.demo_model or options.simulate or on_loopback(settings.wiki_api)):
        raise ConfigurationError(
            f"the model is the small demo model, and {settings.wiki_api} is not on this machine: "
            "set model to a real one, or say --demo-model to store its suggestions all the same"
        )


@contextmanager
def _store(settings: Settings, options: Options) -> Iterator[Store]:
    """The store, which a simulation only reads.

    A simulation that finds none works on an empty one, and throws it away.
    """
    url = settings.database_url
    with TemporaryDirectory(prefix="depicts-bot-") as folder:
        if not options.simulate:
            opened = Store.open(url, JOB_SECONDS)
        elif Store.is_missing(url):
            opened = Store.open(f"sqlite:///{folder}/simulation.sqlite")
        else:
            opened = Store.open_to_read(url)
        with opened as store:
            yield store
