"""One small place for all tests of retraining, and registries to start from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from depicts_model.linker.retraining import measuring
from depicts_model.linker.retraining.keeping import LOCK

from . import places
from .places import Place


@dataclass(frozen=True)
class Desk:
    """A maintainer's: a registry and a work folder of their own, beside the common place."""

    place: Place
    folder: Path

    @property
    def models(self) -> Path:
        """The registry."""
        return self.folder / "models"

    @property
    def work(self) -> Path:
        """The work folder."""
        return self.folder / "work"

    def words(self, *more: object) -> list[str]:
        """The command's."""
        ours = ("--catalog", self.place.catalog, "--models", self.models, "--work", self.work)
        data = () if "--dataset" in more else ("--dataset", self.place.data)
        images = () if "--images" in more else ("--images", self.place.images)
        return [str(word) for word in ("retrain", *ours, *data, *images, *more)]

    def retrain(self, *more: object) -> Result:
        """Carried out."""
        return CliRunner().invoke(main, self.words(*more))

    def left(self) -> list[str]:
        """What lies in the work folder, without its lock."""
        return sorted(path.name for path in self.work.iterdir() if path.name != LOCK)

    def served(self) -> str:
        """The version that serves."""
        return (self.models / "current").readlink().name


@pytest.fixture(scope="session", autouse=True)
def hurried() -> Iterator[None]:
    """Times are taken of fewer images: what is slower here is much slower."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "TIMED", 8)
        patch.setattr(measuring, "ROUNDS", 6)
        yield


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Read only."""
    return places.made(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="session")
def first(place: Place, tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Result]:
    """A desk whose registry holds its first model, and what was said; read only."""
    desk = Desk(place, tmp_path_factory.mktemp("first"))
    done = desk.retrain("--model", place.base())
    assert done.exit_code == 0, done.output
    return desk, done


@pytest.fixture
def desk(place: Place, tmp_path: Path) -> Desk:
    """With an empty registry."""
    return Desk(place, tmp_path)


@pytest.fixture
def busy(desk: Desk, first: tuple[Desk, Result]) -> Desk:
    """With a model that serves."""
    shutil.copytree(first[0].models, desk.models, symlinks=True)
    return desk
