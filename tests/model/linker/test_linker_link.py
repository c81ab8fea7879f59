"""The linker as the bot calls it, over a random tower: no trained weights are needed."""

from __future__ import annotations

import itertools
import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depicts_model.errors import ArtefactError, ImageError
from depicts_model.linker import encoder as encoders
from depicts_model.linker import images
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings
from depicts_model.types import (
    Failed,
    FileContext,
    NothingReason,
    NothingToSuggest,
    Skipped,
    SkipReason,
    Suggested,
)

from .conftest import LEAVES, PREPROCESS, photo, save, table
from .world import ZOO, World, q

PHOTOS = [photo(n, (40 + n, 50)) for n in range(20)]
Context = Callable[..., FileContext]


@pytest.fixture(scope="module")
def linker(model_dir: Path) -> Linker:
    return Linker.load(model_dir, ZOO, Settings())


@pytest.fixture(scope="module")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    """A model that shows something for nearly every image."""
    folder = tmp_path_factory.mktemp("eager") / "m"
    save(folder, threshold=0.05)
    return Linker.load(folder, ZOO, Settings(max_suggestions=3))


def test_the_door_imports_nothing_heavy() -> None:
    code = (
        "import sys, depicts_model.linker;"
        "print([m for m in ('numpy','torch','faiss','scipy','PIL','transformers')"
        " if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_vectors_are_unit_and_bad_images_are_named(linker: Linker) -> None:
    vectors, errors = linker.encoder.encode([PHOTOS[0], b"", PHOTOS[1], b"%PDF-1"])
    assert vectors.shape == (4, 6) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1, 0], atol=1e-6)
    assert {row: str(e) for row, e in errors.items()} == {
        1: "image is empty (0 bytes)",
        3: "not an image: a PDF document",
    }
    assert linker.encoder.encode([])[0].shape == (0, 6)


def test_a_vector_is_as_long_as_its_views_agree(model_dir: Path) -> None:
    one = Encoder.load(model_dir, table().projection)
    views = ("whole", "zoom")
    each = [replace(one, preprocess=replace(PREPROCESS, views=(v,))) for v in views]
    both = replace(one, preprocess=replace(PREPROCESS, views=views))
    (whole, _), (zoom, _), (mean, _) = (e.encode(PHOTOS[:2]) for e in (*each, both))
    assert np.allclose(mean, (whole + zoom) / 2, atol=1e-5)
    assert (np.linalg.norm(mean, axis=1) < 1).all()


