"""random, top-k, zero-shot, the registry, and the figure that trials choose by."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from depicts_model.errors import ConfigurationError
from depicts_model.linker.experiments.system import Clock, Fitted
from depicts_model.linker.experiments.systems import MODULES, NAMES, by_name, named
from depicts_model.linker.experiments.worth import places, recall, worth
from tests.model.experiments.works import small_work

WORK = small_work()
PLAIN = ("random", "top-k", "zero-shot")


def fitted(name: str, seed: int = 0) -> Fitted:
    system = by_name(name)
    return system.fit(small_work(seed).blind(), system.knobs, Clock())


@pytest.mark.parametrize("name", PLAIN)
def test_it_answers_for_every_candidate_without_the_test_truths(name: str) -> None:
    scores = fitted(name).scores(WORK.blind().test)
    assert scores.shape == (len(WORK.test), len(WORK.items))
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", PLAIN)
def test_it_says_the_same_again(name: str) -> None:
    once, again = fitted(name), fitted(name)
    np.testing.assert_array_equal(once.scores(WORK.test), once.scores(WORK.test))
    np.testing.assert_array_equal(once.scores(WORK.test), again.scores(WORK.test))


@pytest.mark.parametrize("name", PLAIN)
def test_the_validation_part_changes_nothing_that_is_not_learnt(name: str) -> None:
    system = by_name(name)
    other = replace(WORK, val=small_work(5).val)
    there, here = (system.fit(work, system.knobs, Clock()) for work in (other, WORK))
    np.testing.assert_array_equal(there.scores(WORK.test), here.scores(WORK.test))


def test_random_puts_what_was_never_used_last() -> None:
    used = WORK.uses() > 0
    scores = fitted("random").scores(WORK.test)
    assert scores[:, used].min() > scores[:, ~used].max()


def test_random_is_first_as_often_as_it_was_used() -> None:
    many = WORK.test.take(np.zeros(20_000, dtype=np.intp))
    first = np.bincount(fitted("random").scores(many).argmax(1), minlength=len(WORK.items))
    shares = WORK.uses() / WORK.uses().sum()
    np.testing.assert_allclose(first / 20_000, shares, atol=0.01)


def test_random_draws_anew_with_another_seed() -> None:
    system = by_name("random")
    other = system.fit(replace(WORK, seed=1), system.knobs, Clock())
    assert not np.array_equal(other.scores(WORK.test), fitted("random").scores(WORK.test))


def test_top_k_says_the_most_frequent_of_every_image() -> None:
    scores = fitted("top-k").scores(WORK.test)
    assert (scores == WORK.uses()).all()


def test_zero_shot_is_the_cosine_with_the_text() -> None:
    found = fitted("zero-shot").scores(WORK.test)[3, 7]
    assert found == pytest.approx(float(WORK.test.vectors[3] @ WORK.texts[7]), abs=1e-6)
    by_chance = worth(fitted("random").scores(WORK.test), WORK.test)
    assert worth(fitted("zero-shot").scores(WORK.test), WORK.test) > by_chance


# --- the registry ---


@pytest.mark.parametrize("name", NAMES)
def test_a_system_is_found_by_its_name(name: str) -> None:
    system = by_name(name)
    assert system.name == name
    assert system.source
    assert set(system.space) <= set(system.knobs.__dataclass_fields__)
    for number in range(12):
        system.trial(number)


def test_the_names_are_all_that_their_modules_have() -> None:
    assert named("all") == tuple(by_name(name) for name in MODULES)
    assert [system.name for system in named("zero-shot, random")] == ["random", "zero-shot"]


@pytest.mark.parametrize(
    ("wrong", "near"), [("mlp-265", "mlp-256"), ("Zero", "zero-shot"), ("", "")]
)
def test_an_unknown_system_is_refused_with_the_nearest(wrong: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown system '{wrong}'.*'{near}"):
        by_name(wrong)


def test_the_names_are_known_without_torch() -> None:
    asked = "import sys; from depicts_model.linker.experiments import systems; "
    asked += "systems.by_name('top-k'); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", asked], check=True)


# --- the figure ---


def test_places_by_hand() -> None:
    part = replace(
        WORK.val.take(np.arange(3)),
        truths=((frozenset({1}),), (frozenset({0, 2}),), (frozenset({3}), frozenset({1}))),
    )
    scores = np.array([[9, 5, 7, 5], [9, 5, 7, 5], [4, 4, 4, 4]], dtype=np.float32)
    assert places(scores, part).tolist() == [2, 0, 1]
    assert recall(places(scores, part), 1) == pytest.approx(1 / 3)
    assert recall(places(scores, part), 2) == pytest.approx(2 / 3)
    assert worth(scores, part) == pytest.approx((1 / 3 + 1) / 2)
