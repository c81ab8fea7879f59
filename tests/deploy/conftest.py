"""One private MariaDB for all tests here, and a fresh database for each."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.mariadb import INSTALL, USER, Server, missing, private_mariadb

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if lacking := missing():
        pytest.skip(f"needs {', '.join(lacking)}; as root: {INSTALL}")
    # the path of a socket has at most 107 characters
    with (
        tempfile.TemporaryDirectory(prefix="mdb") as folder,
        private_mariadb(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def database(server: Server) -> str:
    """The name of an empty database."""
    name = f"{USER}__test{next(_NUMBERS)}"
    server.root(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;")
    return name
