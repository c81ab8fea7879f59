"""What the scenarios on the real MediaWiki showed, all in all: ``bench/gadget.json``.

The tests fill a ledger, kept in ``var/`` when they end; ``python -m tests.browser.ledger`` makes
the file of it, and fails where scenarios are missing or one of them failed.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.test_gadget_units import GADGET, modules

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "var" / "gadget-scenarios.json"
BENCH = ROOT / "bench" / "gadget.json"
LEAST = 40
"""So many scenarios are promised."""
WITHIN_MS = 300
"""So long after the service's answer the chips are there at the latest."""


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

    def write(self, path: Path = KEPT) -> None:
        path.parent.mkdir(exist_ok=True)
        kept = {"scenarios": self.scenarios, "counts": self.counts, "times": self.times}
        path.write_text(json.dumps(kept), encoding="utf-8")


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


def report(kept: Json) -> Json:
    """The content of the file."""
    # what fails before or after a scenario is none of its own, and has no time
    done = [one for one in kept["scenarios"] if "seconds" in one]
    return {
        "scenarios": [{"name": one["name"], "seconds": one["seconds"]} for one in done],
        "count": len(done),
        "failed": [one["name"] for one in kept["scenarios"] if not one["passed"]],
        "checked": kept["counts"],
        "press_to_chips_over_service_ms": {
            name: _spread(values) for name, values in kept["times"].items()
        },
        "bytes": weights(),
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
    for name, spread in told["press_to_chips_over_service_ms"].items():
        if spread["median"] > WITHIN_MS:
            found.append(f"{name}: {spread['median']} ms over the service, {WITHIN_MS} at most")
    return found


def main() -> int:
    """Write the file; 1 where something that is promised was not shown."""
    if not KEPT.is_file():
        # said before by pytest: no Chromium, or no MediaWiki
        print("gadget: NO SCENARIO HAS RUN, bench/gadget.json stays as it is", file=sys.stderr)
        return 0
    told = report(json.loads(KEPT.read_text(encoding="utf-8")))
    BENCH.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    for fault in faults(told):
        print(f"gadget: {fault}", file=sys.stderr)
    print(f"gadget: {told['count']} scenarios on a real MediaWiki, in bench/gadget.json")
    return 1 if faults(told) else 0


if __name__ == "__main__":
    raise SystemExit(main())
