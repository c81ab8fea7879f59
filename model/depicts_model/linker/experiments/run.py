"""Runs systems on works, and keeps what they answered: what is there is not computed again."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments.data import Data, pasted
from depicts_model.linker.experiments.results import Results, Run, digest_of, key_of, load, save
from depicts_model.linker.experiments.settings import SETTINGS, Setting
from depicts_model.linker.experiments.system import Clock, System
from depicts_model.linker.experiments.systems import named
from depicts_model.linker.experiments.towers import MobileNetMiniLm
from depicts_model.linker.experiments.trials import CAP, chosen
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.metrics import top_of
from depicts_model.linker.training.photos import opened, read_photo

Say = Callable[[str], None]
ENCODER: Final = "encoders/mobilenet_v2_1.0_224_quant.tflite"
NEEDED: Final = ("photos.zip", "photos.csv", "items.csv", ENCODER)


def run_all(
    photos: Path,
    systems: Sequence[str],
    settings: Sequence[str],
    seeds: int,
    out: Path,
    say: Say,
) -> Results:
    """Every system on every setting; ``seeds``: of *vel-shaped*, the others have one.

    ``systems``: names, or ``all`` alone. Vectors and finished runs are kept under ``out``. Raises
    ArtefactError naming what is missing in the folder ``photos``, ConfigurationError for a name
    that there is not.
    """
    asked = named(",".join(systems))
    folder = folder_of(photos)
    data = Data.read(folder, out / "vectors", MobileNetMiniLm(folder / ENCODER))
    runs = [
        run
        for setting, seed in _works(settings, seeds)
        for run in runs_on(data.work(setting, seed), asked, out / "runs", say)
    ]
    return Results(runs)


def folder_of(photos: Path) -> Path:
    """The folder, if all that experiments need is in it; ArtefactError naming what is not."""
    for name in NEEDED:
        if not (photos / name).is_file():
            raise ArtefactError(f"{photos / name}: no such file; experiments need the photos")
    return photos


def runs_on(work: Work, systems: Sequence[System], kept: Path, say: Say) -> Iterator[Run]:
    """Every system on one work, from ``kept`` where it ran already."""
    digest = digest_of(work)
    for system in systems:
        knobs = chosen(system)
        key = key_of(digest, system, knobs, CAP)
        found = load(kept, key)
        if found is None:
            found = run_on(work, system, knobs, Clock(CAP))
            save(found, kept, key)
            how = f"fitted in {found.seconds:.0f} s{', capped' * found.capped}"
        else:
            how = "there already"
        say(f"{work.setting} {work.seed}: {system.name}: {how}")
        yield found


def run_on(work: Work, system: System, knobs: object, clock: Clock) -> Run:
    """Fit one system, without sight of the test part's truths, and let it rank."""
    blind, started = work.blind(), time.monotonic()
    fitted = system.fit(blind, knobs, clock)
    seconds = time.monotonic() - started
    return Run(
        setting=work.setting,
        seed=work.seed,
        system=system.name,
        family=system.family,
        top=top_of(fitted.scores(blind.test)),
        truths=work.test.truths,
        files=work.test.files,
        items=work.items,
        seconds=seconds,
        capped=clock.capped,
    )


def picture_of(archive: Path, file: str) -> bytes | None:
    """The image of a file's name, a mosaic too, as the systems saw it; None without one."""
    try:
        with opened(archive) as photos:
            parts = [(name, read_photo(photos, name)) for name in file.split("+")]
            image = pasted(parts)
    except ArtefactError:
        return None
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def _works(settings: Sequence[str], seeds: int) -> Iterator[tuple[Setting, int]]:
    for setting in SETTINGS:
        if setting in settings:
            yield from ((setting, seed) for seed in range(seeds if setting == SETTINGS[0] else 1))
