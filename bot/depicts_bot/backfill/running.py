"""A backfill from the command's options to its last line."""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from depicts_bot.backfill import shards
from depicts_bot.backfill.fetching import PER_SECOND, Budget
from depicts_bot.backfill.listed import Listed, Shard
from depicts_bot.backfill.planning import Left, Plan
from depicts_bot.backfill.work import HOST, Job, Json
from depicts_bot.progress import display
from depicts_bot.report import Tally
from depicts_bot.runner import path_of
from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.link import shipped
from depicts_model.settings import Settings
from depicts_model.wiki.thumbnails import CONNECTIONS

Engine = Callable[[Job, Iterable[Shard], int], Iterator[tuple[Shard, Json]]]

_ENGINES: Final = {"plain": "plain", "ray": "ray_data", "spark": "spark"}
"""Modules of this package."""
_PACKAGES: Final = {"ray": "ray", "spark": "pyspark"}
"""What they need, from the extras of the same names."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the maintainer said on the command line."""

    files: Path
    out: Path
    engine: str = "ray"
    workers: int = 1
    shard_rows: int = 500
    connections: int = CONNECTIONS
    rate: float = PER_SECOND
    host: str = HOST


def run_backfill(settings: Settings, options: Options) -> None:
    """Do what is left of the list; raises DepictsError where that cannot go on."""
    if not math.isfinite(options.rate):
        raise ConfigurationError(f"--rate must be a number, not {options.rate}")
    engine = _engine(options.engine)
    listed = Listed.open(options.files)
    settings = _settled(settings)
    plan = _plan(listed, settings, options)
    with _alone(options.out):
        plan.agree(options.out)
        left = Left.of(listed, options.shard_rows, options.out)
        tally = left.tally
        click.echo(_before(listed, left), err=True)
        job = _job(listed, settings, options)
        try:
            _work(engine(job, left.todo, options.workers), tally, listed.rows)
            # of a worker that was killed, and whose work another one did
            shards.clear(options.out)
        finally:
            click.echo(f"{options.out}: {tally.line()}")


def _settled(settings: Settings) -> Settings:
    """With the folder of the model that serves now: another one may be promoted meanwhile."""
    folder = (path_of(settings.model_folder) or shipped()).resolve()
    return replace(settings, model=str(folder), models="")


def _engine(name: str) -> Engine:
    package = _PACKAGES.get(name)
    # found, and not imported: the engine has something to say before
    if package and find_spec(package) is None:
        raise ConfigurationError(f"needs {package}: install the extra {name!r}")
    engine: Engine = import_module(f"depicts_bot.backfill.{_ENGINES[name]}").run
    return engine


def _plan(listed: Listed, settings: Settings, options: Options) -> Plan:
    with Catalog.open(path_of(settings.catalog)) as catalog:
        artefact = artefacts.load(Path(settings.model), catalog)
    return Plan.of(listed, options.shard_rows, artefact, settings)


def _job(listed: Listed, settings: Settings, options: Options) -> Job:
    budget = Budget(options.connections, options.rate)
    # engines send it from process to process, and keep it in files
    settings = replace(settings, wiki_password="", secret_key="", database_url="")
    return Job(settings, str(options.out.resolve()), options.host, budget, listed.fetches)


def _before(listed: Listed, left: Left) -> str:
    whole = len(left.todo) + left.finished
    return f"{listed.rows} files in {whole} shards, of which {left.finished} are finished"


def _work(made: Iterator[tuple[Shard, Json]], tally: Tally, rows: int) -> None:
    shown = display("backfill")
    try:
        for _, manifest in made:
            tally.add_counted(manifest["counts"])
            shown.show(tally, tally.listed / rows)
    finally:
        shown.close()


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Two would do everything twice, and take away each other's work files."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise ArtefactError(f"{out}: {error.strerror}") from None
    try:
        _lock(folder, out)
        yield
    finally:
        os.close(folder)


def _lock(folder: int, out: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ConfigurationError(f"{out}: another backfill is at work here") from None
    except OSError as error:
        # some network file systems have no locks
        raise ArtefactError(f"{out}: cannot be locked: {error.strerror}") from None
