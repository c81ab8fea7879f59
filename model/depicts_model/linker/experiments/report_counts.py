"""How many photos systems learnt from, counted anew from what their run left in its cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments.data import Data
from depicts_model.linker.experiments.report_about import Key
from depicts_model.linker.experiments.results import Run
from depicts_model.linker.experiments.settings import SETTINGS
from depicts_model.linker.experiments.work import Vectors


@dataclass(frozen=True, slots=True)
class _Seen:
    """Towers that were asked before: their vectors lie in the cache, and they look at nothing."""

    name: str
    joined: bool = True  # so that no projection is fitted only to count photos
    minilm: bool = False

    def images(self, images: Sequence[Image.Image]) -> Vectors:
        """Nothing is asked of them."""
        raise ArtefactError(f"{len(images)} images of {self.name} are gone from the cache")

    def texts(self, texts: Sequence[str]) -> Vectors:
        """Nothing is asked of them."""
        raise ArtefactError(f"{len(texts)} words of {self.name} are gone from the cache")


def training_photos(folder: Path, cache: Path, towers: str, runs: Sequence[Run]) -> dict[Key, int]:
    """Photos to learn from in each setting and seed of ``runs``, which have run on ``cache``.

    ``towers``: name of the encoder. Raises ArtefactError where the cache is another's.
    """
    data = Data.read(folder, cache, _Seen(towers))
    keys = {(run.setting, run.seed) for run in runs}
    return {
        (setting, seed): len(data.work(setting, seed).train)
        for setting in SETTINGS
        for name, seed in sorted(keys)
        if name == setting
    }
