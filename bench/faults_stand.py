"""What faults are tried on: one MariaDB, databases in it, the service of production over each."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from itertools import count
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from bench.faults_client import SECRET, Client, Crowd
from bench.faults_ledger import Ledger, Seen, balance
from bench.gunicorn_process import Gunicorn, gunicorn
from bench.web import example_file
from depicts_model.catalog import Catalog
from depicts_model.store import Store, schema
from depicts_model.types import Qid, Suggested, Suggestion, mid_of
from tests.deploy.mariadb import Server

FILES: Final = 200
VERSION: Final = "faults-1"
STEP: Final = 0.02
"""Seconds between two looks at what is waited for."""
ASK_AGAIN: Final = 0.5
"""The same where the service is asked: its limit of questions about a page is no fault."""
PATIENCE: Final = 60.0
_KEPT: Final = ("mid", "sha1", "qid", "key", "verdict")


def until(
    done: Callable[[], object], seconds: float = PATIENCE, what: str = "it", step: float = STEP
) -> None:
    """Wait for something; raises TimeoutError that names it."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} does not happen within {seconds:g} s")
        time.sleep(step)


@dataclass(slots=True)
class Scene:
    """A service over a database, a client, and what is written down of one fault."""

    service: Gunicorn
    url: str
    client: Client
    logs: tuple[Path, ...] = ()
    """Of the processes beside the service."""
    recovered_s: float | None = None
    _before: int = 0

    def __post_init__(self) -> None:
        self._before = self.service.tracebacks

    @property
    def ledger(self) -> Ledger:
        """What was asked and answered."""
        return self.client.ledger

    def more(self, kind: str, number: int, seconds: float = PATIENCE) -> None:
        """Wait until so many more answers of a kind came."""
        aim = self.ledger.answers[kind] + number
        until(lambda: self.ledger.answers[kind] >= aim, seconds, f"{number} times {kind}")

    def whole(self, number: int = 1, since: float | None = None) -> None:
        """The fault is over: wait for a whole answer about a file, and keep how long it took."""
        begun = time.monotonic() if since is None else since

        def right() -> bool:
            answer = self.client.read(number)
            return answer is not None and answer.status == 200

        until(right, what="a whole answer", step=ASK_AGAIN / 2)
        self.recovered_s = time.monotonic() - begun

    def seen(self, checks: Mapping[str, bool], **facts: Any) -> Seen:
        """What is to be reported, the ledger balanced against the store."""
        found = balance(self.ledger, *rows_of(self.url))
        marks = self.service.tracebacks - self._before + sum(map(_traces, self.logs))
        answers, wrong = dict(self.ledger.answers), dict(self.ledger.wrong)
        return Seen(answers, wrong, found, marks, self.recovered_s, checks, facts)


def _traces(log: Path) -> int:
    return log.read_text(encoding="utf-8", errors="replace").count("Traceback (most recent")


def rows_of(url: str) -> tuple[list[Any], list[Any]]:
    """Every decision and every outcome in a database, as the ledger compares them."""
    outcome = (schema.file.c.mid, schema.file.c.sha1, schema.outcome.c.model_version)
    told = sa.select(*outcome).select_from(schema.outcome.join(schema.file))
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        decisions = connection.execute(sa.select(*(schema.decision.c[name] for name in _KEPT)))
        kept, outcomes = [tuple(row) for row in decisions], connection.execute(told)
        found = [tuple(row) for row in outcomes]
    engine.dispose()
    return kept, found


@dataclass(slots=True)
class Stand:
    """What all faults share: opened when first wanted, closed with ``stack``."""

    folder: Path
    server: Server
    stack: ExitStack
    catalog: Path = field(init=False)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    shelf: dict[str, object] = field(default_factory=dict)
    """What the first who wants it makes, for those after it."""

    def __post_init__(self) -> None:
        self.catalog = self.folder / "catalog.sqlite"
        with as_file(files("depicts_model") / "data" / "starter.sqlite") as shipped:
            shutil.copyfile(shipped, self.catalog)

    def place(self) -> Path:
        """A new folder."""
        made = self.folder / str(next(self._numbers))
        made.mkdir()
        return made

    def database(self) -> str:
        """The address of a new database without tables."""
        return self.server.url(self.server.create(f"faults{next(self._numbers)}"))

    def settings(self, url: str, **more: str) -> dict[str, str]:
        """Of a service over this database."""
        values = {"catalog": str(self.catalog), "database_url": url, "secret_key": SECRET} | more
        return {f"DEPICTS_{key.upper()}": value for key, value in values.items()}

    def filled(self, url: str) -> dict[int, list[str]]:
        """Store suggestions for FILES files; the items that each must show."""
        with Catalog.open(self.catalog) as catalog, Store.open(url) as store:
            return fill(store, catalog)

    @contextmanager
    def own(self, environment: Mapping[str, str] | None = None, **more: str) -> Iterator[Scene]:
        """A service of one's own over a filled database; ``more``: settings."""
        url = self.database()
        expected = self.filled(url)
        settings = {**self.settings(url, **more), **(environment or {})}
        with gunicorn(settings, self.place() / "gunicorn.log") as service:
            yield Scene(service, url, Client(service.address, Ledger(), expected))

    def shared(self) -> Scene:
        """The service that many faults share, with a ledger of one's own."""
        found = self.shelf.get("service")
        if not isinstance(found, Scene):
            found = self.shelf["service"] = self.stack.enter_context(self.own())
        client = replace(found.client, ledger=Ledger())
        return Scene(found.service, found.url, client)


def fill(store: Store, catalog: Catalog) -> dict[int, list[str]]:
    """Suggestions of what may be shown; the items by file."""
    items = [qid for qid in sorted(catalog.visual) if catalog.label(qid)]
    chosen = {n: [items[(n * 7 + step * 31) % len(items)] for step in (0, 1, 2)] for n in _all()}
    run = store.start_run("bench", VERSION, {})
    store.save_batch(run, VERSION, [(example_file(n), _shown(n, chosen[n])) for n in _all()])
    return {n: [*qids] for n, qids in chosen.items()}


def _all() -> range:
    return range(1, FILES + 1)


def _shown(number: int, qids: list[Qid]) -> Suggested:
    mid = mid_of(number)
    sure = enumerate(qids)
    made = (Suggestion(mid, q, 0.9 - n / 10, ("pixels",), (), (), VERSION) for n, q in sure)
    return Suggested(tuple(made))


@contextmanager
def busy(scene: Scene) -> Iterator[Scene]:
    """Readers and deciders at work; at the end what was not acknowledged is sent again."""
    crowd = Crowd(scene.client)
    with crowd:
        scene.more("200", 20)
        scene.more("201", 5)
        yield scene
        scene.more("201", 5)
    if left := crowd.repeat():
        scene.ledger.wrong["a decision that is never taken"] += left


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that stands still for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
