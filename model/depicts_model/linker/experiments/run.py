"""Runs systems on works, and keeps what they answered: what is there is not computed again."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from depicts_model.catalog import Catalog
from depicts_model.catalog.starter import build_table
from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments import m3el, topics
from depicts_model.linker.experiments.data import ENCODER, Data, folder_of, pasted
from depicts_model.linker.experiments.display_run import broken_promises, displays, ratios_of_errors
from depicts_model.linker.experiments.extras import RAW, ablations, raw_view
from depicts_model.linker.experiments.results import (
    OURS,
    Results,
    Run,
    digest_of,
    key_of,
    load,
    save,
)
from depicts_model.linker.experiments.settings import SETTINGS, Setting
from depicts_model.linker.experiments.system import Clock, System
from depicts_model.linker.experiments.systems import by_name, named
from depicts_model.linker.experiments.towers import MobileNetMiniLm, Towers
from depicts_model.linker.experiments.trials import CAP, chosen, read
from depicts_model.linker.experiments.work import Work
from depicts_model.linker.metrics import top_of
from depicts_model.linker.training.photos import opened, read_photo

Say = Callable[[str], None]
Table = Callable[[Work, Clock], Sequence[Mapping[str, Any]]]
TABLES: Final = ("topics", "m3el, synthetic mentions")
"""Tasks with figures of their own."""
TUNED: Final = "te-256"


def run_all(
    photos: Path,
    systems: Sequence[str],
    settings: Sequence[str],
    seeds: int,
    out: Path,
    say: Say,
    towers: Towers | None = None,
) -> Results:
    """Every system on every setting; ``seeds``: of *vel-shaped*, the others have one.

    ``systems``: names, or ``all`` alone: then ours without each of its ingredients, the encoder's
    own feature, display mode and the tables of their own come too, all on *vel-shaped*.
    ``towers``: None for the encoder that lies beside the photos. Vectors and finished runs are kept
    under ``out``. Raises ArtefactError naming what is missing in the folder ``photos``,
    ConfigurationError for a name that there is not.
    """
    asked = named(",".join(systems))
    folder = folder_of(photos, towers is None)
    data = Data.read(folder, out / "vectors", towers or MobileNetMiniLm(folder / ENCODER))
    if not data.towers.minilm and any(system.name == TUNED for system in asked):
        say(f"{TUNED} is left out: it tunes MiniLM, and the words are another encoder's")
        asked = tuple(system for system in asked if system.name != TUNED)
    works = [data.work(setting, seed) for setting, seed in _works(settings, seeds)]
    kept = out / "runs"
    runs = [run for work in works for run in runs_on(work, asked, kept, say)]
    shaped = [work for work in works if work.setting == SETTINGS[0]]
    if not shaped or [*systems] != ["all"]:
        return Results(runs, trials=_trials(asked))
    for work in shaped:
        runs += runs_on(work, ablations(), kept, say)
        runs += runs_on(raw_view(work), [by_name(name) for name in RAW], kept, say)
    with catalog_of(folder / "items.csv", out) as catalog:
        displayed = displays(shaped, data.world, catalog, say)
        broken = broken_promises([one for one in displayed if one.system == OURS], catalog)
    return Results(
        runs,
        displayed,
        _tables(shaped[0], data.towers, say),
        _trials(asked),
        ratios_of_errors(displayed, shaped),
        broken,
    )


def catalog_of(items: Path, out: Path) -> Catalog:
    """The whole table of items as a catalog, made once under ``out``."""
    told = hashlib.sha256(items.read_bytes()).hexdigest()[:12]
    path = out / f"items-{told}.sqlite"
    if not path.exists():
        build_table(items, path)
    return Catalog.open(path)


def _tables(work: Work, towers: Towers, say: Say) -> dict[str, Sequence[Mapping[str, Any]]]:
    """The tasks that have tables of their own, on one work."""
    tables: tuple[Table, ...] = (topics.table, partial(m3el.table, embed=towers.texts))
    found: dict[str, Sequence[Mapping[str, Any]]] = {}
    for name, table in zip(TABLES, tables, strict=True):
        say(f"{work.setting} {work.seed}: {name}")
        found[name] = table(work, Clock(CAP))
    return found


def _trials(systems: Sequence[System]) -> list[dict[str, Any]]:
    """A row for each trial of these systems, as the file of trials holds them."""
    found = read()
    return [
        {
            "system": system.name,
            "trial": trial.number + 1,
            "R@1": trial.recall_1,
            "R@10": trial.recall_10,
            "seconds": trial.seconds,
            "capped": "yes" if trial.capped else "",
            "chosen": "yes" if trial == found[system.name].best() else "",
        }
        for system in systems
        if system.name in found
        for trial in found[system.name].trials
    ]


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
