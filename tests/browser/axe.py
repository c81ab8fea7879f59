"""axe-core, asked about the page as it is shown now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "gadget-js" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = ("serious", "critical")
# what animates is half transparent meanwhile, and would be judged so
_SETTLED = """() => Promise.all(document.getAnimations()
    .filter((one) => one.effect && one.effect.getComputedTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => null)))"""
_RUN = "(where) => axe.run(where || document, { resultTypes: ['violations'] })"


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that the page breaks, and where; ``target`` is a CSS selector."""

    rule: str
    impact: str
    target: str
    help: str


def axe_findings(page: Page, where: str = "") -> list[Finding]:
    """The serious and critical findings; an empty list is what a test wants.

    ``where``: a CSS selector; the whole page where it is empty.

    The script comes in through the debugger, so the page's own content security policy stands.

    Raises:
        FileNotFoundError: axe-core is not installed; ``make setup`` does it.
    """
    page.evaluate(_source())
    page.evaluate(_SETTLED)
    answer = page.evaluate(_RUN, where)
    return [
        Finding(broken["id"], broken["impact"], " ".join(map(str, node["target"])), broken["help"])
        for broken in answer["violations"]
        if broken["impact"] in GRAVE
        for node in broken["nodes"]
    ]


@cache
def _source() -> str:
    return AXE.read_text(encoding="utf-8")
