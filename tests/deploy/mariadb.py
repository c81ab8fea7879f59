"""A MariaDB server of our own: on loopback, its data in a folder of ours, ended by its id."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests.sandbox.demo_processes import end, started

PROGRAMS: Final = ("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump")
INSTALL: Final = "apt-get install --no-install-recommends mariadb-server-core mariadb-client"
USER: Final = "s12345"
PASSWORD: Final = "p%ss/w@rd \"#'\\"
"""With all that an address, an options file or a shell could trip over."""
_START_SECONDS: Final = 60
_SMALL: Final = (
    "--no-defaults",
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--performance-schema=OFF",
    "--skip-log-bin",
    # as ToolsDB has it
    "--character-set-server=utf8mb4",
)


def missing() -> list[str]:
    """MariaDB's programs that this machine lacks."""
    return [name for name in PROGRAMS if not shutil.which(name)]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, whose user may do all with databases ``USER__…``."""

    pid: int
    port: int
    socket: Path

    def url(self, database: str) -> str:
        """The address of one of the user's databases, as the settings have it."""
        password = quote(PASSWORD, safe="")
        return f"mysql+pymysql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def root(self, statements: str) -> str:
        """What the server answers to its owner."""
        command = ["mariadb", "--no-defaults", "-N", f"--socket={self.socket}", "--user=root"]
        done = subprocess.run(
            command, input=statements, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout


@contextmanager
def private_mariadb(
    folder: Path, before: Sequence[str] = (), more: Sequence[str] = ()
) -> Iterator[Server]:
    """A server with its data below ``folder``, which must be new.

    ``before`` stands before the command (``taskset …``), ``more`` after it.
    """
    data, place = folder / "data", folder / "s"
    _install(data)
    port = _free_port()
    words = [*before, "mariadbd", *_SMALL, "--user=root", f"--datadir={data}"]
    words += [f"--socket={place}", f"--port={port}", f"--pid-file={folder}/pid", *more]
    with (folder / "log").open("wb") as log:
        process = started(words, stdout=log, stderr=log)
    try:
        server = Server(process.pid, port, place)
        _wait(process, server, folder / "log")
        yield server
    finally:
        end(process)


def _install(data: Path) -> None:
    command = ["mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={data}"]
    options = ["--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run([*command, *options], check=True, capture_output=True, timeout=120)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[str], server: Server, log: Path) -> None:
    password = PASSWORD.replace("\\", "\\\\").replace("'", "''")
    rights = f"GRANT ALL ON `{USER}\\_\\_%`.* TO '{USER}'@'%' IDENTIFIED BY '{password}';"
    for _ in range(_START_SECONDS * 10):
        if process.poll() is not None:
            break
        try:
            server.root(rights)
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"mariadbd does not answer: {log.read_text('utf-8', 'replace')[-500:]}")