def test_same_input_same_bits_whatever_the_threads_do(
    linker: Linker, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected, _ = linker.encoder.encode(PHOTOS)
    real = images.decode

    def dawdling(data: bytes, max_megapixels: float, wanted: int | None = None) -> object:
        time.sleep(random.random() / 100)
        return real(data, max_megapixels, wanted)

    monkeypatch.setattr(encoders, "decode", dawdling)
    again, _ = linker.encoder.encode(PHOTOS)
    assert again.tobytes() == expected.tobytes()


def test_a_batch_is_decoded_while_the_one_before_is_in_the_tower_and_no_more(
    linker: Linker, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_of = {photo: n // 4 for n, photo in enumerate(PHOTOS)}
    begun = [threading.Event() for _ in range(5)]
    in_tower = itertools.count()
    real_prepare, real_embed = Encoder._prepare, Encoder._embed

    def prepare(self: Encoder, data: bytes) -> Any:
        begun[batch_of[data]].set()
        return real_prepare(self, data)

    def embed(self: Encoder, pixels: Any) -> Any:
        n = next(in_tower)
        assert all(batch.wait(20) for batch in begun[n : n + 2]), "nothing is decoded ahead"
        assert not any(batch.is_set() for batch in begun[n + 2 :]), "memory is not bounded"
        return real_embed(self, pixels)

    expected, _ = linker.encoder.encode(PHOTOS)
    monkeypatch.setattr(Encoder, "_prepare", prepare)
    monkeypatch.setattr(Encoder, "_embed", embed)
    vectors, errors = replace(linker.encoder, batch_size=4).encode(PHOTOS)
    assert np.allclose(vectors, expected, atol=1e-5) and not errors
    assert next(in_tower) == 5


def test_an_image_alone_gets_the_outcome_that_it_gets_among_others(
    eager: Linker, context: Context
) -> None:
    photos = PHOTOS[:5]
    contexts = [context(n) for n in range(1, 6)]
    together = eager.link(contexts, photos)
    assert together == eager.link(contexts, photos)
    assert any(isinstance(outcome, Suggested) for outcome in together)
    for one, file, image in zip(together, contexts, photos, strict=True):
        (alone,) = eager.link([file], [image])
        assert type(one) is type(alone)
        if isinstance(one, Suggested) and isinstance(alone, Suggested):
            pairs = zip(one.suggestions, alone.suggestions, strict=True)
            for a, b in pairs:
                assert replace(a, confidence=b.confidence) == b
                assert a.confidence == pytest.approx(b.confidence, abs=1e-5)


def test_one_outcome_a_file_in_order_and_bad_images_fail(eager: Linker, context: Context) -> None:
    contexts = [context(n) for n in range(1, 5)]
    arrived: list[bytes | ImageError] = [
        PHOTOS[0],
        ImageError("thumbnail answers 404"),
        b"junk",
        PHOTOS[1],
    ]
    found = eager.link(contexts, arrived)
    assert found[1] == Failed("thumbnail answers 404")
    assert isinstance(found[2], Failed) and "not an image" in found[2].error
    assert not isinstance(found[0], Failed) and not isinstance(found[3], Failed)
    with pytest.raises(ValueError, match="4 contexts for 1 images"):
        eager.link(contexts, arrived[:1])
    assert eager.link([], []) == []


def test_a_suggestion_says_why_and_by_what(eager: Linker, context: Context) -> None:
    outcomes = eager.link([context(7)] * 20, PHOTOS)
    shown = [s for o in outcomes if isinstance(o, Suggested) for s in o.suggestions]
    assert shown
    for one in shown:
        assert one.mid == "M7" and one.model_version == "tiny-test" == eager.version
        label = ZOO.label(one.qid)
        assert one.reasons[0] == f"looks like {label} ({math.floor(100 * one.confidence)}%)"
        assert "demo model" in one.reasons[-1]
        assert not set(one.more_general) - ZOO.ancestors(one.qid)
        assert set(one.more_specific) <= set(ZOO.children(one.qid))
    assert eager.demo


def test_reasons_of_a_climb_and_of_a_refinement(tmp_path: Path, context: Context) -> None:
    """Only the class is supported, so that the items must climb to it."""
    save(tmp_path / "m", threshold=0.05)
    linker = Linker.load(tmp_path / "m", ZOO, Settings())
    marks = linker.selector.masks
    only = np.array([qid == q(3) for qid in linker.head.hierarchy.nodes])
    narrow = replace(linker.selector, masks=replace(marks, supported=only))
    linker = replace(linker, selector=narrow)
    for image in PHOTOS:
        outcome = linker.link([context(1, (q(8),))], [image])[0]
        if isinstance(outcome, Suggested):
            (one,) = outcome.suggestions
            assert one.qid == q(3)
            assert any(r.startswith("sure of the kind, not of which one") for r in one.reasons)
            assert "more specific than pet" in one.reasons
            assert set(one.more_specific) == {q(4), q(6)}
            assert one.more_general == (q(2),), "not what the file says already"
            return
    raise AssertionError("nothing was suggested")


def test_silence_and_withholding_reach_the_outcome(model_dir: Path, context: Context) -> None:
    world = replace(ZOO, withhold=frozenset(LEAVES))
    held = Linker.load(model_dir, world, Settings()).link([context()], PHOTOS[:1])
    assert held == [Skipped(SkipReason.WITHHELD)]
    world = replace(ZOO, hidden=frozenset(ZOO.edges))
    silent = Linker.load(model_dir, world, Settings()).link([context()] * 20, PHOTOS)
    assert all(isinstance(o, NothingToSuggest) for o in silent)
    assert {o.reason for o in silent if isinstance(o, NothingToSuggest)} <= set(NothingReason)


def test_a_label_is_needed_in_the_readers_language(tmp_path: Path, context: Context) -> None:
    class Polyglot(World):
        def label(self, qid: str, language: str = "en") -> str | None:
            return "chat" if language == "fr" and qid == q(3) else None

    save(tmp_path / "m", threshold=0.05)
    world = Polyglot(ZOO.edges)
    linker = Linker.load(tmp_path / "m", world, Settings(language="fr"))
    outcomes = linker.link([context()] * 20, PHOTOS)
    shown = {s.qid for o in outcomes if isinstance(o, Suggested) for s in o.suggestions}
    assert shown == {q(3)}


def test_dimensions_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    save(tmp_path / "a", table(hidden=15))
    with pytest.raises(ArtefactError, match="projection takes 15 numbers, the tower gives 16"):
        Linker.load(tmp_path / "a", ZOO, Settings())
    save(tmp_path / "b", replace(table(), projection=None))
    with pytest.raises(ArtefactError, match="vectors of 16, the items have 6"):
        Linker.load(tmp_path / "b", ZOO, Settings())


def test_an_item_that_the_catalog_lacks_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "m", replace(table(), qids=(q(4), q(6), q(7), q(10), q(99))))
    with pytest.raises(ArtefactError, match="Q99 "):
        Linker.load(tmp_path / "m", ZOO, Settings())


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_real_towers_load_too(kind: str, tmp_path: Path) -> None:
    import transformers

    from depicts_model.linker import artefact

    from .conftest import calibration, manifest

    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 32,
        "patch_size": 16,
    }
    tower: Any
    if kind == "clip":
        config = transformers.CLIPVisionConfig(**sizes, projection_dim=6)
        tower = transformers.CLIPVisionModelWithProjection(config)
        items = replace(table(), projection=None)
    else:
        tower = transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**sizes))
        items = table()
    folder = tmp_path / "m"
    artefact.save(folder, tower, PREPROCESS, items, calibration(), manifest())
    vectors, errors = Encoder.load(folder, items.projection).encode(PHOTOS[:3])
    assert vectors.shape == (3, 6) and not errors
    assert len({v.tobytes() for v in vectors}) == 3
