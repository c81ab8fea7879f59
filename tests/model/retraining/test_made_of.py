"""Of which files a model was made: it is judged by none of them, whoever wrote the list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from depicts_model.errors import ArtefactError
from depicts_model.linker.link import shipped
from depicts_model.linker.retraining.lessons import Lesson
from depicts_model.linker.retraining.made_of import TRAINING, MadeOf
from depicts_model.types import Qid

CAT = (frozenset({Qid("Q146")}),)


def lesson(file: str, sha1: str = "", code: int | None = None) -> Lesson:
    return Lesson(file, CAT, file, "test", sha1, hash=code)


def written(folder: Path, **arrays: Any) -> MadeOf | None:
    np.savez(folder / TRAINING, **arrays)
    return MadeOf.read(folder)


def test_files_near_duplicates_and_other_names_of_them_are_known(tmp_path: Path) -> None:
    made = MadeOf.of([lesson("a", "1" * 40, 0b1111), lesson("b"), lesson("c", "3" * 40)])
    (tmp_path / TRAINING).write_bytes(made.to_bytes())
    found = MadeOf.read(tmp_path)
    asked = [
        lesson("renamed", "1" * 40),
        lesson("b", "2" * 40),
        lesson("smaller", "4" * 40, 0b0111),
        lesson("other", "5" * 40, 2**64 - 1),
        lesson("never", "6" * 40),
    ]
    assert found is not None and found.has(asked).tolist() == [True, True, True, False, False]


def test_the_list_of_fit_is_read_too(tmp_path: Path) -> None:
    """Its test photos made nothing."""
    found = written(
        tmp_path,
        files=np.array(["a.jpg", "b.jpg", "c.jpg"]),
        roles=np.array([0, 1, 0], np.uint8),
        role_names=np.array(["train", "test"]),
        hashes=np.array([0, 2**63, 2**32 - 1], np.uint64),
    )
    asked = [lesson("a.jpg"), lesson("b.jpg"), lesson("M7", "7" * 40, 2**32 - 1), lesson("M8")]
    assert found is not None and found.has(asked).tolist() == [True, False, True, False]


def test_the_shipped_model_is_never_judged_by_its_own_photos() -> None:
    with np.load(shipped() / TRAINING) as arrays:
        roles = arrays["role_names"][arrays["roles"]]
        taught, tested = (arrays["files"][roles == role][:20] for role in ("train", "test"))
    found = MadeOf.read(shipped())
    assert found is not None and len(found.hashes) == len(found.marks) > 1_000
    assert found.has([lesson(str(name)) for name in taught]).all()
    assert not found.has([lesson(str(name)) for name in tested]).any()


def test_a_model_that_says_nothing_of_it_is_judged_by_all(tmp_path: Path) -> None:
    assert MadeOf.read(tmp_path) is None


@pytest.mark.parametrize(
    "arrays",
    [{"files": np.zeros(2)}, {"hashes": np.zeros(2, np.uint64)}, {"files": np.array(["a.jpg"])}],
)
def test_a_list_of_another_kind_is_named(tmp_path: Path, arrays: dict[str, Any]) -> None:
    with pytest.raises(ArtefactError, match=r"training\.npz: not a list of files"):
        written(tmp_path, **arrays)
