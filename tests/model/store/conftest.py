"""A store for each database: SQLite always, others where TEST_DATABASE_URLS names them.

The named databases must be empty and ours to write; each test leaves them empty again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from depicts_model.store import Store
from depicts_model.store.engine import migrate

URLS = ["sqlite", *os.environ.get("TEST_DATABASE_URLS", "").split()]


@pytest.fixture(params=URLS, ids=lambda url: str(url).partition(":")[0])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite"
        return
    yield request.param
    engine = sa.create_engine(request.param)
    migrate(engine, "base", up=False)
    engine.dispose()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as opened:
        yield opened
