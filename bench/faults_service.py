"""Faults of the service itself: its workers killed, ended, begun anew; its catalog replaced."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from bench.faults_client import READERS, Client
from bench.faults_database import free_port
from bench.faults_kinds import Fault
from bench.faults_ledger import CUT_OFF, Ledger, Seen
from bench.faults_stand import PATIENCE, Scene, Stand, busy, until
from bench.gunicorn_process import gunicorn, start
from bench.web import WORKERS

KILLS: Final = 4


def worker_killed(stand: Stand) -> Seen:
    """Kill -9 of gunicorn's workers, one after another, while both answer."""
    scene = stand.shared()
    with busy(scene):
        for _ in range(KILLS):
            before = scene.service.workers
            os.kill(before[0], signal.SIGKILL)
            _replaced(scene, before[0])
            scene.more("200", 10)
        scene.whole()
    cut = scene.ledger.answers[CUT_OFF]
    checks = {
        "the same service": scene.service.process.poll() is None,
        "no more were cut off than were in the air": cut <= KILLS * READERS,
    }
    return scene.seen(checks, workers_killed=KILLS)


def _replaced(scene: Scene, gone: int) -> None:
    def others() -> bool:
        now = scene.service.workers
        return gone not in now and len(now) == WORKERS

    until(others, what="a new worker")


def hung_up(stand: Stand) -> Seen:
    """SIGHUP under load: both workers are replaced; who is being answered is answered."""
    scene = stand.shared()
    before = scene.service.workers
    with busy(scene):
        os.kill(scene.service.pid, signal.SIGHUP)
        until(lambda: not {*before} & {*scene.service.workers}, what="new workers")
        until(lambda: len(scene.service.workers) == len(before), what="both workers")
        scene.whole()
    checks = {
        "both workers are others": not {*before} & {*scene.service.workers},
        "every request got an answer": not scene.ledger.answers[CUT_OFF],
    }
    return scene.seen(checks)


def ended_in_the_air(stand: Stand) -> Seen:
    """SIGTERM while a request waits for the database; then begun again, as a supervisor would."""
    url, port = stand.database(), free_port()
    expected = stand.filled(url)
    settings, folder = stand.settings(url), stand.place()
    ledger = Ledger()
    with gunicorn(settings, folder / "first.log", port=port) as first:
        client = Client(first.address, ledger, expected)
        with locked(stand, url, "told WRITE") as engine:
            reader = threading.Thread(target=client.read, args=(1,))
            reader.start()
            until(lambda: waiting(engine), what="a request in the air")
            first.process.terminate()
            until(lambda: "Handling signal: term" in first.log.read_text("utf-8"), what="its end")
        reader.join()
        first.process.wait(PATIENCE)
        traces = first.tracebacks
    answered = ledger.answers["200"]
    with gunicorn(settings, folder / "again.log", port=port) as again:
        scene = Scene(again, url, Client(again.address, ledger, expected))
        scene.whole()
    checks = {
        "the request in the air was answered": answered == 1,
        "it ended with status 0": first.process.returncode == 0,
        "no traceback at the end": traces == 0,
    }
    return scene.seen(checks)


@contextmanager
def locked(stand: Stand, url: str, tables: str) -> Iterator[sa.Engine]:
    """Tables that nobody else may touch: ``NAME WRITE``, or write to: ``NAME READ``."""
    name = sa.make_url(url).database or ""
    engine = sa.create_engine(stand.server.real.url(name), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"LOCK TABLES {tables}"))
        try:
            yield engine
        finally:
            connection.execute(sa.text("UNLOCK TABLES"))
    engine.dispose()


def waiting(engine: sa.Engine) -> bool:
    """Whether somebody waits for a lock of tables in this database."""
    listed = "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE()"
    query = sa.text(f"{listed} AND state LIKE 'Waiting for %'")
    with engine.connect() as connection:
        return connection.execute(query).first() is not None


def catalog_replaced(stand: Stand) -> Seen:
    """A newer catalog by rename, under load; then a broken one; each before a new beginning."""
    url, folder = stand.database(), stand.place()
    expected, port = stand.filled(url), free_port()
    catalog = folder / "catalog.sqlite"
    shutil.copyfile(stand.catalog, catalog)
    settings = stand.settings(url, catalog=str(catalog))
    with gunicorn(settings, folder / "first.log", port=port) as first:
        scene = Scene(first, url, Client(first.address, Ledger(), expected))
        with busy(scene):
            shutil.copyfile(stand.catalog, folder / "newer.sqlite")
            (folder / "newer.sqlite").replace(catalog)
            scene.more("200", 100)
            (folder / "broken.sqlite").write_bytes(stand.catalog.read_bytes()[:100_000])
            (folder / "broken.sqlite").replace(catalog)
            scene.more("200", 100)
            scene.whole()
        traces = first.tracebacks
    refused = start(settings, folder / "broken.log", port=port)
    status, told = refused.wait(PATIENCE), (folder / "broken.log").read_text("utf-8")
    shutil.copyfile(stand.catalog, folder / "newer.sqlite")
    (folder / "newer.sqlite").replace(catalog)
    with gunicorn(settings, folder / "again.log", port=port) as again:
        after = Scene(again, url, Client(again.address, scene.ledger, expected))
        after.whole()
    checks = {
        "every request got an answer": not scene.ledger.answers[CUT_OFF],
        "it does not begin with a broken one": status == 2 and "Traceback" not in told,
        "it names the broken file": f"{catalog}: " in told,
        "no traceback": traces == 0,
    }
    return after.seen(checks)


FAULTS: Final = (
    Fault("web worker killed", "only what it held is cut off; another takes over", worker_killed),
    Fault("web workers replaced", "SIGHUP: every request is answered", hung_up),
    Fault("web service ended", "SIGTERM: what is in the air is answered", ended_in_the_air),
    Fault(
        "catalog replaced while serving",
        "the catalog in use goes on, whatever lies in its place; a broken one is refused in one"
        " line at the next beginning",
        catalog_replaced,
    ),
)
