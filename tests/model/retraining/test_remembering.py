"""What nobody shows any more stays what it was, and fades only in its count."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from depicts_model.linker.items import ItemTable
from depicts_model.linker.looks import looks
from depicts_model.linker.retraining import fitting
from depicts_model.linker.retraining.lessons import ROLES, SEEN, Lesson, Lessons, Limits
from depicts_model.linker.retraining.remembering import KEPT, Remembered, counts, left
from depicts_model.linker.score import Weights, unit, whitening
from depicts_model.types import Qid

CAT, DOG, OWL = ITEMS = tuple(Qid(f"Q{n}") for n in (1, 2, 3))
DIM = 16
PLAIN, WHITE, TAUGHT = 1, 2, 3
"""Terms of `looks.looks`."""


def table(n_train: list[int], **more: Any) -> ItemTable:
    size = len(n_train)
    return ItemTable(
        tuple(Qid(f"Q{n + 1}") for n in range(size)),
        more.pop("vectors", np.eye(size, dtype=np.float32)),
        np.zeros(size, np.float32),
        np.array(n_train) > 0,
        np.array(n_train, np.int32),
        **more,
    )


# --- counts ---


def test_what_is_not_shown_any_more_fades_and_what_is_counts_once() -> None:
    items = table([100, 100, 10])
    old = left(items, "toy-1")
    assert old.tolist() == [90, 90, 9]
    assert counts(items, {DOG: 500}, old).tolist() == [90, 500, 9]
    assert counts(items, {CAT: 100, DOG: 95}, old).tolist() == [100, 95, 9]


@pytest.mark.parametrize("count", [1, 2, 4, 7, 1_000])
def test_it_fades_by_half_in_seven_retrainings_however_small(count: int) -> None:
    """Of 4,000 items with as many images: seven times nine tenths are 0.478."""
    items = table([count] * 4_000, vectors=np.ones((4_000, 1), np.float32))
    shares = []
    for turn in range(7):
        items = replace(items, n_train=left(items, f"toy-{turn}"))
        shares.append(float(items.n_train.mean()) / count)
    assert np.allclose(shares, [KEPT**turn for turn in range(1, 8)], atol=0.03)


def test_what_is_left_is_the_same_in_every_run_and_another_with_another_model() -> None:
    items = table([1] * 400, vectors=np.ones((400, 1), np.float32))
    assert (left(items, "toy-1") == left(items, "toy-1")).all()
    assert (left(items, "toy-1") != left(items, "toy-2")).any()


# --- prototypes ---


def remembered(items: ItemTable, people: Collection[Qid] = ()) -> Remembered:
    return Remembered.of(items, items.n_train, 50, people)


def test_a_prototype_is_brought_back_to_where_images_are() -> None:
    """Also of an item that was whitened; it stands for no more images than were looked at."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(40, 3)).astype(np.float32) * (1, 4, 9)
    white = whitening(images.astype(np.float32), [[n % 2] for n in range(40)])
    means = unit(rng.normal(size=(3, 3)).astype(np.float32))
    plain, mixed = means.copy(), unit(means @ white)
    for items in (
        table([20, 0, 500], prototypes=plain),
        table([20, 0, 500], prototypes=mixed, whitening=white),
    ):
        found = remembered(items)
        assert (found.rows.tolist(), found.weights.tolist()) == ([0, 2], [20, 50])
        assert np.allclose(found.looks, means[[0, 2]], atol=1e-3)


def test_what_was_never_learnt_is_not_remembered_nor_how_a_person_looks() -> None:
    assert not len(remembered(table([5, 5, 5])).rows)
    gone = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    assert remembered(table([5, 0, 5], prototypes=gone)).rows.tolist() == [2]
    assert not len(remembered(table([5, 0, 5], prototypes=gone), {OWL}).rows)


def test_old_and_new_weigh_as_many_images_as_they_stand_for() -> None:
    """Three old ones along one axis, four new ones along another: 3-4-5."""
    found = remembered(table([3, 0, 0], prototypes=np.eye(3, dtype=np.float32)))
    new = np.array([[0, 1, 0], [0, 1, 0], [0, 0, 0]], np.float32)
    terms = found.beside({"prototypes": new}, np.array([4, 4, 0], np.int32))
    right = np.array([[0.6, 0.8, 0], [0, 1, 0], [0, 0, 0]])
    assert np.allclose(terms["prototypes"], right)
    assert new[0].tolist() == [0, 1, 0], "what was found stays as it is"
    hub = {"hub": np.zeros(3)}
    assert found.beside(hub, np.zeros(3, np.int32)) is hub


