"""What the scenarios on the real MediaWiki showed, all in all: ``bench/gadget.json``.

The tests fill a ledger, kept in ``var/`` when they end, one for each process that ran some;
``python -m tests.browser.ledger`` makes the file of them all, or fails where less was shown than
is promised. Whoever runs the tests for it removes the folder before.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.test_gadget_units import GADGET, modules

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "var" / "gadget-scenarios"
BENCH = ROOT / "bench" / "gadget.json"
LEAST = 40
"""So many scenarios are promised."""
WITHIN_MS = 300
"""So long after the service's answer the chips are there at the latest."""
SCENARIOS = ("test_gadget", "test_languages")
"""How modules begin whose tests on the wiki are scenarios: others try the wiki itself."""
LOOKED_AT = ("axe", "statements_ours", "statements_others")
"""Counts that say nothing where they are zero."""
CORE, MORE, BULK = (f"ext.gadget.suggest-depicts-{one}" for one in ("core", "more", "bulk"))
WAYS = {
    "press on a file's page": (CORE,),
    "save on a file's page": (CORE, MORE),
    "press on a category's page": (CORE, MORE, BULK),
}
"""What has been loaded after the press on the button, by what was done."""


@dataclass(slots=True)
class Ledger:
    """``scenarios``: name, seconds, outcome; ``counts``: what was looked at; times in ms."""

    scenarios: list[Json] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, when: str, seconds: float, outcome: str) -> None:
        """A test was set up, called or ended; skipped ones are none."""
        if when == "call" and outcome != "skipped":
            one = {"name": name.removeprefix("test_"), "seconds": round(seconds, 1)}
            self.scenarios.append({**one, "passed": outcome == "passed"})
        elif outcome == "failed":
            self.scenarios.append({"name": f"{name}: {when}", "passed": False})

    def write(self, folder: Path = KEPT) -> None:
        """Keep it, beside those of other workers of pytest-xdist."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = {"scenarios": self.scenarios, "counts": self.counts, "times": self.times}
        name = os.environ.get("PYTEST_XDIST_WORKER", "main")
        (folder / f"{name}.json").write_text(json.dumps(kept), encoding="utf-8")


def is_scenario(module: str, fixtures: Collection[str]) -> bool:
    """Whether a test of this module, by its full name, with these fixtures is one."""
    return "scene" in fixtures and module.rpartition(".")[2].startswith(SCENARIOS)


def read(folder: Path = KEPT) -> Ledger | None:
    """What all workers have kept; None where there is nothing."""
    found = [json.loads(one.read_text(encoding="utf-8")) for one in sorted(folder.glob("*.json"))]
    made = Ledger()
    for one in found:
        made.scenarios += one["scenarios"]
        made.counts.update(one["counts"])
        for name, values in one["times"].items():
            made.times.setdefault(name, []).extend(values)
    return made if found else None


LEDGER = Ledger()
"""That of this run of tests."""


def weights() -> Json:
    """Bytes as they lie on the wiki, by gadget: our code with its styles, and the texts apart."""
    return {
        name: {
            "code": _bytes(one, "src/"),
            "texts": _bytes(one, "i18n/"),
            "loaded": "with the page" if not one.get("hidden") else "after the press",
        }
        for name, one in modules().items()
    }


def _bytes(gadget: Json, start: str) -> int:
    names = [name for name in (*gadget["files"], *gadget["styles"]) if name.startswith(start)]
    return sum((GADGET / name).stat().st_size for name in names)


def weights_by_way() -> dict[str, int]:
    """Bytes of our code with its styles that were loaded, by what was done."""
    code = {name: one["code"] for name, one in weights().items()}
    return {way: sum(code[name] for name in names) for way, names in WAYS.items()}


def report(kept: Ledger) -> Json:
    """The content of the file."""
    # what fails before or after a scenario is none of its own, and has no time
    done = [one for one in kept.scenarios if "seconds" in one]
    return {
        "scenarios": [{"name": one["name"], "seconds": one["seconds"]} for one in done],
        "count": len(done),
        "seconds": round(sum(one["seconds"] for one in done), 1),
        "failed": [one["name"] for one in kept.scenarios if not one["passed"]],
        "checked": dict(kept.counts),
        "press_to_chips_over_service_ms": {
            name: _spread(values) for name, values in kept.times.items()
        },
        "bytes": weights(),
        "bytes_by_way": weights_by_way(),
    }


def _spread(values: list[float]) -> Json:
    ordered = sorted(values)
    return {
        "median": round(statistics.median(ordered), 1),
        "worst": round(ordered[-1], 1),
        "presses": len(ordered),
    }


def faults(told: Json) -> list[str]:
    """Why the gadget does not show what it must; none where it does."""
    found = [f"{name} failed" for name in told["failed"]]
    if told["count"] < LEAST:
        found.append(f"{told['count']} scenarios, {LEAST} are promised")
    found += [f"no {name} looked at" for name in LOOKED_AT if not told["checked"].get(name)]
    times = told["press_to_chips_over_service_ms"]
    return [*found, *_slow(times)] if times else [*found, "no press was timed"]


def _slow(times: Json) -> Iterator[str]:
    for name, spread in times.items():
        if spread["median"] > WITHIN_MS:
            yield f"{name}: {spread['median']} ms over the service, {WITHIN_MS} at most"


def main(folder: Path = KEPT, bench: Path = BENCH) -> int:
    """Write the file; 1, and nothing is written, where what is promised was not shown."""
    kept = read(folder)
    if not kept:
        # said before by pytest: no Chromium, or no MediaWiki
        print("gadget: NO SCENARIO HAS RUN, bench/gadget.json stays as it is", file=sys.stderr)
        return 0
    told = report(kept)
    if found := faults(told):
        print(*(f"gadget: {fault}" for fault in found), sep="\n", file=sys.stderr)
        return 1
    bench.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(f"gadget: {told['count']} scenarios on a real MediaWiki, in bench/gadget.json")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
