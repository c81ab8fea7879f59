"""A catalog that is replaced while the service runs."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from depicts_model.settings import Settings
from depicts_toolforge import catalogs
from depicts_toolforge.catalogs import LOOK, Catalogs
from depicts_toolforge.parts import parts_of
from tests.toolforge.conftest import CAT
from tests.toolforge.test_security import serving

STARTER = Path(str(files("depicts_model").joinpath("data", "starter.sqlite")))
LOGGER = logging.getLogger("of this test")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "catalog.sqlite"
    found.write_bytes(STARTER.read_bytes())
    return found


def put(path: Path, snapshot: str, label: str = "cat") -> None:
    """Another catalog in the place of this one, as a build puts it there."""
    new = path.with_suffix(".new")
    new.write_bytes(STARTER.read_bytes())
    with closing(sqlite3.connect(new)) as connection, connection:
        connection.execute("UPDATE manifest SET value = ? WHERE key = 'snapshot'", (snapshot,))
        changed = "UPDATE label SET label = ? WHERE item = ? AND language = 'en'"
        connection.execute(changed, (label, int(CAT[1:])))
    new.replace(path)


class Clock:
    """A clock that stands still until told otherwise."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shelf(path: Path, clock: Clock) -> Iterator[Catalogs]:
    made = Catalogs(path, LOGGER, clock)
    yield made
    made.close()


def test_another_catalog_is_seen_within_a_minute_and_the_old_one_closed_later(
    shelf: Catalogs, path: Path, clock: Clock
) -> None:
    old = shelf.now()
    put(path, "second")
    clock.at = LOOK - 1
    shelf.now()
    shelf.settled()
    assert shelf.now() is old
    clock.at = LOOK
    shelf.now()
    shelf.settled()
    assert shelf.now().snapshot == "second"
    assert old.label(CAT) == "cat", "a request may hold it"
    clock.at = 2 * LOOK
    assert shelf.now().snapshot == "second"
    with pytest.raises(sqlite3.ProgrammingError):
        old.labels(CAT)


def test_what_is_no_catalog_leaves_the_old_one(
    shelf: Catalogs, path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first = shelf.now()
    path.with_suffix(".new").write_bytes(b"SQLite format 3\0 no more")
    path.with_suffix(".new").replace(path)
    for minute in (1, 2, 3):
        clock.at = minute * LOOK
        assert shelf.now() is first
        shelf.settled()
    assert [one.levelname for one in caplog.records] == ["ERROR"], "said once"
    path.unlink()
    clock.at = 4 * LOOK
    assert shelf.now().label(CAT) == "cat"
    put(path, "third")
    clock.at = 5 * LOOK
    shelf.now()
    shelf.settled()
    assert shelf.now().snapshot == "third"


def test_the_service_answers_from_the_new_catalog(
    settings: Settings, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogs, "LOOK", 0.0)
    with serving(replace(settings, catalog=str(path))) as service:
        assert service.get(1)["suggestions"][0]["label"] == "cat"
        put(path, "second", "house cat")
        service.client.get("/healthz")
        parts_of(service.app).catalogs.settled()
        assert service.client.get("/healthz").get_json()["catalog"] == "second"
        assert service.get(1)["suggestions"][0]["label"] == "house cat"
