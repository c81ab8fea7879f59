"""A fit that several tests read, and none changes."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from depicts_model.catalog import Catalog
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.run import run
from tests.model.training.fits import KINDS, KNOBS, RARE, picture


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    folder = tmp_path_factory.mktemp("photos")
    draw = np.random.default_rng(0)
    rows = ["file,items,label,set,confidence"]
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        for number in range(500):
            qid = list(KINDS)[number % 4] if number < 440 else list(RARE)[number % 4]
            name = f"{number}.png"
            archive.writestr(name, picture((KINDS | RARE)[qid], draw))
            rows.append(f"{name},{qid},x,{'tiny/val' if number < 40 else 'made'},high")
    (folder / "photos.csv").write_text("\n".join(rows) + "\n")
    return Sources(folder / "photos.zip", folder / "photos.csv")


@pytest.fixture(scope="session")
def fitted(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    with Catalog.open(None) as catalog:
        run(sources, catalog, folder / "model", folder / "work", KNOBS)
    return folder
