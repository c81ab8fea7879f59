"""What ``load`` measures: the service of production over a filled MariaDB, and nginx before it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bench.graphs import real
from bench.gunicorn_process import gunicorn
from bench.items import write_catalog
from bench.web import VERSION, example_file, example_outcome
from depicts_model.catalog import Catalog
from depicts_model.store import Store
from tests.deploy.mariadb import USER, Server, missing
from tests.sandbox.demo_processes import end, started

WEB_CPU: Final = 0
LOAD_CPU: Final = 1
FILES: Final = 12_000
NAME: Final = "load"
BATCH: Final = 500
CONFIG: Final = Path(__file__).with_name("nginx.conf")


def lacking() -> list[str]:
    """Programs that this machine does not have."""
    return [*missing(), *(name for name in ("nginx", "taskset") if not shutil.which(name))]


def spent(pid: int) -> float:
    """Seconds of processor that a process and all below it have used."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(spent(int(one)) for one in below)


def filled(folder: Path, server: Server) -> dict[int, list[str]]:
    """Store suggestions for FILES files; the items that each must show, by its number."""
    write_catalog(real(), folder / "catalog.sqlite")
    server.create(NAME)
    expected: dict[int, list[str]] = {}
    with (
        Catalog.open(folder / "catalog.sqlite") as catalog,
        Store.open(server.url(f"{USER}__{NAME}")) as store,
    ):
        run = store.start_run("bench", VERSION, {})
        for first in range(1, FILES + 1, BATCH):
            numbers = range(first, first + BATCH)
            results = [(example_file(n), example_outcome(catalog, n)) for n in numbers]
            store.save_batch(run, VERSION, results)
            expected |= {
                n: [s.qid for s in o.suggestions]
                for n, (_, o) in zip(numbers, results, strict=True)
            }
    return expected


@contextmanager
def served(folder: Path, server: Server) -> Iterator[tuple[int, tuple[str, int]]]:
    """The service as the Procfile starts it, on one processor; its id, and where it listens."""
    settings = {
        "DEPICTS_CATALOG": f"{folder}/catalog.sqlite",
        "DEPICTS_DATABASE_URL": server.url(f"{USER}__{NAME}"),
        "DEPICTS_SECRET_KEY": "of the load test, and of nothing else",
    }
    prefix = ("taskset", "-c", str(WEB_CPU))
    with gunicorn(settings, folder / "gunicorn.log", prefix) as running:
        yield running.pid, running.address


@contextmanager
def behind_nginx(folder: Path, address: Sequence[str | int]) -> Iterator[tuple[str, int]]:
    """Debian's nginx with the configuration beside this file, on the load's processor."""
    config, place = folder / "nginx.conf", folder / "nginx"
    place.mkdir()
    text = CONFIG.read_text(encoding="utf-8").replace("@SERVICE@", f"{address[0]}:{address[1]}")
    port = _free_port()
    config.write_text(text.replace("@PORT@", str(port)).replace("@FOLDER@", str(place)), "utf-8")
    command = ["taskset", "-c", str(LOAD_CPU), "nginx", "-c", str(config), "-p", str(place)]
    with (folder / "nginx.log").open("wb") as log:
        process = started(command, stdout=log, stderr=log)
    try:
        _wait(process, port, folder / "nginx.log")
        yield "127.0.0.1", port
    finally:
        end(process)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[str], port: int, log: Path) -> None:
    for _ in range(100):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"nginx does not serve: {log.read_text('utf-8')[-500:]}")
