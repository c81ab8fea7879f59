"""What the benchmarks of linking and of the web service are fed with."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from bench.graphs import layered
from bench.items import LANGUAGES, qid, word, write_catalog
from bench.linking import PHOTO, photo
from depicts_model.catalog import Catalog
from depicts_model.linker.words import stems


def test_the_catalog_holds_the_graph(tmp_path: Path) -> None:
    graph = layered((1, 4, 12, 60))
    write_catalog(graph, tmp_path / "catalog.sqlite")
    with Catalog.open(tmp_path / "catalog.sqlite") as catalog:
        assert catalog.qids == tuple(map(qid, range(77))) and len(catalog.visual) == 77
        for node, line in enumerate(graph.lines):
            assert catalog.ancestors(qid(node)) == {qid(n) for n in line if n != node}
            assert {catalog.label(qid(node), tag) for tag in LANGUAGES} == {word(node)}


def test_each_item_has_a_word_of_its_own_that_is_looked_for_as_it_is() -> None:
    words = [word(node) for node in range(20_082)]
    assert len({*words}) == len(words)
    assert all(stems(text, "en") == (text,) for text in words)


def test_photos_are_as_large_as_thumbnails_of_photographs() -> None:
    data = photo(np.random.default_rng(0))
    assert Image.open(io.BytesIO(data)).size == PHOTO
    assert 40_000 < len(data) < 120_000, "a JPEG that is too simple or too noisy is no photograph"
