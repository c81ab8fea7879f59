"""The worker takes up a model that was promoted, and votes that were made, while it runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from depicts_bot import server
from depicts_bot.lists import Lists
from depicts_bot.opting_out import NOBODY
from depicts_bot.server import Loaded
from depicts_model.linker.registry import Registry
from depicts_model.settings import Settings
from tests.model.linker.conftest import save, table


@pytest.fixture(autouse=True)
def at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LOOK", 0.0)
    monkeypatch.setattr(server, "read_lists", lambda *_: Lists(""))
    monkeypatch.setattr(server, "read_opt_outs", lambda *_: NOBODY)


@pytest.fixture
def models(tmp_path: Path) -> Registry:
    """Two models that were promoted, one after the other."""
    registry = Registry(tmp_path / "models")
    for version, counts in (("one", 1), ("two", 2)):
        items = table()
        save(tmp_path / version, replace(items, n_train=items.n_train * counts))
        text = (tmp_path / version / "manifest.json").read_text()
        (tmp_path / version / "manifest.json").write_text(text.replace("tiny-test", version))
        registry.promote(tmp_path / version)
    return registry


def test_a_promotion_and_a_rollback_are_noticed(models: Registry) -> None:
    nobody: Any = None
    settings = Settings(models=str(models.folder))
    loaded = Loaded(nobody, settings)
    assert not loaded.stale(nobody)
    models.rollback()
    assert loaded.stale(nobody)
    again = Loaded(nobody, settings)
    assert not again.stale(nobody)
    models.promote(models.path("two"))
    assert again.stale(nobody)


def test_a_new_file_of_approved_images_is_noticed(tmp_path: Path) -> None:
    nobody: Any = None
    votes = tmp_path / "approved.safetensors"
    votes.write_bytes(b"one")
    loaded = Loaded(nobody, Settings(approved=str(votes)))
    assert not loaded.stale(nobody)
    (tmp_path / "draft").write_bytes(b"two")
    (tmp_path / "draft").replace(votes)
    assert loaded.stale(nobody)
