"""What judged a model teaches none after it, and what one was made of does not judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from depicts_model.cli_images import Embedded
from depicts_model.errors import ArtefactError
from depicts_model.linker.retraining.lessons import (
    BATCH,
    HOLDOUT,
    SEEN,
    SPLITS,
    Lesson,
    Lessons,
    Past,
)
from depicts_model.linker.retraining.made_of import FROZEN, MadeOf, frozen
from depicts_model.types import Qid

from .test_enough import FACTS, LIMITS, lessons

CAT, DOG, OWL = (Qid(f"Q{n}") for n in (1, 2, 3))


def test_what_judged_teaches_nothing_though_it_is_in_the_training_split_now() -> None:
    """By its content, and by what looks the same."""
    told = list(lessons(1_000, 300, 100))
    told[0] = replace(told[0], sha1="1" * 40)
    told[1] = replace(told[1], hash=0b1111)
    renamed = replace(told[0], file="another name.jpg")
    held = MadeOf.of([renamed, replace(told[2], file="x", hash=0b0111), told[1_200]])
    found = Lessons.of(lambda: told, FACTS, LIMITS, past=Past(held))
    role_of = {one.file: role for one, role in zip(found.chosen, found.roles, strict=True)}
    assert [role_of[told[at].file] for at in (0, 1, 1_200)] == [HOLDOUT] * 3
    assert role_of[told[2].file] == SEEN and len(role_of) == len(told)
    assert found.uses[CAT] == 998, "nor is it counted"


def test_what_a_model_was_made_of_does_not_judge() -> None:
    told = list(lessons(1_000, 300, 100))
    made = MadeOf.of([told[0], *told[-30:]])
    found = Lessons.of(lambda: told, FACTS, LIMITS, past=Past(made=(made, MadeOf.of([told[-31]]))))
    assert {one.file for one in told} - {one.file for one in found.chosen} == {
        one.file for one in told[-31:]
    }
    assert len(found.rows(HOLDOUT)) == 69


def test_a_holdout_that_is_too_small_says_how_many_may_not_judge() -> None:
    """Who reads it looks for more files of the data set in vain."""
    told = list(lessons(1_000, 300, 210))
    past = Past(MadeOf.of(told[:1]), (MadeOf.of(told[-30:]), MadeOf.of([told[0], *told[-50:-20]])))
    with pytest.raises(ArtefactError) as raised:
        Lessons.of(lambda: told, FACTS, LIMITS, True, past)
    missing = "holdout: 160 images of 160 units, at least 200 of 30 are needed"
    why = "the model that serves, or that is started from, was made of them"
    assert f"; {missing}; 51 more files do not judge: {why}; 1 files of train" in str(raised.value)
    found = Lessons.of(lambda: told, FACTS, LIMITS, past=past)
    gone = found.roles == HOLDOUT
    with pytest.raises(ArtefactError, match=r"; 51 more files do not judge: .*; 160 of"):
        found.take(~gone)


def test_files_that_a_held_unit_takes_from_training_are_counted_and_told() -> None:
    """A logo that one of 20 uploaders shares with what is held out takes the files of all along."""
    told = list(lessons(200, 300, 100))
    bridged = [replace(one, unit="joined") for one in (*told[:120], *told[200:205])]
    bridged[7] = replace(bridged[7], hash=0b1111)
    told = [*bridged[:120], *told[120:200], *bridged[120:], *told[205:]]
    held = MadeOf.of([replace(told[-1], file="old.jpg", hash=0b0111), told[-2]])
    past = Past(held, (MadeOf.of(told[:3]),))
    with pytest.raises(ArtefactError) as raised:
        Lessons.of(lambda: told, FACTS, LIMITS, past=past)
    said = "; 125 files of train or validation teach nothing: of their units something judged"
    assert "seen: 80 images of 80 units, at least 100 of 10 are needed; " in str(raised.value)
    assert said in str(raised.value) and "; 3 more files do not judge" in str(raised.value)
    more = [*told, *(replace(one, file=f"more {one.file}") for one in told[120:200])]
    found = Lessons.of(lambda: more, FACTS, LIMITS, past=past)
    assert found.told_of_taken().startswith("125 files") and len(found.rows(SEEN)) == 160
    assert found.take(np.ones(len(found.chosen), dtype=bool)).told_of_taken()
    none = Lessons.of(lambda: more, FACTS, LIMITS, past=Past(MadeOf.of(told[-2:])))
    assert none.told_of_taken() == "", "they judged anyway"


def test_a_unit_is_drawn_once_however_many_uploaders_it_has() -> None:
    """Were each of them drawn, nine of ten units would be held out."""
    told = [replace(one, unit=f"unit {at // 10}") for at, one in enumerate(lessons(0, 0, 10_000))]
    part = frozen(told).has(told).reshape(1_000, 10)
    assert (part.all(axis=1) == part.any(axis=1)).all(), "and is never parted"
    assert 0.8 < part.mean() * FROZEN < 1.2
    assert (frozen(told[::-1]).has(told) == part.ravel()).all(), "in whatever order"


def test_models_are_asked_only_about_what_may_judge() -> None:
    """To be asked about none costs as much as about some, and most batches are of training."""
    asked = []

    class Watched:
        def has(self, some: Sequence[Lesson]) -> NDArray[np.bool_]:
            asked.append(len(some))
            return np.zeros(len(some), dtype=bool)

    told = list(lessons(3 * BATCH, 0, BATCH))
    assert list(Past(made=(Watched(),)).split(lambda: told)) == told
    assert asked == [BATCH]


def test_a_part_of_what_judged_is_held_out_for_good_and_always_the_same() -> None:
    told = list(lessons(0, 0, 1_000))
    part = frozen(told).has(told)
    assert 0.8 < part.mean() * FROZEN < 1.2
    assert (frozen(told[500:]).has(told) == part & (np.arange(1_000) >= 500)).all()


def test_a_picture_that_judges_now_is_read_where_it_lies() -> None:
    """It is in a shard of the split that the data set gave it."""
    told = list(lessons(1_000, 300, 100))
    held = Past(MadeOf.of(told[:2]))
    shards = {split: [one for one in told if one.split == split] for split in SPLITS}

    def batches(split: str, _: list[str]) -> Iterator[pa.RecordBatch]:
        names = [one.file for one in shards[split]]
        images = [name.encode() for name in names]
        yield pa.RecordBatch.from_arrays([pa.array(names), pa.array(images)], ["file", "image"])

    pictures = Embedded(cast("Any", SimpleNamespace(batches=batches)))
    now = list(held.split(lambda: told))
    assert [one.split for one in now[:3]] == ["test", "test", "train"]
    assert [pictures.read(one) for one in now] == [one.file.encode() for one in told]


def test_a_file_is_known_again_by_its_name_where_a_source_knows_no_content() -> None:
    told = [replace(one, sha1=f"{at:040d}") for at, one in enumerate(lessons(100, 0, 0))]
    nameless = [replace(one, sha1="") for one in told]
    assert MadeOf.of(told).has(nameless).all() and MadeOf.of(nameless).has(told).all()
    drawn = [frozen(some).has(told).tolist() for some in (told, nameless)]
    assert drawn[0] == drawn[1] and 5 < sum(drawn[0]) < 40
