"""What several tests of catalogs read, and none changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.catalog import dumps
from tests.model.catalog.building import made


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the dump of the known shapes."""
    return made(tmp_path_factory.mktemp("known"), dumps.dump(dumps.known()))[0]
