"""The worker at work: the embedded wiki, `depicts-bot serve`, and the service that is asked."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from PIL import Image
from werkzeug.wrappers import Request, Response

from bench.faults_client import Client
from bench.faults_ledger import Ledger
from bench.faults_stand import ASK_AGAIN, PATIENCE, Scene, Stand, until
from bench.gunicorn_process import ROOT, Gunicorn, gunicorn
from depicts_bot.leases import NAME
from depicts_model.store import Store, schema
from depicts_model.types import mid_of
from tests.bot import model, worlds
from tests.sandbox.demo_processes import end, started
from tests.sandbox.server import EmbeddedWiki

HURRY: Final = 3.0
"""Seconds of the lease, until what was taken is due again, and between two readings of the switch
and of the files that are loaded, in place of tens: nothing else of the worker is changed."""
SERVE: Final = (
    f"from tests.bot.fake_main import hurry; hurry({HURRY});"
    " from depicts_bot.cli import main; main(['serve'])"
)
PLAIN: Final = range(100, 160)
"""Ordinary pictures of the wiki; before them the odd ones of the bot's tests."""
TALL: Final = (161, 162, 163)
"""Pictures that take long to look at."""
TALL_SIZE: Final = (400, 60_000)


@cache
def tall_png() -> bytes:
    """Twenty-four megapixels in a small file, too narrow for a thumbnail."""
    made = BytesIO()
    Image.new("RGB", TALL_SIZE, "teal").save(made, "PNG")
    return made.getvalue()


def world() -> Any:
    """The wiki's files: odd ones, ordinary ones, tall ones."""
    odd = [pair for _, pair in worlds.odd_files().values()]
    plain = [worlds.file(number) for number in PLAIN]
    width, height = TALL_SIZE
    tall = [worlds.file(n, tall_png(), width=width, height=height) for n in TALL]
    return worlds.world([*odd, *plain, *tall])


class Hold:
    """Holds back the first answer that is wanted; ``came`` when it is asked for."""

    def __init__(self, wanted: Callable[[Request, dict[str, str]], bool]) -> None:
        self.came, self.go = threading.Event(), threading.Event()
        self._wanted = wanted

    def __call__(self, request: Request, params: dict[str, str]) -> Response | None:
        """Asked by the wiki before each answer."""
        if not self.came.is_set() and self._wanted(request, params):
            self.came.set()
            self.go.wait(PATIENCE)
        return None


@dataclass(slots=True)
class Workshop:
    """What faults of the worker share; ``workers``: those that were begun, the last one last."""

    stand: Stand
    wiki: EmbeddedWiki
    service: Gunicorn
    url: str
    folder: Path
    workers: list[subprocess.Popen[str]] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)
    _numbers: count[int] = field(default_factory=lambda: count(PLAIN.start))

    def scene(self) -> Scene:
        """With a ledger of its own; a worker is at work."""
        if not self.workers or self.workers[-1].poll() is not None:
            self.begin()
        until(self.holder, what="a worker that holds the lease")
        client = Client(self.service.address, Ledger())
        return Scene(self.service, self.url, client, tuple(self.logs[-1:]))

    def begin(self, **more: str) -> subprocess.Popen[str]:
        """One more worker, as Toolforge's jobs would begin it."""
        log = self.folder / f"worker-{len(self.logs)}.log"
        paths = [ROOT, *(ROOT / name for name in ("model", "bot", "toolforge"))]
        usual = {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(map(str, paths))}
        values = {
            "DEPICTS_WIKI_API": self.wiki.api,
            "DEPICTS_WIKI_USERNAME": worlds.BOT,
            "DEPICTS_WIKI_PASSWORD": worlds.PASSWORD,
            "DEPICTS_MODEL": str(self.folder / "model"),
            "DEPICTS_CATALOG": str(self.folder / "catalog.sqlite"),
            "DEPICTS_DATABASE_URL": self.url,
        }
        environment = {**os.environ, **usual, **values, **more}
        with log.open("wb") as stream:
            command = [sys.executable, "-c", SERVE]
            made = started(command, env=environment, cwd=ROOT, stdout=stream, stderr=stream)
        self.workers.append(made)
        self.logs.append(log)
        return made

    def close(self) -> None:
        """End every worker that is left."""
        for worker in self.workers:
            if worker.poll() is None:
                end(worker)

    def kill(self) -> float:
        """Kill -9 of the worker; when it was."""
        self.workers[-1].kill()
        self.workers[-1].wait()
        return time.monotonic()

    def file(self) -> int:
        """A file that nobody asked about yet."""
        return next(self._numbers)

    def ask(self, scene: Scene, number: int) -> None:
        """As the service does where it is asked about it."""
        with Store.open(self.url) as store:
            store.request(mid_of(number))
        scene.ledger.ask(mid_of(number))

    def answered(self, scene: Scene, number: int, since: float | None = None) -> None:
        """Ask the service until it tells; a worker that ended is begun again, as jobs are."""
        begun = time.monotonic() if since is None else since

        def told() -> bool:
            if self.workers[-1].poll() is not None:
                self.begin()
            answer = scene.client.read(number)
            return answer is not None and answer.status == 200

        until(told, 90.0, f"an outcome of M{number}", ASK_AGAIN)
        scene.recovered_s = time.monotonic() - begun

    def holder(self) -> str | None:
        """Who holds the lease."""
        found = self._one(sa.select(schema.lease.c.holder).where(schema.lease.c.name == NAME))
        return None if found is None else str(found)

    def taken(self, number: int) -> bool:
        """Whether a worker took the file and it waits still."""
        row = schema.request.c
        taken = sa.select(row.attempts).where(row.mid == mid_of(number), row.attempts > 0)
        return self._one(taken) is not None

    def stored(self, number: int) -> int | None:
        """The run that an outcome of the file belongs to."""
        joined = schema.outcome.join(schema.file)
        run = sa.select(schema.outcome.c.run_id).select_from(joined)
        found = self._one(run.where(schema.file.c.mid == mid_of(number)))
        return None if found is None else int(found)

    def _one(self, query: sa.Select[Any]) -> Any:
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return connection.execute(query).scalars().first()

    @contextmanager
    def before(self, rule: Any) -> Iterator[None]:
        """A rule that the wiki asks before each answer, for a while."""
        self.wiki.before = rule
        try:
            yield
        finally:
            self.wiki.before = None
            if isinstance(rule, Hold):
                rule.go.set()


def opened(stand: Stand) -> Workshop:
    """The workshop that faults share: made by the first."""
    found = stand.shelf.get("workshop")
    if not isinstance(found, Workshop):
        found = stand.shelf["workshop"] = stand.stack.enter_context(workshop(stand))
    return found


@contextmanager
def workshop(stand: Stand) -> Iterator[Workshop]:
    """A wiki, a service over an empty database, and no worker yet."""
    folder, url = stand.place(), stand.database()
    (folder / "catalog.sqlite").write_bytes(stand.catalog.read_bytes())
    model.save(folder / "model")
    with EmbeddedWiki(world()) as wiki:
        settings = stand.settings(url, wiki_api=wiki.api, model=str(folder / "model"))
        with gunicorn(settings, folder / "gunicorn.log") as service:
            made = Workshop(stand, wiki, service, url, folder)
            try:
                yield made
            finally:
                made.close()
                # another may stand in its place
                if made.wiki is not wiki:
                    made.wiki.close()
