"""An encoder with a memory says what it says without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from depicts_model.cache import EmbeddingCache
from depicts_model.errors import ImageError
from depicts_model.linker import artefact
from depicts_model.linker.cached import CachedEncoder, space_of
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings
from depicts_model.types import FileContext

from .conftest import photo, save, table
from .world import ZOO

PHOTOS = [photo(n) for n in range(4)]
SHA1S = [f"{n:040x}" for n in range(4)]


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[EmbeddingCache]:
    with EmbeddingCache(tmp_path / "c.sqlite", 1_000_000) as opened:
        yield opened


class Counting(dict[bytes, bytes]):
    """A memory in memory."""

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:  # type: ignore[override]
        return {key: self[key] for key in keys if key in self}

    def put(self, rows: Mapping[bytes, bytes]) -> None:
        self.update(rows)


@pytest.fixture(scope="module")
def encoder(model_dir: Path) -> Encoder:
    return Encoder.load(model_dir, table().projection)


def test_what_is_recalled_is_bit_for_bit_what_was_seen(
    encoder: Encoder, cache: EmbeddingCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, _ = encoder.encode(PHOTOS)
    cached = CachedEncoder(encoder, cache, "space")
    first, _ = cached.encode(PHOTOS, SHA1S)
    monkeypatch.setattr(Encoder, "_prepare", lambda *_: pytest.fail("decoded again"))
    again, errors = cached.encode(PHOTOS, SHA1S)
    assert plain.tobytes() == first.tobytes() == again.tobytes() and not errors
    assert again.dtype == np.float32
    turned, _ = cached.encode(PHOTOS[::-1], SHA1S[::-1])
    assert turned.tobytes() == plain[::-1].tobytes()


@pytest.mark.parametrize("warm", [False, True])
def test_one_content_is_encoded_once(
    encoder: Encoder, warm: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Counting()
    given: list[bytes] = []
    cached = CachedEncoder(encoder, memory, "space")
    if warm:
        cached.encode([PHOTOS[0]], [SHA1S[0]])
    encode = Encoder.encode

    def counted(self: Encoder, images: Sequence[bytes]) -> object:
        given.extend(images)
        return encode(self, images)

    monkeypatch.setattr(Encoder, "encode", counted)
    images = [b"", PHOTOS[0], PHOTOS[1], PHOTOS[0], b""]
    found, errors = cached.encode(images, ["a", SHA1S[0], SHA1S[1], SHA1S[0], "a"])
    assert given == [b"", *PHOTOS[warm:2]]
    assert found[1].tobytes() == found[3].tobytes() and found[1].any()
    assert not np.array_equal(found[1], found[2])
    assert sorted(errors) == [0, 4] and len(memory) == 2


def test_only_what_is_new_is_encoded_and_rows_keep_their_places(encoder: Encoder) -> None:
    memory = Counting()
    cached = CachedEncoder(encoder, memory, "space")
    cached.encode([PHOTOS[1]], [SHA1S[1]])
    found, errors = cached.encode([b"", *PHOTOS[:3], b"%PDF-1"], ["a", *SHA1S[:3], "b"])
    plain, _ = encoder.encode(PHOTOS[:3])
    assert np.allclose(found[1:4], plain, atol=1e-6) and not found[[0, 4]].any()
    assert {row: str(error) for row, error in errors.items()} == {
        0: "image is empty (0 bytes)",
        4: "not an image: a PDF document",
    }
    assert len(memory) == 3, "errors are not remembered"
    assert cached.encode([], [])[0].shape == (0, 6)


def test_a_value_that_is_no_vector_is_made_anew(encoder: Encoder) -> None:
    memory = Counting()
    cached = CachedEncoder(encoder, memory, "space")
    plain, _ = cached.encode(PHOTOS[:1], SHA1S[:1])
    for key in memory:
        memory[key] = memory[key][:-1]
    again, _ = cached.encode(PHOTOS[:1], SHA1S[:1])
    assert again.tobytes() == plain.tobytes()


def test_vectors_of_another_space_are_never_recalled(model_dir: Path, tmp_path: Path) -> None:
    """Other weights, preprocessing, projection, precision, width: other keys."""
    other = tmp_path / "m"
    moved = replace(table(), projection=np.asarray(table().projection) * np.float32(2))
    save(other, moved)
    one, two = artefact.load(model_dir, ZOO), artefact.load(other, ZOO)
    bent = replace(one.manifest, hashes={**one.manifest.hashes, artefact.WEIGHTS: "f" * 64})
    seen = {**one.manifest.hashes, artefact.PREPROCESS: "f" * 64}
    spaces = {
        space_of(one, "float32", 500),
        space_of(one, "float32", 330),
        space_of(one, "bfloat16", 500),
        space_of(two, "float32", 500),
        space_of(replace(one, manifest=bent), "float32", 500),
        space_of(replace(one, manifest=replace(one.manifest, hashes=seen)), "float32", 500),
    }
    assert len(spaces) == 6
    assert space_of(one, "float32", 500) == space_of(artefact.load(model_dir, ZOO), "float32", 500)


def test_the_linker_answers_the_same_with_a_cache(
    model_dir: Path,
    cache: EmbeddingCache,
    context: Callable[..., FileContext],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = []
    for n, sha1 in enumerate(SHA1S, 1):
        file = context(n)
        files.append(replace(file, file=replace(file.file, sha1=sha1)))
    arrived: list[bytes | ImageError] = [*PHOTOS[:2], ImageError("thumbnail: 404"), PHOTOS[3]]
    plain = Linker.load(model_dir, ZOO, Settings()).link(files, arrived)
    linker = Linker.load(model_dir, ZOO, Settings(), memory=cache)
    assert linker.link(files, arrived) == plain
    with monkeypatch.context() as patch:
        patch.setattr(Encoder, "_prepare", lambda *_: pytest.fail("decoded again"))
        assert linker.link(files, arrived) == plain
    elsewhere = Linker.load(model_dir, ZOO, Settings(thumbnail_width=330), memory=cache)
    assert elsewhere.recalling and elsewhere.recalling.space != linker.recalling.space  # type: ignore[union-attr]
