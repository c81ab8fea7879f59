"""A fit that several tests read, and none changes."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from depicts_model.catalog import Catalog
from depicts_model.linker.training import run as running
from depicts_model.linker.training import vocabulary as words
from depicts_model.linker.training.lot import Sources
from depicts_model.linker.training.run import run
from depicts_model.linker.training.text import embed_labels
from tests.model.training.fits import KINDS, KNOBS, RARE, picture


@pytest.fixture(scope="session", autouse=True)
def labels_embedded_once() -> Iterator[None]:
    """MiniLM itself, asked once about the same labels: every fit asks about all of the catalog."""
    found: dict[tuple[str, ...], NDArray[np.float32]] = {}

    def embed(labels: Sequence[str]) -> NDArray[np.float32]:
        asked = tuple(labels)
        if asked not in found:
            found[asked] = embed_labels(asked)
        return found[asked].copy()

    with pytest.MonkeyPatch.context() as patch:
        for module in (running, words):
            patch.setattr(module, "embed_labels", embed)
        yield


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
def narrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter catalog, of which a photo can show the photos' kinds and every twelfth other.

    MiniLM takes a minute for the labels of all.
    """
    path = tmp_path_factory.mktemp("catalog") / "narrowed.sqlite"
    shipped = resources.files("depicts_model").joinpath("data", "starter.sqlite")
    path.write_bytes(shipped.read_bytes())
    kinds = ", ".join(qid[1:] for qid in KINDS | RARE)
    with closing(sqlite3.connect(path)) as changed, changed:
        changed.execute(
            f"UPDATE item SET depictable = 0, visual = 0 WHERE id % 12 AND id NOT IN ({kinds})"
        )
    return path


@pytest.fixture(scope="session")
def fitted(sources: Sources, narrowed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fit")
    with Catalog.open(narrowed) as catalog:
        run(sources, catalog, folder / "model", folder / "work", KNOBS)
    return folder
