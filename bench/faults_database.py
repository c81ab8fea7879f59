"""Faults of the database: gone, frozen, read-only, full, not there."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from bench.faults_client import Client
from bench.faults_kinds import Fault
from bench.faults_ledger import Ledger, Seen
from bench.faults_stand import PATIENCE, Scene, Stand, busy, frozen
from bench.gunicorn_process import gunicorn, start
from tests.deploy.mariadb import private_mariadb

FROZEN_SECONDS: Final = 36.0
"""Longer than gunicorn lets a worker be silent."""
DISK_MB: Final = 260
KILLS: Final = 15
LONG: Final = 60
"""Seconds within which so many are killed."""


def killed(stand: Stand) -> Seen:
    """Kill -9 of mariadbd, and a start of it."""
    scene = stand.shared()
    with busy(scene):
        stand.server.real.stop(kill=True)
        scene.more("503", 10)
        stand.server.real.start()
        scene.whole()
    return scene.seen({"told to come later": scene.ledger.answers["503"] >= 10, **alive(scene)})


def slow(stand: Stand) -> Seen:
    """SIGSTOP of mariadbd: connections stay open and nobody answers."""
    scene = stand.shared()
    before = scene.service.workers
    pid = int((stand.server.real.folder / "pid").read_text(encoding="ascii"))
    with busy(scene):
        with frozen(pid):
            begun = time.monotonic()
            scene.more("503", 2)
            first = time.monotonic() - begun
            time.sleep(max(0.0, begun + FROZEN_SECONDS - time.monotonic()))
        scene.whole()
    return scene.seen(
        {
            "told to come later": scene.ledger.answers["503"] >= 2,
            "no worker of gunicorn was killed": scene.service.workers == before,
            **uncut(scene),
            **alive(scene),
        },
        first_503_after_s=round(first, 1),
    )


def connections_killed(stand: Stand) -> Seen:
    """KILL of every connection of the service, again and again."""
    scene, gone = stand.shared(), 0
    with busy(scene):
        until = time.monotonic() + LONG
        # each lives for one transaction: not every look finds one
        while gone < KILLS and time.monotonic() < until:
            gone += kill_connections(stand)
            scene.more("200", 1)
        scene.whole()
    checks = {"connections were killed": gone >= KILLS, **uncut(scene), **alive(scene)}
    return scene.seen(checks, killed=gone)


def kill_connections(stand: Stand) -> int:
    """How many of the tool's connections were killed."""
    engine = sa.create_engine(stand.server.real.url(""), isolation_level="AUTOCOMMIT")
    listed = sa.text("SELECT id FROM information_schema.processlist WHERE user <> 'root'")
    gone = 0
    with engine.connect() as connection:
        for number in connection.execute(listed).scalars().all():
            try:
                connection.execute(sa.text(f"KILL {int(number)}"))
            except sa.exc.OperationalError:
                continue  # it ended by itself meanwhile
            gone += 1
    engine.dispose()
    return gone


def read_only(stand: Stand) -> Seen:
    """A server that was switched over, and takes no writes for a while."""
    scene = stand.shared()
    with busy(scene):
        stand.server.real.carry_out("SET GLOBAL read_only = 1")
        try:
            went_on = _reads_go_on(scene)
        finally:
            stand.server.real.carry_out("SET GLOBAL read_only = 0")
        scene.whole()
        scene.more("201", 3)
    return scene.seen({**went_on, **uncut(scene), **alive(scene)})


def _reads_go_on(scene: Scene) -> dict[str, bool]:
    """While decisions are told to come later."""
    before = scene.ledger.answers.copy()
    scene.more("503", 5)
    scene.more("200", 20)
    more = scene.ledger.answers - before
    return {"reads went on": more["200"] >= 20, "decisions were put off": more["503"] >= 5}


def disk_full(stand: Stand) -> Seen:
    """A file system without a free byte below the tables."""
    with small_disk(stand.place() / "disk") as disk, private_mariadb(disk / "db") as server:
        other = Stand(stand.place(), server, stand.stack)
        with other.own() as scene, busy(scene):
            ballast = fill_up(disk)
            went_on = _reads_go_on(scene)
            ballast.unlink()
            scene.whole()
            scene.more("201", 10)
        return scene.seen({**went_on, **uncut(scene)})


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A small file system of our own in memory."""
    folder.mkdir()
    size = f"size={DISK_MB}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill_up(disk: Path) -> Path:
    """A file that leaves nothing."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 1 << 12):
            try:
                while stream.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return ballast


def absent(stand: Stand) -> Seen:
    """No database when the service begins: it ends, and is begun again as a supervisor would."""
    url, port = stand.database(), free_port()
    expected = stand.filled(url)
    log = stand.place() / "gunicorn.log"
    stand.server.real.stop()
    ended = start(stand.settings(url), log, port=port)
    status = ended.wait(PATIENCE)
    told = log.read_text(encoding="utf-8")
    stand.server.real.start()
    with gunicorn(stand.settings(url), log.with_name("again.log"), port=port) as service:
        scene = Scene(service, url, Client(service.address, Ledger(), expected))
        scene.whole()
    errors = [line for line in told.splitlines() if line.startswith("error: ")]
    checks = {
        "exit status 2": status == 2,
        "one line that names the database": len(errors) == 1 and "127.0.0.1" in errors[0],
        "no password and no traceback in it": "Traceback" not in told and "p%ss" not in told,
    }
    return scene.seen(checks, said=errors[:1])


def free_port() -> int:
    """A port of loopback that nobody has at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def alive(scene: Scene) -> dict[str, bool]:
    """The same processes answer again."""
    return {"the same service": scene.service.process.poll() is None}


def uncut(scene: Scene) -> dict[str, bool]:
    """Nobody's connection was cut off."""
    return {"every request got an answer": not scene.ledger.answers["cut off"]}


LATER: Final = "reads and decisions are answered 503 with Retry-After meanwhile"
FAULTS: Final = (
    Fault("database killed", f"{LATER}; nothing acknowledged is lost", killed),
    Fault("database frozen", f"{LATER}, and no worker of gunicorn is killed", slow),
    Fault("connections killed", "work is done again on another connection", connections_killed),
    Fault("database read-only", "suggestions go on; decisions are answered 503", read_only),
    Fault("disk full", "suggestions go on; decisions are answered 503", disk_full),
    Fault("no database at the start", "one line, exit status 2; begun again it serves", absent),
)
