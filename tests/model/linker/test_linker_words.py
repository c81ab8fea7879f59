"""Words support what the pixels show: found whole, whatever their number, and never alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.linker.head import Evidence, heard
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.link import Linker
from depicts_model.linker.words import Words, stems
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, Suggested, mid_of

from .conftest import LEAVES, photo, save
from .world import ZOO, World, q, steady

NAMES = replace(ZOO, labels={**ZOO.labels, q(12): "hot dog", q(10): "Bicycle"})


def words(world: World = NAMES, language: str = "en") -> Words:
    hierarchy = Hierarchy.from_catalog(world, LEAVES)
    return Words.of(world, hierarchy, np.ones(len(hierarchy.nodes), bool), language)


def context(title: str = "File:1.png", **said: Any) -> FileContext:
    file = FileRef(mid_of(1), title, "0" * 40, 1, datetime(2026, 1, 1, tzinfo=UTC), "")
    return replace(FileContext(file), **said)


def named(one: Words, file: FileContext) -> dict[str, str]:
    return {one.hierarchy.nodes[node]: place for node, place in one.named(file).items()}


def test_labels_are_found_in_the_name_the_captions_the_description_and_the_categories() -> None:
    found = named(
        words(),
        context(
            "File:Two TABBIES, 2019.jpg",
            captions={"en": "a bicycle"},
            description={"und": "our beagles at home"},
            categories=("Pets of Berlin", "Bicycles"),
        ),
    )
    places = {q(4): "file name", q(10): "caption", q(7): "description", q(8): "categories"}
    assert found == places


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("File:Hot dog.jpg", {q(12)}),  # the longest label wins
        ("File:Hot dogs, dogs.jpg", {q(12), q(16)}),
        ("File:Catalogue of dogma.jpg", set()),  # whole words alone
        ("File:IMG_2041.cat", set()),  # an extension is no word
        ("Cat:Somewhere.jpg", set()),  # nor is a namespace
        ("File:cat_dog-cat.jpg", {q(3), q(16)}),
        ("File:.png", set()),
    ],
)
def test_what_a_title_names(title: str, expected: set[str]) -> None:
    assert set(named(words(), context(title))) == expected


def test_a_class_supports_what_is_above_and_below_it_and_nothing_beside() -> None:
    one = words()
    support = one.support([one.hierarchy.index[q(3)]])
    kin = {one.hierarchy.nodes[node] for node in np.flatnonzero(support)}
    assert kin == {q(1), q(2), q(8), q(3), q(4), q(6)}, "a cat, what it is, and its kinds; no dog"
    assert not one.support([]).any()


def test_labels_of_the_reader_s_language_count_too() -> None:
    class German(World):
        def label(self, qid: str, language: str = "en") -> str | None:
            return "Fahrrad" if (qid, language) == (q(10), "de") else None

    assert set(named(words(German(NAMES.edges), "de"), context("File:Fahrräder.jpg"))) == {q(10)}
    assert stems("Katzen", "xx") == ("katzen",), "an unknown language is matched word for word"


def test_items_that_may_not_be_shown_are_not_looked_for() -> None:
    hierarchy = Hierarchy.from_catalog(NAMES, LEAVES)
    none = Words.of(NAMES, hierarchy, np.zeros(len(hierarchy.nodes), bool), "en")
    assert none.named(context("File:Cat.jpg")) == {}


chances = st.floats(0, 1)


@steady
@given(st.lists(st.tuples(chances, st.booleans()), min_size=1, max_size=20), st.floats(0, 5))
def test_words_never_lower_a_confidence_and_touch_only_what_they_support(
    nodes: list[tuple[float, bool]], weight: float
) -> None:
    pixels = np.array([[q for q, _ in nodes]])
    support = np.array([[float(named) for _, named in nodes]])
    both = heard(pixels, support, weight)
    assert (both >= pixels).all() and (both <= 1).all()
    assert np.array_equal(both[support == 0], pixels[support == 0])


def test_words_multiply_the_odds_and_alone_never_suffice() -> None:
    both = heard(np.array([[0.5, 0.1, 0.001]]), np.ones((1, 3)), np.log(10))
    assert both[0] == pytest.approx([10 / 11, 10 / 19, 10 / 1009], rel=1e-6)


def test_what_is_heard_is_consistent(model_dir: Path) -> None:
    linker = Linker.load(model_dir, NAMES, Settings())
    linker = replace(linker, head=replace(linker.head, text_weight=2.3))
    told = linker.words.named(context("File:Beagle and tabby.jpg"))
    (evidence,) = linker.read([photo()], [told])
    assert isinstance(evidence, Evidence)
    hierarchy = linker.head.hierarchy
    for node in range(len(hierarchy.nodes)):
        above = hierarchy.ancestors(node)
        assert (evidence.confidence[above] >= evidence.confidence[node]).all()


def test_a_suggestion_says_which_word_spoke_for_it(tmp_path: Path) -> None:
    save(tmp_path / "m", threshold=0.01)
    linker = Linker.load(tmp_path / "m", NAMES, Settings())
    linker = replace(linker, head=replace(linker.head, text_weight=2.3))
    files = [context("File:1.png"), context("File:A Siamese.png")]
    silent, spoken = linker.link(files, [photo()] * 2)
    assert isinstance(silent, Suggested) and isinstance(spoken, Suggested)
    before = {s.qid: s.confidence for s in silent.suggestions}
    (cat,) = [s for s in spoken.suggestions if s.qid == q(6)]
    assert cat.confidence > before[q(6)]
    assert cat.reasons[0].startswith("looks like Siamese, and “Siamese” stands in its file name (")
    assert not any("stands in" in reason for s in silent.suggestions for reason in s.reasons)