def taught(shown: Mapping[Qid, int]) -> Lessons:
    """So many images of each item to learn from, and one of a cat for all else."""
    seen = [qid for qid, count in shown.items() for _ in range(count)]
    each = [*seen, *[CAT] * (len(ROLES) - 1)]
    things = [(frozenset({qid}),) for qid in each]
    chosen = tuple(Lesson(f"{at}.jpg", one, f"{at}", "") for at, one in enumerate(things))
    roles = np.array([*[SEEN] * len(seen), *range(1, len(ROLES))], np.uint8)
    return Lessons(chosen, roles, shown, {})


def images(lessons: Lessons) -> Any:
    """(n, DIM): unit vectors about a middle of each item, far from what its name says."""
    rng = np.random.default_rng(7)
    middle = {qid: 1.5 * np.eye(DIM)[3 + at] for at, qid in enumerate(ITEMS)}
    rows = [middle[min(one.truth())] for one in lessons.chosen]
    return unit((rows + rng.normal(0, 0.2, (len(rows), DIM))).astype(np.float32))


def retrained(items: ItemTable, shown: Mapping[Qid, int], term: int, turn: int = 0) -> ItemTable:
    """With the terms of that number, whether or not they pay."""
    facts: Any = SimpleNamespace(people=frozenset())
    version = SimpleNamespace(version=f"toy-{turn}")
    weights = SimpleNamespace(weights=Weights(1.0))
    base: Any = SimpleNamespace(items=items, calibration=weights, manifest=version)
    lessons = taught(shown)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fitting, "fit_scorer", lambda s, more, *_: replace(s, **list(more)[term]))
        arrays = fitting.fit(base, lessons, images(lessons), facts, Limits(), lambda _: None)
    return fitting.fitted(base, arrays)[0]


def looks_of(items: ItemTable, qid: Qid) -> Any:
    """The item's prototype where images are."""
    found = remembered(items)
    return found.looks[found.rows.tolist().index(items.qids.index(qid))]


NAMES = np.eye(3, DIM, dtype=np.float32)
OTHERS = {CAT: 30, DOG: 20}


@pytest.mark.parametrize("term", [PLAIN, WHITE, TAUGHT])
@pytest.mark.parametrize("count", [10, 40])
def test_a_prototype_that_no_image_shows_stays_where_it_was(count: int, term: int) -> None:
    first = retrained(table([0, 0, 0], vectors=NAMES), {**OTHERS, OWL: count}, term)
    items, before = first, looks_of(first, OWL)
    for turn in range(5):
        items = retrained(items, OTHERS, term, turn)
    assert count * KEPT**5 - 1 < items.n_train[2] < count * KEPT**5 + 1, "it fades in its count"
    assert float(looks_of(items, OWL) @ before) > 0.999


@pytest.mark.parametrize("term", [PLAIN, WHITE, TAUGHT])
def test_a_single_new_image_moves_a_prototype_by_its_share_only(term: int) -> None:
    """By one to 36, the nine tenths of 40 that are left: of an image that lies across, 1/36 radian,
    and a little more where the whitening is undone.
    """
    first = retrained(table([0, 0, 0], vectors=NAMES), {**OTHERS, OWL: 40}, term)
    before = looks_of(first, OWL)
    after = looks_of(retrained(first, {**OTHERS, OWL: 1}, term), OWL)
    unseen = looks_of(retrained(first, OTHERS, term), OWL)
    assert float(unseen @ before) > 0.999
    assert 0 < np.arccos(min(float(after @ unseen), 1.0)) <= 1.2 / 36


def test_what_is_remembered_is_no_image_of_hubness_or_whitening() -> None:
    """They are those of the same images, learnt from by a model that remembers nothing."""
    first = retrained(table([0, 0, 0], vectors=NAMES), {**OTHERS, OWL: 40}, TAUGHT)
    for term, name in ((0, "hub"), (TAUGHT, "whitening")):
        fresh = retrained(table([0, 0, 0], vectors=NAMES), OTHERS, term)
        again = retrained(first, OTHERS, term)
        assert (getattr(again, name) == getattr(fresh, name)).all()


@pytest.mark.parametrize("term", [PLAIN, WHITE, TAUGHT])
def test_where_nothing_is_remembered_the_terms_are_those_of_the_images_to_the_bit(
    term: int,
) -> None:
    items = table([0, 0, 0], vectors=NAMES)
    lessons, found = taught(OTHERS), retrained(items, OTHERS, term)
    seen, truths = images(lessons)[lessons.rows(SEEN)], list(lessons.items(SEEN))
    table_now = fitting.counted(items, OTHERS, np.zeros(3, np.int32))
    for name, value in looks(table_now, seen, truths, ())[term].items():
        assert getattr(found, name).tobytes() == value.tobytes()
