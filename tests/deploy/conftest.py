"""One private MariaDB for all tests here, and a fresh database for each."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.mariadb import HOW, Server, missing, private_mariadb

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if lacking := missing():
        pytest.skip(f"needs {', '.join(lacking)}: {HOW}")
    # the path of a socket has at most 107 characters
    with (
        tempfile.TemporaryDirectory(prefix="mdb") as folder,
        private_mariadb(Path(folder)) as running,
    ):
        yield running


@pytest.fixture
def database(server: Server) -> str:
    """The name of an empty database."""
    return server.create(f"test{next(_NUMBERS)}")
