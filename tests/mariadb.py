"""A private MariaDB for tests and measurements, from Debian's package: started, ended by its id.

It listens on a free port of loopback and on a socket of its own, keeps its data in a folder of its
own, and is gone with the process that started it. A server of the machine is neither needed nor
touched: the package installed (``PACKAGES``) holds the program without a service.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

PACKAGES = ("mariadb-server-core", "mariadb-client")
HOW = f"no MariaDB here; as root type: apt-get install --no-install-recommends {' '.join(PACKAGES)}"
START_SECONDS = 60
OPTIONS = (
    "--bind-address=127.0.0.1",
    "--skip-log-bin",
    "--skip-networking=0",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--innodb-log-file-size=64M",
    "--innodb-buffer-pool-load-at-startup=0",
    "--max-connections=60",
)
# a power cut may cost a test its data, as nothing is flushed to the disk; the end of the server not
CARELESS = (
    "--innodb-flush-log-at-trx-commit=2",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--sync-frm=0",
)


class StartError(Exception):
    """MariaDB is there and does not start; the message says why."""


def found() -> bool:
    """Whether the programs are there."""
    return _program("mariadbd") is not None and shutil.which("mariadb-install-db") is not None


def _program(name: str) -> str | None:
    # where a server's program is, is not in everybody's path
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/libexec:/usr/local/sbin")


@dataclass(slots=True)
class Server:
    """A running server. ``memory``: megabytes of its buffer; ``careful``: as a real one writes."""

    folder: Path
    memory: int = 32
    careful: bool = False
    port: int = 0
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def url(self, database: str) -> str:
        """The address of a database, for ``Store.open``."""
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database in place of an older one of this name; returns its address."""
        self.carry_out(f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}")
        return self.url(database)

    def carry_out(self, *statements: str, database: str = "") -> None:
        """Carry out statements in a connection of their own."""
        engine = sa.create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()

    def install(self) -> None:
        """Make the data folder."""
        words = ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data"]
        words += ["--auth-root-authentication-method=normal", "--skip-test-db", *_user()]
        done = subprocess.run(words, capture_output=True, text=True, env=self._environment())
        if done.returncode:
            raise StartError(f"mariadb-install-db: {(done.stdout + done.stderr).strip()[-500:]}")

    def start(self) -> None:
        """Start it, on the port that it had before if any, and wait until it answers."""
        self.port = self.port or _free_port()
        words = [_program("mariadbd") or "mariadbd", "--no-defaults", *_user(), *OPTIONS]
        words += () if self.careful else CARELESS
        words += [f"--datadir={self.folder}/data", f"--socket={self.folder}/socket"]
        words += [f"--pid-file={self.folder}/pid", f"--port={self.port}"]
        words += [f"--innodb-buffer-pool-size={self.memory}M"]
        with (self.folder / "log").open("ab") as log:
            command, environment = [*_with_us(), *words], self._environment()
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        self._wait()

    def _environment(self) -> dict[str, str]:
        """With a folder of its own for what is temporary: one that starts clears that away."""
        place = self.folder / "tmp"
        place.mkdir(exist_ok=True)
        return {**os.environ, "TMPDIR": str(place)}

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self._process and self._process.poll() is None:
            try:
                self.carry_out("SELECT 1")
            except OperationalError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        told = (self.folder / "log").read_text(errors="replace").strip().splitlines()
        raise StartError(f"mariadbd does not start: {told[-1] if told else 'no reason given'}")

    def stop(self, kill: bool = False) -> None:
        """End it; ``kill``: at once, as a power cut would."""
        if self._process is not None:
            (self._process.kill if kill else self._process.terminate)()
            self._process.wait(START_SECONDS)
            self._process = None


@contextmanager
def running(folder: Path, memory: int = 32, careful: bool = False) -> Iterator[Server]:
    """A server in this empty folder, ended afterwards. Raises StartError."""
    server = Server(folder, memory, careful)
    server.install()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _user() -> list[str]:
    """It refuses to run as root unless told so: nobody else can reach its folder."""
    return ["--user=root"] if os.geteuid() == 0 else []


def _with_us() -> list[str]:
    """Ended with the process that starts it, were that one killed."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
