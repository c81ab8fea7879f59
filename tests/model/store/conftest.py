"""A store for each database: SQLite always, a private MariaDB where its program is installed.

Others are taken where TEST_DATABASE_URLS names them; they must be empty and ours to write. Each
test finds an empty database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from depicts_model.errors import StoreError
from depicts_model.store import Store, schema
from depicts_model.store.engine import migrate, open_engine
from tests import mariadb

NAME = "contract"
URLS = ["sqlite", "mariadb", *os.environ.get("TEST_DATABASE_URLS", "").split()]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mariadb.Server]:
    """A server for all tests of this session; skipped where there is none."""
    if not mariadb.found():
        pytest.skip(mariadb.HOW)
    with mariadb.running(tmp_path_factory.mktemp("mariadb")) as running:
        running.create(NAME)
        yield running


@pytest.fixture
def maria(server: mariadb.Server) -> Iterator[str]:
    """The address of an empty database of MariaDB."""
    url = server.url(NAME)
    yield url
    if not _emptied(url):
        server.create(NAME)


def _emptied(url: str) -> bool:
    """Whether it could be emptied without making it anew: most leave it at the newest schema."""
    try:
        engine = open_engine(url)
    except StoreError:
        return False
    with engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            if connection.execute(sa.select(table).limit(1)).first() is not None:
                connection.execute(sa.delete(table))
                connection.exec_driver_sql(f"ALTER TABLE {table.name} AUTO_INCREMENT = 1")
    engine.dispose()
    return True


@pytest.fixture(params=URLS, ids=lambda url: str(url).partition(":")[0])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite"
    elif request.param == "mariadb":
        yield request.getfixturevalue("maria")
    else:
        yield request.param
        engine = sa.create_engine(request.param)
        migrate(engine, "base", up=False)
        engine.dispose()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened
