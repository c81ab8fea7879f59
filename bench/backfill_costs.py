"""What a backfill of so many files takes, computed from the rates that bench-backfill measured.

``python -m bench.backfill_costs`` prints the tables; ``--write`` puts them into docs/backfill.md.
Nothing is measured here: machines are multiples of the core of the rates.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Json = dict[str, Any]
Figure = Callable[[int], float]
"""Of a number of files."""

MEASURED: Final = Path(__file__).with_name("backfill.json")
PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "backfill.md"
BEGIN: Final = "<!-- costs: made by bench.backfill_costs -->"
END: Final = "<!-- end of costs -->"
FILES: Final = (1_000_000, 10_000_000, 100_000_000)
CORES: Final = (1, 2, 16, 64)
REQUESTS: Final = (5, 10, 100)
"""Thumbnails a second; the first is what the command asks for."""
MODELS: Final = {"tiny": "the shipped model", "large": "a ViT-B/32"}
STEPS: Final = ("decode", "encode", "score", "store")
_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one model, on one core."""

    work: float
    """Seconds of the processor for a file that lies on a disk."""
    fetching: float
    """Seconds of the processor for a thumbnail."""
    turn: float
    """Seconds by the clock for which a file keeps its connection: Ray's task decodes it, too."""

    @classmethod
    def of(cls, rates: Json, model: str) -> Rates:
        """As bench/backfill.json has them."""
        work = sum(rates[model][step]["cpu_ms"] for step in STEPS)
        one = rates["download"]["one_connection"]
        turn = one["ms"] + rates[model]["decode"]["cpu_ms"]
        return cls(work / 1000, one["cpu_ms"] / 1000, turn / 1000)

    def on_disks(self, cores: int) -> Figure:
        """Seconds, where the pictures are there already."""
        return lambda files: files * self.work / cores

    def fetched(self, requests: float) -> Figure:
        """Seconds at so many requests a second, on as many cores as keep up with them."""
        return lambda files: files / requests

    def cores(self, requests: float) -> int:
        """So many keep up."""
        return math.ceil(requests * (self.work + self.fetching))

    def connections(self, requests: float) -> int:
        """Over which so many thumbnails come."""
        return math.ceil(requests * self.turn)


def text(report: Json) -> str:
    """All tables, as Markdown; KeyError where the rates were not measured."""
    rates, machine = report["rates"], report["machine"].partition(",")[0]
    about = f"**Measured** on one core of an {machine}, milliseconds of the processor for each file"
    size = f"thumbnails of {rates['photo_bytes'] / 1000:.0f} kB"
    wait = f"{rates['download']['one_connection']['ms']:.0f} ms to fetch one"
    parts = [f"{about}:", _rates(rates), f"**Computed** from that, {size}:", _work(report)]
    for model, name in MODELS.items():
        told = f"**Computed** from that, days with {name}; {wait}:"
        parts += [told, _days(Rates.of(rates, model))]
    return "\n\n".join([*parts, textwrap.fill(_engine(report), 100)])


def _rates(rates: Json) -> str:
    one = rates["download"]["one_connection"]["cpu_ms"]
    rows = [["download", *[_told(one)] * len(MODELS)]]
    rows += [[step, *(_told(rates[m][step]["cpu_ms"]) for m in MODELS)] for step in STEPS]
    whole = [Rates.of(rates, model) for model in MODELS]
    rows.append(["**together**", *(_told(1000 * (r.work + r.fetching)) for r in whole)])
    return _table(["step", *MODELS.values()], rows)


def _work(report: Json) -> str:
    rates = report["rates"]
    rows = [_row("TB of thumbnails", lambda n: n * rates["photo_bytes"] / 1e12)]
    for model, name in MODELS.items():
        rows.append(_row(f"CPU-hours, {name}", _hours(Rates.of(rates, model))))
        rows.append(_row(f"GB of shards, {name}", _shards(rates[model]["row_bytes"])))
    if "import" in report:
        pace = report["import"]["rows_a_second"]
        rows.append(_row("hours of import", lambda n: n / pace / _HOUR))
    return _table(["files", *map(_millions, FILES)], rows)


def _hours(rates: Rates) -> Figure:
    return lambda files: files * (rates.work + rates.fetching) / _HOUR


def _shards(row_bytes: int) -> Figure:
    return lambda files: files * row_bytes / 1e9


def _days(rates: Rates) -> str:
    rows = [
        _row(f"{_count(cores, 'core')}, pictures on disks", _in_days(rates.on_disks(cores)))
        for cores in CORES
    ]
    for requests in REQUESTS:
        needs = _count(rates.cores(requests), "core")
        over = _count(rates.connections(requests), "connection")
        told = f"{requests} thumbnails a second: {needs}, {over}"
        rows.append(_row(told, _in_days(rates.fetched(requests))))
    return _table(["files", *map(_millions, FILES)], rows)


def _in_days(seconds: Figure) -> Figure:
    return lambda files: seconds(files) / _DAY


def _engine(report: Json) -> str:
    return " ".join(
        [
            "What an engine takes for itself is not in these figures, nor is starting it.",
            *_measured_engine(report),
            "More cores than two are computed as if each did as much.",
        ]
    )


def _measured_engine(report: Json) -> Iterator[str]:
    if "tiny" in report:
        yield f"Ray took {report['tiny']['ratio']:.2f} times the plain loop's time with the"
        yield "shipped model on one core" + ("," if "large" in report else ".")
    if "large" in report:
        one, two = (report["large"][name]["ratio"] for name in ("one_worker", "two_workers"))
        begin = "and" if "tiny" in report else "Ray took"
        yield f"{begin} {one:.2f} times with a ViT-B/32; two workers on two cores did {two:.2f}"
        yield "times what one did."


def _row(name: str, figure: Figure) -> list[str]:
    return [name, *(_told(figure(files)) for files in FILES)]


def _told(value: float) -> str:
    """Two digits that count, or all before the point."""
    return f"{value:,.0f}" if value >= 10 else f"{float(f'{value:.2g}'):g}"


def _count(number: int, name: str) -> str:
    return f"{number} {name}" + ("" if number == 1 else "s")


def _millions(files: int) -> str:
    return f"{files // 1_000_000}M"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def put(page: str, tables: str) -> str:
    """The page with these tables between its markers; ValueError where it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print, or write; 2 where the rates were not measured."""
    parser = argparse.ArgumentParser(prog="bench.backfill_costs", description=__doc__)
    parser.add_argument("--write", action="store_true", help="into docs/backfill.md")
    told = parser.parse_args(arguments)
    report = json.loads(MEASURED.read_text(encoding="utf-8"))
    if "rates" not in report:
        fault = f"{MEASURED.name}: no rates: python -m bench.backfill --only rates"
        print(f"error: {fault}", file=sys.stderr)
        return 2
    if told.write:
        PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), text(report)), encoding="utf-8")
    else:
        print(text(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
