"""The three measures of ``bench-bot``: each begins its processes, and gives its row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench.bot_child import Order
from bench.bot_figures import Lap, Size, growth, pace, requests
from bench.bot_processes import child, prepare, wiki
from bench.bot_world import THUMBNAILS, Plan
from depicts_bot.portions import IMAGES

Json = dict[str, Any]
Cores = tuple[int, int]
"""The bot's, and the wiki's."""

LOW: Final = 50
"""Files a request without bot rights."""
HIGH: Final = 500
"""The same with them."""
FILES: Final = 1000
SIZES: Final = (1_000, 10_000, 100_000)
PHOTOS: Final = 400
LATENCY: Final = 0.05
LAPS: Final = 3
TRIES: Final = 4
"""Laps at the most, where others disturb."""


def few_requests(folder: Path, cores: Cores) -> Json:
    """Requests for FILES files, by kind."""
    plan = Plan(FILES, bot_rights=False, core=cores[1])
    with wiki(plan.dump()) as served:
        order = Order(str(folder), served.api, files=FILES, null_linker=True, core=cores[0])
        child("run", order)
        asked = served.asked()
    return requests(FILES, asked["kinds"], asked["fewest"])


def growing(folder: Path, cores: Cores) -> Json:
    """Runs over SIZES files."""
    return growth([_size(folder / str(files), files, cores) for files in SIZES])


def _size(folder: Path, files: int, cores: Cores) -> Size:
    folder.mkdir()
    with wiki(Plan(files, bot_rights=True, core=cores[1]).dump()) as served:
        order = Order(
            str(folder),
            served.api,
            files=files,
            batch=HIGH,
            null_linker=True,
            no_thumbnails=True,
            core=cores[0],
        )
        done = child("run", order)
        return Size(files, done, _api(served.asked()))


def _api(asked: Json) -> int:
    kinds: dict[str, int] = asked["kinds"]
    return sum(kinds.values()) - kinds.get(THUMBNAILS, 0)


def keeping_pace(folder: Path, cores: Cores) -> Json:
    """Runs with a model, and the encoder alone, in turn."""
    photos = folder / "photos"
    photos.mkdir()
    prepare("model", folder)
    prepare("photos", photos, str(PHOTOS))
    plan = Plan(PHOTOS, bot_rights=False, latency=LATENCY, photos=str(photos), core=cores[1])
    with wiki(plan.dump()) as served:
        laps: list[Lap] = []
        while sum(lap.calm for lap in laps) < LAPS and len(laps) < TRIES:
            laps.append(_lap(folder, served.api, photos, cores[0]))
        asked = _api(served.asked()) // len(laps)
    return pace(laps, PHOTOS, asked)


def _lap(folder: Path, api: str, photos: Path, core: int) -> Lap:
    order = Order(str(folder), api, str(photos), PHOTOS, LOW, core=core)
    with _fresh_store(folder):
        run = child("run", order)
    return Lap(run, child("encode", replace(order, at_once=IMAGES)), child("encode", order))


@contextmanager
def _fresh_store(folder: Path) -> Iterator[None]:
    """What is stored inside is thrown away."""
    try:
        yield
    finally:
        for path in folder.glob("store.sqlite*"):
            path.unlink()
