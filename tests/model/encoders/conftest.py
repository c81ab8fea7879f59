"""A cache of small random checkpoints, as the hub's own library would have left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from depicts_model.linker.artefact import quiet

from . import snapshots

KINDS = {"clip": snapshots.clip, "siglip": snapshots.siglip, "siglip2": snapshots.siglip2}


@pytest.fixture(autouse=True)
def no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a hub off this machine; who tests the asking does so in another process."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints toy/clip, toy/siglip and toy/siglip2, at snapshots.REVISION; read only."""
    folder = tmp_path_factory.mktemp("hub")
    with quiet():
        for name, build in KINDS.items():
            snapshots.in_cache(folder, f"toy/{name}", build)
    return folder


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of checkpoint in turn."""
    return str(request.param)


@pytest.fixture
def checkpoint_dir(cache: Path, kind: str) -> Path:
    """The snapshot of that kind."""
    return cache / f"models--toy--{kind}" / "snapshots" / snapshots.REVISION
