"""A ToolsDB of our own: a private MariaDB with a user as Toolforge gives one to a tool."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from tests import mariadb

HOW: Final = mariadb.HOW
USER: Final = "s12345"
PASSWORD: Final = "p%ss/w@rd \"#'\\"
"""With all that an address, an options file or a shell could trip over."""
_CLIENTS: Final = ("mariadb", "mariadb-dump")


def missing() -> list[str]:
    """MariaDB's programs that this machine lacks."""
    servers = [] if mariadb.found() else ["mariadbd"]
    return [*servers, *(name for name in _CLIENTS if not shutil.which(name))]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, whose user may do all with databases ``USER__…``."""

    real: mariadb.Server

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return self.real.port

    def url(self, database: str) -> str:
        """The address of one of the user's databases, as the settings have it."""
        password = quote(PASSWORD, safe="")
        return f"mysql+pymysql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def create(self, name: str) -> str:
        """Make an empty database of the user's; its whole name."""
        whole = f"{USER}__{name}"
        how = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
        self.real.carry_out(f"CREATE DATABASE {whole} {how}")
        return whole


@contextmanager
def private_mariadb(folder: Path) -> Iterator[Server]:
    """A server with its data in ``folder``, which must be new; it writes as a real one does."""
    folder.mkdir(exist_ok=True)
    with mariadb.running(folder, memory=64, careful=True) as server:
        password = PASSWORD.replace("\\", "\\\\").replace("'", "''")
        rights = f"GRANT ALL ON `{USER}\\_\\_%`.* TO '{USER}'@'%' IDENTIFIED BY '{password}'"
        server.carry_out(rights)
        yield Server(server)
