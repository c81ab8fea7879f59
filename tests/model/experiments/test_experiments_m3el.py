"""M3EL's table: synthetic mentions that leak nothing, NIL, and thresholds checked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zlib import crc32

import numpy as np
import pytest

from depicts_model.linker.experiments import m3el
from depicts_model.linker.experiments.m3el import Knobs, answered, figures, threshold
from depicts_model.linker.experiments.mentions import (
    ASKED,
    NIL,
    PHOTOS,
    TAUGHT,
    Base,
    Embed,
    at_once,
    forms,
    mentions,
)
from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.work import Vectors, Work

from .works import small_work, unit

QUICK = Knobs(epochs=3, rate=0.003)


def words(work: Work) -> Embed:
    """Vectors near the text of the last label named, a little apart for each text."""
    row = {label: at for at, label in enumerate(work.labels)}

    def embed(texts: Sequence[str]) -> Vectors:
        found = []
        for text in texts:
            named = max((label for label in row if label in text), key=len)
            draw = np.random.default_rng(crc32(text.encode()))
            found.append(work.texts[row[named]] + 0.3 * unit(draw.normal(size=(1, 16)))[0])
        return unit(np.array(found))

    return embed


def test_no_sentence_of_the_test_is_taught() -> None:
    assert not set(TAUGHT) & set(ASKED)


def test_an_items_photos_never_ask() -> None:
    work = small_work()
    base = Base.of(work, 0.2, seed=0)
    ground = m3el.Ground.of(work, QUICK, words(work))
    lessons = m3el._lessons(ground, QUICK)
    assert len(lessons.images) and not base.photos & set(lessons.images.tolist())


def test_nothing_of_the_test_part_is_looked_at_before_it_is_judged() -> None:
    work = small_work()
    blind = replace(work, test=work.val)
    one, other = (
        m3el.fit(m3el.Ground.of(w, QUICK, words(w)), "augmented", QUICK, Clock())
        for w in (work, blind)
    )
    for name, weights in one.state_dict().items():
        assert weights.equal(other.state_dict()[name]), name


def test_the_base_leaves_items_out_and_has_up_to_five_photos_of_the_others() -> None:
    work = small_work()
    base = Base.of(work, 0.25, seed=0)
    seen = np.flatnonzero(work.uses())
    assert len(base.items) == len(seen) - round(len(seen) * 0.25)
    assert set(base.items) < set(seen)
    assert not np.array_equal(base.items, Base.of(work, 0.25, seed=1).items)
    assert len(base.photos) <= PHOTOS * len(base.items)
    alone = int(np.argmin(work.uses()[base.items]))
    own = [at for at, rows in enumerate(work.train.rows()) if base.items[alone] in rows]
    mean = work.train.vectors[own].mean(axis=0)
    assert len(own) <= PHOTOS
    np.testing.assert_allclose(base.images[alone], mean / np.linalg.norm(mean), atol=1e-5)


def test_a_mention_of_what_the_base_lacks_has_no_answer() -> None:
    work = small_work()
    base = Base.of(work, 0.25, seed=0)
    for rows, right in zip(work.test.rows(), base.answers(work.test), strict=True):
        assert {int(base.items[at]) for at in right} == rows & set(base.items.tolist())


def test_a_sentence_names_the_first_item_and_words_have_three_forms() -> None:
    work = small_work()
    asked: list[list[str]] = []

    def embed(texts: Sequence[str]) -> Vectors:
        asked.append(list(texts))
        return np.zeros((len(texts), 16), dtype=np.float32)

    base = Base.of(work, 0.0, seed=0)
    made = mentions(work, work.test, base, ASKED, embed)
    assert made.words.shape == (2, len(work.test), 16)
    assert ASKED[0].format("kind 3") in asked[0] and ASKED[1].format("kind 3") in asked[1]
    asked.clear()
    assert forms(work, base.items, embed).shape == (3, len(base.items), 16)
    third = [texts[3] for texts in asked]
    assert third == ["kind 3", "kind 3 of a test", "kind 3 is of a test."]


def test_all_texts_are_embedded_in_one_call_and_each_has_its_own_vector() -> None:
    work, calls = small_work(), 0

    def embed(texts: Sequence[str]) -> Vectors:
        nonlocal calls
        calls += 1
        found: Vectors = words(work)(texts)
        return found

    said = at_once(work, embed)
    base = Base.of(work, 0.2, seed=0)
    for part, templates in ((work.train, TAUGHT), (work.test, ASKED)):
        found = mentions(work, part, base, templates, said)
        expected = mentions(work, part, base, templates, words(work))
        np.testing.assert_array_equal(found.words, expected.words)
    forms(work, base.items, said)
    assert calls == 1


def test_the_threshold_by_hand() -> None:
    # nearest cosines .9 right, .7 NIL, .6 right, .2 NIL: cutting at .9 or at .6 is right three
    # times in four; the lower cut is taken
    found = np.array([[0.9, 0.1], [0.7, 0.1], [0.1, 0.6], [0.2, 0.0]], dtype=np.float32)
    right = (frozenset({0}), frozenset[int](), frozenset({1}), frozenset[int]())
    cut = threshold(found, right)
    assert cut == pytest.approx(0.6)
    assert answered(found, cut).tolist() == [0, 0, 1, NIL]
    assert figures(answered(found, cut), right) == {"accuracy": 0.75, "linked": 1, "nil": 0.5}


def test_without_nil_all_are_answered_and_with_nothing_else_none() -> None:
    found = np.array([[0.9, 0.1], [0.1, 0.6]], dtype=np.float32)
    all_there = (frozenset({0}), frozenset({1}))
    assert answered(found, threshold(found, all_there)).tolist() == [0, 1]
    none = (frozenset[int](), frozenset[int]())
    assert answered(found, threshold(found, none)).tolist() == [NIL, NIL]
    assert figures(np.array([NIL, 0]), none) == {"accuracy": 0.5, "linked": None, "nil": 0.5}


def test_the_table_has_nine_tasks_and_a_mean_for_each_training_and_says_synthetic() -> None:
    work = small_work()
    rows = m3el.table(work, Clock(), words(work), QUICK)
    assert [row["training"] for row in rows[::10]] == ["frozen", "tuned", "augmented"]
    assert len({row["task"] for row in rows}) == 10 and len(rows) == 30
    assert all(row["mentions"] == "synthetic" for row in rows)
    frozen = rows[:9]
    assert rows[9]["accuracy"] == pytest.approx(np.mean([row["accuracy"] for row in frozen]))
    assert min(row["linked"] for row in rows) > 1 / 12
    assert rows == m3el.table(work, Clock(), words(work), QUICK)


def test_the_frozen_one_judges_by_plain_cosines() -> None:
    work = small_work()
    ground = m3el.Ground.of(work, QUICK, words(work))
    model = m3el.fit(ground, "frozen", QUICK, Clock())
    found = m3el._cosines(model, ground, ground.asked, "I", "I")
    np.testing.assert_allclose(found, work.test.vectors @ ground.base.images.T, atol=1e-5)
    both = m3el._cosines(model, ground, ground.asked, "I", "I+T")
    item = unit(ground.base.images + ground.forms[1].numpy())
    np.testing.assert_allclose(both, work.test.vectors @ item.T, atol=1e-5)


def test_it_stops_by_the_clock() -> None:
    work, clock = small_work(), Clock(seconds=-1)
    rows = m3el.table(work, clock, words(work), QUICK)
    assert clock.capped and len(rows) == 30
