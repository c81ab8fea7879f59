"""``make bench-bot``: what the bot asks of a wiki, how it grows, how well it keeps its processor.

Three measures, each of the real ``runner.run_bot`` in a fresh process: pywikibot logs in to the
embedded wiki over HTTP, outcomes go to SQLite. The bot has one core, the wiki another. Writes
bench/bot.json; `CONDITIONS` is written there too.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from bench.bot_figures import CALM
from bench.bot_measures import (
    FILES,
    HIGH,
    LAPS,
    LATENCY,
    LOW,
    PHOTOS,
    TRIES,
    Cores,
    few_requests,
    growing,
    keeping_pace,
)
from bench.bot_world import CATEGORIES
from depicts_bot.portions import IMAGES

Json = dict[str, Any]
Measure = Callable[[Path, Cores], Json]

WRITTEN: Final = Path(__file__).with_name("bot.json")
_NULL: Final = "a null linker, whose answer follows from the thumbnail's bytes"
CONDITIONS: Final = {
    "all": (
        "each run a fresh process of runner.run_bot on one core: log-in by pywikibot over HTTP,"
        " lists and switch read, SQLite on disk; the embedded wiki in a process of its own on"
        f" another core, files with {CATEGORIES} categories each; seconds and peak_mb count from"
        " behind start-up (log-in, lists, model) to the end of the last store; peak_mb is VmHWM,"
        " begun anew there; peak_process_mb is ru_maxrss of the whole life"
    ),
    "requests": (
        f"{FILES:,} new uploads, an account without bot rights ({LOW} files a request, 500"
        f" categories an answer), thumbnails over HTTP; {_NULL}; all requests of the process to"
        " the API count, start-up too; held: at most the goal, no request about one file alone,"
        " none of an unknown kind"
    ),
    "growth": (
        f"an account with bot rights ({HIGH} files a request, 5,000 categories an answer), no"
        f" thumbnails, {_NULL}; time_ratio: seconds of a further file from the middle size to the"
        " largest, by those from the smallest to the middle one, so that what a run of any size"
        " takes falls out; processor_ratio: the same of the processor's seconds, which others on"
        " the machine disturb less; memory_ratio: peak_mb of the largest by that of the smallest"
    ),
    "pace": (
        f"random ViT-B/32 in single floats, one thread of torch; {PHOTOS} generated JPEGs of 500 ×"
        f" 375; {LATENCY * 1000:g} ms before each answer, thumbnails included; {LOW} files a"
        " request; encode: Encoder.encode of the same JPEGs, in calls of as many as the run's"
        f" ({IMAGES}), in a fresh process on the bot's core; encode_at_once: the same in one call,"
        " in batches of the encoder's own default; others_s: seconds that anybody else took of that"
        f" core; a lap is calm where that is at most {CALM:.0%} of each; ratio (to encode) and"
        f" ratio_at_once: the median of {LAPS} calm laps, of as many as {TRIES} tries gave, or of"
        " all where none was; held is told of ratio: what is killed may repeat eight thumbnails at"
        " the most, four in hand and four ahead, and no more are encoded at once"
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; 0 where every goal is held, 1 where one is not, 2 where a core is missing."""
    parser = argparse.ArgumentParser(prog="bench.bot", description=__doc__)
    parser.add_argument("--only", choices=MEASURES, help="this one alone; nothing is written")
    parser.add_argument("--out", type=Path, default=WRITTEN)
    told = parser.parse_args(arguments)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("error: needs two processors, one for the bot and one for the wiki", file=sys.stderr)
        return 2
    # what was begun is ended, however this one ends
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    before, begun = os.getloadavg()[0], time.monotonic()
    measures = {k: v for k, v in MEASURES.items() if told.only in (None, k)}
    rows = {name: _shown(name, measure, (cores[0], cores[1])) for name, measure in measures.items()}
    if told.only is None:
        facts = {"load_average_before": round(before, 2), "took_s": _since(begun)}
        report = {**_facts(), **facts, "held": all(row["held"] for row in rows.values()), **rows}
        told.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return int(not all(row["held"] for row in rows.values()))


def _facts() -> Json:
    from bench.measure import machine  # torch: a large process would be forked, and counted

    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {"at": at, "machine": machine(), "conditions": CONDITIONS}


def _since(begun: float) -> float:
    return round(time.monotonic() - begun, 1)


def _shown(name: str, measure: Measure, cores: Cores) -> Json:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-bot-") as folder:
        row = measure(Path(folder), cores)
    print(f"{'held    ' if row['held'] else 'NOT HELD'} {_since(begun):6.1f} s  {name}")
    print("\n".join(f"    {line}" for line in LINES[name](row)), flush=True)
    return row


def _lines_of_requests(row: Json) -> list[str]:
    kinds = [f"{count:6} {kind}" for kind, count in row["kinds"].items()]
    total = (
        f"{row['api_requests_per_1000_files']:g} API requests a 1,000 files, {row['goal']} at most"
    )
    return [*kinds, total]


def _lines_of_growth(row: Json) -> list[str]:
    sizes = [
        f"{one['files']:7,} files {one['seconds']:7.1f} s {one['ms_a_file']:6.2f} ms a file"
        f" {one['peak_mb']:6.1f} MB"
        for one in row["rows"]
    ]
    ratios = f"a further file {row['time_ratio']:g} times, memory {row['memory_ratio']:g} times"
    return [*sizes, f"{ratios}; {row['time_goal']:g} and {row['memory_goal']:g} at most"]


def _lines_of_pace(row: Json) -> list[str]:
    laps = [
        f"{one['run']['seconds']:6.2f} s run {one['encode']['seconds']:6.2f} s encode"
        f" {one['ratio']:.3f} {one['encode_at_once']['seconds']:6.2f} s in one call"
        f" {one['ratio_at_once']:.3f}{'' if one['calm'] else ' (disturbed)'}"
        for one in row["laps"]
    ]
    times = f"{row['ratio']:g} times the encoder in the same calls, {row['goal']:g} at most"
    return [*laps, f"{times}; {row['ratio_at_once']:g} times in one call"]


MEASURES: Final[dict[str, Measure]] = {
    "requests": few_requests,
    "growth": growing,
    "pace": keeping_pace,
}
LINES: Final[dict[str, Callable[[Json], list[str]]]] = {
    "requests": _lines_of_requests,
    "growth": _lines_of_growth,
    "pace": _lines_of_pace,
}


if __name__ == "__main__":
    sys.exit(main())
