"""Which work folder a run goes on in: only that of the very same files and aims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from depicts_model.errors import ArtefactError
from depicts_model.linker.display import Aim
from depicts_model.linker.retraining import card, run
from depicts_model.linker.retraining.lessons import Lesson, Lessons
from depicts_model.linker.retraining.made_of import MadeOf
from depicts_model.linker.retraining.order import Around, Order
from depicts_model.settings import Settings

from .test_enough import FACTS, LIMITS, lessons

KNOWN: Any = SimpleNamespace(representative=FACTS.representative, snapshot="2026")
Begun = Callable[..., tuple[Path, list[str]]]


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Begun:
    """Begins a run and stops it where it would look at images; its folder, and what it said."""
    manifest = SimpleNamespace(hashes={"items.npz": "1" * 64})
    base = SimpleNamespace(artefact=SimpleNamespace(manifest=manifest))
    monkeypatch.setattr(run, "loaded", lambda *_: base)
    monkeypatch.setattr(run, "seeing", lambda *_: None)

    def begin(told: list[Lesson], *held: Path) -> tuple[Path, list[str]]:
        folders, said = list[Path](), list[str]()

        def stopped(*given: Any) -> Any:
            folders.append(given[-1])
            raise ArtefactError("stopped")

        monkeypatch.setattr(run, "vectors_of", stopped)
        order = Order(tmp_path / "base", None, tmp_path / "work", "data", {}, held, LIMITS)
        images: Any = SimpleNamespace(where=lambda: "nowhere")
        with pytest.raises(ArtefactError, match="stopped"):
            run.retrain(order, lambda: told, Around(KNOWN, Settings(), images, said.append))
        return folders[0].parent, said

    return begin


def test_a_run_is_taken_up_by_the_same_files_in_the_same_order_alone(begun: Begun) -> None:
    """Vectors lie by position: those of other files would teach the wrong items."""
    told = list(lessons(200, 300, 100))
    folder, said = begun(told)
    (folder / "vectors").mkdir()
    again = [replace(one) for one in told]
    assert begun(again) == (folder, said) and (folder / "vectors").exists()
    fewer, warned = begun(told[1:])
    assert fewer != folder and not folder.exists(), "as another version may choose them"
    assert warned == ["warning: work that was begun with other data or options is given up"]
    assert begun(told[:1:-1] + told[1::-1])[0] not in (folder, fewer)


def test_a_run_is_not_taken_up_with_another_target(
    begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list(lessons(200, 300, 100))
    folder, _ = begun(told)
    monkeypatch.setattr(run, "Aim", partial(Aim, target_precision=Aim().target_precision / 2))
    assert begun(told)[0] != folder


def test_a_run_says_how_much_teaches_nothing(begun: Begun, tmp_path: Path) -> None:
    told = list(lessons(200, 300, 100))
    path = tmp_path / "held.npz"
    path.write_bytes(MadeOf.of([*told[:40], *told[-9:]]).to_bytes())
    assert [line for line in begun(told, path)[1] if line.startswith("held out: ")] == [
        "held out: 40 files of train or validation teach nothing: "
        "of their units something judged an earlier model, or looks like it"
    ]
    assert not any(line.startswith("held out") for line in begun(told)[1])


def test_the_card_says_how_much_teaches_nothing() -> None:
    taught = Lessons.of(lambda: lessons(200, 300, 100), KNOWN, LIMITS)
    told: Any = SimpleNamespace(taught=taught, origin={})
    assert "teach nothing" not in card._data(told)
    told.taught = replace(taught, taken=3, roles=np.copy(taught.roles))
    assert "\n\n3 files of train or validation teach nothing: " in card._data(told)
