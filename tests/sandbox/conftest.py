"""A fresh embedded wiki for each test that wants one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import EmbeddedWiki
from .world import read_world

API = Path(__file__).parents[1] / "fixtures" / "api"


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    """The seed's wiki, with the supplement."""
    with EmbeddedWiki(read_world(API / "seed.json", API / "seed_more.json")) as running:
        yield running
