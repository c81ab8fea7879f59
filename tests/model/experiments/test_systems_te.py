"""te-256 with the real MiniLM, on a work so small that it takes seconds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from depicts_model.linker.experiments.system import Clock
from depicts_model.linker.experiments.te import SYSTEM, Knobs, Tower, fit, texts_of
from depicts_model.linker.experiments.worth import worth
from depicts_model.linker.experiments.zero_shot import Cosines
from depicts_model.linker.training import text
from tests.model.experiments.works import small_work

WORK = small_work(dim=384, noise=0.05)
EVERYTHING = np.arange(len(WORK.items))
SHORT = replace(SYSTEM.knobs, batch=32, epochs=3, rate=5e-4)


def test_a_text_is_label_and_description() -> None:
    assert texts_of(WORK)[3] == "kind 3 of a test"
    bare = replace(WORK, descriptions=("",) * len(WORK.items))
    assert texts_of(bare)[3] == "kind 3"


def test_its_batches_have_256_pairs() -> None:
    assert {SYSTEM.trial(number).batch for number in range(12)} == {256}


@pytest.mark.slow
def test_untuned_it_is_the_text_side_of_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "PROMPTS", ("{}",))
    words = ["lion", "a toll bridge over a river", "kind 3 of a test"]
    here = Tower(words, SYSTEM.knobs).eval().encode(np.arange(3))
    np.testing.assert_allclose(np.linalg.norm(here, axis=1), 1, atol=1e-5)
    assert (here * text.embed_labels(words)).sum(1).min() > 0.999, "but for bfloat16"


@pytest.mark.slow
@pytest.mark.parametrize(("layers", "learning"), [(6, 6), (2, 2)])
def test_what_does_not_learn_stays(layers: int, learning: int) -> None:
    tower = Tower(texts_of(WORK), replace(SHORT, layers=layers))
    each = [next(layer.parameters()).requires_grad for layer in tower.bert.encoder.layer]
    assert each == [False] * (6 - learning) + [True] * learning
    assert next(tower.bert.embeddings.parameters()).requires_grad is (layers == 6)


@pytest.mark.slow
def test_the_order_of_texts_does_not_matter() -> None:
    tower = Tower(["lion", "a bridge over a river", "a cat"], SYSTEM.knobs).eval()
    there = tower.encode(np.array([2, 0, 1]))
    np.testing.assert_allclose(there, tower.encode(np.arange(3))[[2, 0, 1]], atol=2e-2)


@pytest.mark.slow
def test_it_learns_what_the_words_do_not_say_and_repeats_it() -> None:
    before = Cosines(Tower(texts_of(WORK), SYSTEM.knobs).eval().encode(EVERYTHING))
    once, again = (fit(WORK.blind(), SHORT, Clock()) for _ in range(2))
    gained = worth(once.scores(WORK.test), WORK.test) - worth(before.scores(WORK.test), WORK.test)
    assert gained > 0.2
    np.testing.assert_array_equal(once.items, again.items)


@pytest.mark.slow
def test_a_clock_that_is_up_leaves_minilm_as_it_was() -> None:
    clock = Clock(seconds=0)
    fitted = fit(WORK.blind(), Knobs(batch=256), clock)
    assert clock.capped
    before = Tower(texts_of(WORK), SYSTEM.knobs).eval().encode(EVERYTHING)
    np.testing.assert_array_equal(fitted.items, before)
