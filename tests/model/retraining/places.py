"""A small world to retrain in: kinds that pictures tell apart, a tower that never learnt, a table.

Pictures are coarse patterns with noise, so that a random tower's features hold what they show. Its
projection puts the kinds apart from each other and from what is none of them, but calls each by the
name of another: what it is called has to be learnt.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.dataset import building, progress
from depicts_model.dataset.tables import Table
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import whitening
from depicts_model.linker.training.index import uncalibrated
from depicts_model.types import Manifest, Qid

KINDS = tuple(Qid(f"Q{n}") for n in range(1001, 1013))
GROUPS = tuple(Qid(f"Q{n}") for n in range(2001, 2005))
PEOPLE = tuple(Qid(f"Q{n}") for n in range(3001, 3004))
HEAD = ("qid", "label", "visual", "p31", "p279", "broader_wordnet", "broader_other")
DIM, HIDDEN, UPLOADERS = 11, 64, 700


def catalog_rows() -> list[tuple[str, ...]]:
    """Twelve kinds in four groups below one root, and three people."""
    kinds = [(k, f"kind {k}", "1", "", GROUPS[n % 4], "", "") for n, k in enumerate(KINDS)]
    groups = [(g, f"group {g}", "1", "", "Q4000", "", "") for g in GROUPS]
    people = [(p, f"Jane {p} Doe", "0", "Q5", "", "", "") for p in PEOPLE]
    above = [("Q4000", "root thing", "1", "", "", "", ""), ("Q5", "human", "0", "", "", "", "")]
    return [*kinds, *groups, *people, *above]


def picture(kind: int, seed: int, noise: float = 12.0) -> bytes:
    """One of a kind's pictures."""
    pattern = np.random.default_rng(kind).integers(40, 216, (4, 4, 3))
    pixels = pattern + np.random.default_rng((kind, seed)).normal(0, noise, pattern.shape)
    out = io.BytesIO()
    small = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    small.resize((40, 40), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True)
class Place:
    """Where all of it lies."""

    folder: Path

    @property
    def catalog(self) -> Path:
        """The catalog file."""
        return self.folder / "catalog.sqlite"

    @property
    def images(self) -> Path:
        """The zip of pictures."""
        return self.folder / "images.zip"

    @property
    def data(self) -> Path:
        """The data set."""
        return self.folder / "dataset"

    def base(self, name: str = "base") -> Path:
        """A model that ranks and shows nothing."""
        return self.folder / name


def made(folder: Path, each: int = 200) -> Place:
    """The whole place: catalog, pictures, data set, and models to begin with."""
    place = Place(folder)
    _catalog(place)
    data_set(place, place.data, _pictures(place, each))
    model(place, place.base())
    return place


def _catalog(place: Place) -> None:
    from click.testing import CliRunner

    from depicts_model.cli import main

    table = place.folder / "items.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEAD, *catalog_rows()])
    words = ["catalog", "build", str(table), "--source", "csv", "--out", str(place.catalog)]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output


Rows = list[tuple[str, str, str]]
"""File, item, SHA-1."""


def _pictures(place: Place, each: int) -> Rows:
    rows: Rows = []
    with zipfile.ZipFile(place.images, "w") as archive:
        for seed in range(each):
            for kind, qid in enumerate(KINDS):
                name = f"{seed:03d}-{qid}.png"
                image = picture(kind, seed)
                archive.writestr(name, image)
                rows.append((name, qid, hashlib.sha1(image).hexdigest()))
    return rows


def rows_of(place: Place) -> Rows:
    """The table as it was written."""
    with (place.folder / "table.csv").open(newline="", encoding="utf-8") as file:
        return [(row["file"], row["items"], row["sha1"]) for row in csv.DictReader(file)]


def data_set(place: Place, out: Path, rows: Rows, seed: int = 0) -> None:
    """A data set of these files, each of one of many uploaders."""
    table = out.parent / "table.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        told = [(*row, f"user {n % UPLOADERS}") for n, row in enumerate(rows)]
        csv.writer(file).writerows([("file", "items", "sha1", "uploader"), *told])
    with Catalog.open(place.catalog) as catalog:
        source = Table(table, None, progress.shown)
        around = building.Surroundings(catalog, None, progress.shown, print)
        building.build(building.Plan((source,), hashes=False, seed=seed), around, out)


def model(
    place: Place,
    out: Path,
    views: tuple[str, ...] = ("whole",),
    blind: bool = False,
    people: bool = False,
    side: int = 32,
) -> Manifest:
    """A random tower, and its items by wrong names. ``views``: how often it looks, at ``side``
    pixels; ``blind``: it hardly sees; ``people``: they are among its items.
    """
    import torch
    from transformers import ResNetConfig, ResNetModel

    torch.manual_seed(3)
    config = ResNetConfig(
        embedding_size=8, hidden_sizes=[8, HIDDEN], depths=[1, 1], layer_type="basic"
    )
    with Catalog.open(place.catalog) as catalog:
        qids = tuple(sorted({*catalog.depictable, *(PEOPLE if people else ())}))
        snapshot = catalog.snapshot
    tower: Any = ResNetModel(config)
    tower.eval()
    preprocess = Preprocess(side, (0.5,) * 3, (0.25,) * 3, views=views)
    projection, kinds = _apart(tower, replace(preprocess, views=("whole",)))
    vectors = np.random.default_rng(5).normal(size=(len(qids), DIM))
    vectors[[qids.index(kind) for kind in KINDS]] = np.roll(kinds, 1, axis=0)
    if blind:
        projection = projection[:, :1] @ np.ones((1, DIM))
    table = ItemTable(
        qids=qids,
        vectors=(vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        log_prior=np.full(len(qids), -np.log(len(qids)), np.float32),
        known=np.zeros(len(qids), bool),
        n_train=np.zeros(len(qids), np.int32),
        projection=projection.astype(np.float32),
    )
    manifest = Manifest(
        "toy-0123456789", "resnet", "none", {}, snapshot, {}, {}, {"weights": "MIT"}
    )
    return artefacts.save(out, tower, preprocess, table, uncalibrated(20.0), manifest)


def _apart(tower: Any, preprocess: Preprocess) -> tuple[Any, Any]:
    """A projection (HIDDEN, DIM) to where kinds are apart, and the kinds there (12, DIM)."""
    encoder = Encoder(tower, preprocess, np.eye(HIDDEN, dtype=np.float32), HIDDEN, 1000.0)
    each = 10
    pictures = [picture(k, 5_000 + n) for k in range(len(KINDS)) for n in range(each)]
    seen = encoder.encode(pictures)[0].reshape(len(KINDS), each, HIDDEN)
    means = seen.mean(axis=1)
    white = whitening(seen.reshape(-1, HIDDEN), [[n // each] for n in range(len(pictures))])
    between = means @ white - (means @ white).mean(axis=0)
    projection = white @ np.linalg.svd(between, full_matrices=False)[2][:DIM].T
    return projection, means @ projection
