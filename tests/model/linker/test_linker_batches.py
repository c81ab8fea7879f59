"""A backfill's work, batch by batch: outcomes as the linker gives them, always the same bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.linker.batches import embed_batches, encode_batches, view_batches
from depicts_model.linker.cached import key_of
from depicts_model.linker.columns import FILES, embedded, outcome_of, row_of
from depicts_model.linker.link import Linker
from depicts_model.settings import Settings
from depicts_model.types import (
    Failed,
    FileContext,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)

from .conftest import photo, save
from .world import ZOO, q

PHOTOS = [photo(n, (40 + n, 50)) for n in range(20)]
SPACE = "a space"
V = "v1"


@pytest.fixture(scope="module")
def linker(tmp_path_factory: pytest.TempPathFactory) -> Linker:
    """A model that shows something for nearly every image."""
    folder = tmp_path_factory.mktemp("eager") / "m"
    save(folder, threshold=0.05)
    return Linker.load(folder, ZOO, Settings(max_suggestions=3))


def file(n: int, image: bytes | None = None, **more: Any) -> dict[str, Any]:
    row = dict.fromkeys(FILES.names)
    return {**row, "mid": f"M{n}", "sha1": f"{n:040x}", "image": image, **more}


def batch(*rows: dict[str, Any]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(list(rows), FILES)


def made(linker: Linker, *batches: pa.RecordBatch) -> list[dict[str, Any]]:
    return [row for one in embed_batches(linker, SPACE, batches) for row in one.to_pylist()]


def test_outcomes_are_those_of_the_linker(linker: Linker, context: Any) -> None:
    contexts: list[FileContext] = [context(n) for n in range(1, 21)]
    said = replace(contexts[0], existing_depicts=(q(4),))
    contexts = [said, *contexts[1:]]
    rows = [
        file(n, image, title=c.file.title, depicts=list(c.existing_depicts))
        for n, image, c in zip(range(1, 21), PHOTOS, contexts, strict=True)
    ]
    bare = [FileContext(c.file, existing_depicts=c.existing_depicts) for c in contexts]
    outcomes = [outcome_of(row, linker.version) for row in made(linker, batch(*rows))]
    assert outcomes == linker.link(bare, PHOTOS)
    assert any(isinstance(outcome, Suggested) for outcome in outcomes)


def test_a_row_a_file_in_their_order_with_the_vector_and_its_key(linker: Linker) -> None:
    batches = [batch(*(file(n, PHOTOS[n]) for n in some)) for some in ((3, 1, 2), (), (0,))]
    rows = made(linker, *batches)
    assert [row["mid"] for row in rows] == ["M3", "M1", "M2", "M0"]
    assert [row["key"] for row in rows] == [key_of(SPACE, row["sha1"]) for row in rows]
    vectors, _ = linker.encoder.encode([PHOTOS[3], PHOTOS[1], PHOTOS[2]])
    assert np.array_equal(np.array([row["vector"] for row in rows[:3]], np.float32), vectors)


def test_what_the_list_says_of_a_file_stands_beside_its_outcome(linker: Linker) -> None:
    said = {
        "title": "File:A.jpg",
        "revision": 17,
        "uploaded": datetime(2026, 1, 2, 3, tzinfo=UTC),
        "thumb_url": "https://up.test/a.jpg",
    }
    (row,) = made(linker, batch(file(1, PHOTOS[1], **said)))
    assert {name: row[name] for name in said} == said


def test_the_same_batch_gives_the_same_bytes_whatever_came_before(linker: Linker) -> None:
    first, second = (
        batch(*(file(n, PHOTOS[n]) for n in some)) for some in (range(9), range(9, 20))
    )
    together = list(embed_batches(linker, SPACE, [first, second]))
    assert together == [
        *embed_batches(linker, SPACE, [first]),
        *embed_batches(linker, SPACE, [second]),
    ]
    assert all(one.schema == embedded(linker.encoder.dim) for one in together)


def test_in_two_halves_it_comes_to_the_same(linker: Linker) -> None:
    files = batch(*(file(n, PHOTOS[n]) for n in range(5)), file(6, b"no picture"))
    seen = list(view_batches(linker.encoder.preprocess, 40.0, [files]))
    assert list(encode_batches(linker, SPACE, seen)) == list(embed_batches(linker, SPACE, [files]))


def test_what_cannot_be_seen_fails_and_the_others_do_not(linker: Linker) -> None:
    damaged = file(2, PHOTOS[2][:300])
    gone = file(3, None, fault="http-404", retry_after=None)
    busy = file(4, None, fault="http-429", retry_after=60.0)
    rows = made(linker, batch(file(1, PHOTOS[1]), damaged, gone, busy, file(5, PHOTOS[5])))
    assert [row["kind"] == "failed" for row in rows] == [False, True, True, True, False]
    (fault,) = linker.encoder.encode([PHOTOS[2][:300]])[1].values()
    assert [outcome_of(row, V) for row in rows[1:4]] == [
        Failed(str(fault), fault.retry_after),
        Failed("http-404"),
        Failed("http-429", 60.0),
    ]
    assert [row["vector"] is None for row in rows] == [False, True, True, True, False]


def test_nothing_is_read_before_it_is_asked_for(linker: Linker) -> None:
    taken: list[int] = []

    def stream() -> Any:
        for n in range(3):
            taken.append(n)
            yield batch(file(n, PHOTOS[n]))

    results = embed_batches(linker, SPACE, stream())
    assert not taken
    next(results)
    assert taken == [0]


ITEMS = st.integers(1, 999).map(lambda n: Qid(f"Q{n}"))
SUGGESTIONS = st.builds(
    Suggestion,
    mid=st.just(Mid("M7")),
    qid=ITEMS,
    confidence=st.floats(0, 1),
    reasons=st.lists(st.text(max_size=9)).map(tuple),
    more_general=st.lists(ITEMS, max_size=3).map(tuple),
    more_specific=st.lists(ITEMS, max_size=3).map(tuple),
    model_version=st.just(V),
)
OUTCOMES = st.one_of(
    st.lists(SUGGESTIONS, min_size=1, max_size=3).map(lambda some: Suggested(tuple(some))),
    st.sampled_from(NothingReason).map(NothingToSuggest),
    st.sampled_from(SkipReason).map(Skipped),
    st.builds(Failed, st.text(), st.none() | st.floats(0, 1e6)),
)


@given(OUTCOMES)
def test_an_outcome_survives_its_columns(outcome: Outcome) -> None:
    empty = dict.fromkeys(embedded(3).names)
    row = {**empty, "mid": "M7", "sha1": "", "key": b"\0" * 16, **row_of(outcome)}
    (back,) = pa.RecordBatch.from_pylist([row], embedded(3)).to_pylist()
    assert outcome_of(back, V) == outcome


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="M7: unknown kind of outcome: 'guess'"):
        outcome_of({"mid": "M7", "kind": "guess"}, V)
