"""Words support what the pixels show: found whole, whatever their number, and never alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depicts_model.linker.camera import Places
from depicts_model.linker.combine import LEAST, Combiner
from depicts_model.linker.head import Evidence
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.link import Linker
from depicts_model.linker.logistic import EDGE
from depicts_model.linker.page import Reader
from depicts_model.linker.words import Words, stems
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, Suggested, mid_of

from .conftest import LEAVES, photo, save
from .world import ZOO, World, q

NAMES = replace(ZOO, labels={**ZOO.labels, q(12): "hot dog", q(10): "Bicycle"})


def words(world: World = NAMES, language: str = "en") -> Words:
    hierarchy = Hierarchy.from_catalog(world, LEAVES)
    return Words.of(world, hierarchy, np.ones(len(hierarchy.nodes), bool), language)


def context(title: str = "File:1.png", **said: Any) -> FileContext:
    file = FileRef(mid_of(1), title, "0" * 40, 1, datetime(2026, 1, 1, tzinfo=UTC), "")
    return replace(FileContext(file), **said)


def named(one: Words, file: FileContext) -> dict[str, str]:
    page = Reader(one, Places.of(NAMES, one.hierarchy)).read(file)
    return {one.hierarchy.nodes[node]: place for node, place in page.named.items()}


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


def test_a_class_supports_what_is_above_it_and_nothing_below() -> None:
    """The word says nothing of which cat: its kinds must not all become surer than it is."""
    one = words()
    page = Reader(one, Places.of(NAMES, one.hierarchy)).read(context("File:Cat.jpg"))
    told = page.terms["file_name"]
    kin = {one.hierarchy.nodes[node] for node in told.nodes}
    assert kin == {q(1), q(2), q(8), q(3)}, "a cat, and what it is; no kind of cat, no dog"
    assert told.everywhere and (told.values == 1).all()


def test_a_place_that_the_page_does_not_have_is_missing() -> None:
    one = words()
    page = Reader(one, Places.of(NAMES, one.hierarchy)).read(context("File:1.jpg"))
    assert {*page.terms} == {"file_name", "words"}, "a file has a name, whatever it says"
    assert not len(page.terms["file_name"].nodes)
    more = context("File:1.jpg", captions={"en": ""}, categories=("Dogs",))
    assert {*one.named(more)} == {"file_name", "caption", "category"}


def test_a_category_that_an_item_states_names_it() -> None:
    one = words(replace(NAMES, stated={q(10): "Velocipedes_of the world"}))
    assert set(named(one, context(categories=("velocipedes of the world",)))) == {q(10)}
    assert not named(one, context("File:Velocipedes of the world.jpg")), "a category's name"


def test_labels_of_the_reader_s_language_count_too() -> None:
    class German(World):
        def label(self, qid: str, language: str = "en") -> str | None:
            return "Fahrrad" if (qid, language) == (q(10), "de") else None

    reader = words(German(NAMES.edges), "de")
    assert set(named(reader, context("File:Fahrräder.jpg"))) == {q(10)}
    other = words(German(NAMES.edges, languages=("de", "en")))
    assert not named(other, context("File:Fahrräder.jpg")), "a name has no language of its own"
    spoken: tuple[dict[str, Any], ...] = (
        {"captions": {"de": "Fahrräder"}},
        {"description": {"de": "ein Fahrrad"}},
    )
    for said in spoken:
        assert set(named(other, context(**said))) == {q(10)}
    assert not named(words(German(NAMES.edges)), context(captions={"de": "Fahrrad"}))
    assert stems("Katzen", "xx") == ("katzen",), "an unknown language is matched word for word"


def test_items_that_may_not_be_shown_are_not_looked_for() -> None:
    hierarchy = Hierarchy.from_catalog(NAMES, LEAVES)
    none = Words.of(NAMES, hierarchy, np.zeros(len(hierarchy.nodes), bool), "en")
    assert none.named(context("File:Cat.jpg")) == {"file_name": frozenset()}


def loud(linker: Linker) -> Linker:
    return replace(linker, head=replace(linker.head, combiner=Combiner(weights={"words": 2.3})))


def test_what_is_heard_is_consistent(model_dir: Path) -> None:
    linker = Linker.load(model_dir, NAMES, Settings())
    linker = loud(linker)
    (evidence,) = linker.read([photo()], [linker.reader.read(context("File:Beagle, tabby.jpg"))])
    assert isinstance(evidence, Evidence)
    hierarchy = linker.head.hierarchy
    for node in range(len(hierarchy.nodes)):
        above = hierarchy.ancestors(node)
        assert (evidence.confidence[above] >= evidence.confidence[node]).all()
    assert (evidence.confidence >= evidence.pixels).all(), "words took something away"
    named = [hierarchy.index[q(4)], hierarchy.index[q(7)]]
    heard = [node for node in named if evidence.pixels[node] >= LEAST]
    assert heard, "pixels show neither"
    assert (evidence.confidence[heard] > evidence.pixels[heard]).all()


def test_a_named_class_does_not_make_its_kinds_surer_than_it_is(model_dir: Path) -> None:
    """A word that fits both of two kinds leaves their shares as they were."""
    linker = loud(Linker.load(model_dir, NAMES, Settings()))
    page = linker.reader.read(context("File:My cat.jpg"))
    for seed in range(10):
        (evidence,) = linker.read([photo(seed)], [page])
        assert isinstance(evidence, Evidence)
        index = linker.head.hierarchy.index
        for kind in (q(4), q(6)):
            assert evidence.confidence[index[kind]] == pytest.approx(
                evidence.pixels[index[kind]], abs=2 * EDGE
            )


def test_a_suggestion_says_which_word_spoke_for_it(tmp_path: Path) -> None:
    save(tmp_path / "m", threshold=0.01)
    linker = Linker.load(tmp_path / "m", NAMES, Settings())
    linker = loud(linker)
    files = [context("File:1.png"), context("File:A Siamese.png")]
    silent, spoken = linker.link(files, [photo()] * 2)
    assert isinstance(silent, Suggested) and isinstance(spoken, Suggested)
    before = {s.qid: s.confidence for s in silent.suggestions}
    (cat,) = [s for s in spoken.suggestions if s.qid == q(6)]
    assert cat.confidence > before[q(6)]
    assert cat.reasons[0].startswith("looks like Siamese, and “Siamese” stands in its file name (")
    assert not any("stands in" in reason for s in silent.suggestions for reason in s.reasons)


def test_other_names_count_where_they_are_of_one_item_alone() -> None:
    others = (
        (q(4), "Felis catus"),
        (q(7), "hound"),
        (q(8), "hound"),
        (q(7), "BGL"),
        (q(7), "tabby"),
    )
    world = replace(NAMES, others=others)
    assert named(words(world), context("File:Felis catus in Rome.jpg")) == {q(4): "file name"}
    assert named(words(world), context("File:A hound.jpg")) == {}, "two things are called so"
    assert named(words(world), context("File:BGL.jpg")) == {}, "an abbreviation"
    tabby = named(words(world), context("File:A tabby.jpg"))
    assert tabby == named(words(), context("File:A tabby.jpg")), "a label goes before"


def test_no_other_name_tells_of_a_person() -> None:
    world = replace(NAMES, others=((q(4), "Whittington"),), people=frozenset({q(4)}))
    assert named(words(world), context("File:Whittington.jpg")) == {}
