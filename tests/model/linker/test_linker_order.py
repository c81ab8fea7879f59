"""The order in which a catalog or a model lists its items decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from depicts_model.linker import artefact
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.facts import numeric
from depicts_model.linker.items import ItemTable
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, Outcome, Qid, mid_of

from .world import ZOO, World, dags, steady

DIM = 6
FILE = FileRef(mid_of(1), "File:1.png", "0" * 40, 1, datetime(2026, 1, 1, tzinfo=UTC), "")
CONTEXT = FileContext(FILE)


@pytest.fixture(scope="module")
def served(model_dir: Path) -> tuple[Artefact, Encoder]:
    return artefact.load(model_dir, ZOO), Encoder.load(model_dir)


def _table(qids: Sequence[Qid], seed: int) -> ItemTable:
    """Of a few vectors only, so that items are as near as each other and the order could decide."""
    draw, size = np.random.default_rng(seed), len(qids)
    few = np.eye(DIM, dtype=np.float32)[draw.integers(0, 3, size)]
    prior = draw.choice([0.1, 0.2], size)
    counts = draw.choice([1, 100], size).astype(np.int32)
    hub, looks = draw.choice([0.0, 0.2], size), np.eye(DIM, dtype=np.float32)[draw.permutation(DIM)]
    some = np.where(draw.random((size, 1)) < 0.5, looks[draw.integers(0, DIM, size)], 0)
    known = np.ones(size, bool)
    table = (few, np.log(prior).astype(np.float32), known, counts)
    return ItemTable(tuple(qids), *table, hub=hub, prototypes=some.astype(np.float32))


def _mixed(table: ItemTable, rows: Sequence[int]) -> ItemTable:
    """The same items, listed in another order."""
    order = list(rows)
    assert table.hub is not None and table.prototypes is not None
    return ItemTable(
        tuple(table.qids[row] for row in order),
        table.vectors[order],
        table.log_prior[order],
        table.known[order],
        table.n_train[order],
        hub=table.hub[order],
        prototypes=table.prototypes[order],
    )


def _outcomes(
    served: tuple[Artefact, Encoder],
    world: World,
    items: ItemTable,
    images: NDArray[np.float32],
) -> list[Outcome]:
    loaded, encoder = served
    weights = replace(loaded.calibration.weights, similarity=6.0, hub=0.5, prototype=3.0)
    free = replace(loaded.calibration, weights=weights, supported=None, display_threshold=0.3)
    model = replace(loaded, items=items.in_order(), calibration=free)
    linker = Linker.of(model, encoder, world, Settings(max_suggestions=3))
    return [linker.outcome(CONTEXT, evidence) for evidence in linker.head.read(images)]


@pytest.mark.slow
@steady
@given(st.data())
def test_permuting_the_catalog_and_the_model_changes_nothing(
    served: tuple[Artefact, Encoder], data: st.DataObject
) -> None:
    world = data.draw(dags())
    few = st.lists(st.sampled_from(world.qids), min_size=2, unique=True)
    items, seed = sorted(data.draw(few), key=numeric), data.draw(st.integers(0, 9999))
    rows, order = data.draw(st.permutations(range(len(items)))), st.permutations(world.qids)
    images = np.random.default_rng(seed).normal(size=(4, DIM)).astype(np.float32)
    plain = _table(items, seed)
    mixed, other = _mixed(plain, rows), replace(world, order=tuple(data.draw(order)))
    expected = _outcomes(served, world, plain, images)
    assert _outcomes(served, other, mixed, images) == expected
