"""What a run found, as numbers that add up and as lines for a person; pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from depicts_model.types import (
    Failed,
    FileRef,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Suggested,
)

LISTED: Final = "listed"
DONE: Final = "already done"
YOUNG: Final = "skipped:too-young"
"""No outcome: a later run looks at them."""
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]*(?=: )")


def kind(outcome: Outcome) -> tuple[str, str]:
    """An outcome's kind and reason, as they are counted; the reason may be empty."""
    match outcome:
        case Suggested():
            return "suggested", ""
        case NothingToSuggest(reason):
            return "nothing", reason.value
        case Skipped(reason):
            return "skipped", reason.value
        case Failed(error):
            code = _CODE.match(error)
            return "failed", code[0] if code else "image"


class Tally:
    """Counts of a run: listed = suggested + nothing + skipped + failed + already done."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Count a file with its outcome."""
        self._counts[LISTED] += 1
        self._counts[":".join(filter(None, kind(outcome)))] += 1

    def add_counted(self, counts: Mapping[str, int]) -> None:
        """Count what another tally counted."""
        self._counts.update(counts)

    def add_gone(self, files: int) -> None:
        """Count rows of the log that name no file any more: there is nothing to store for them."""
        for _ in range(files):
            self.add(Skipped(SkipReason.DELETED))

    def add_done(self, files: int) -> None:
        """Count files that an earlier run has dealt with."""
        self._counts[LISTED] += files
        self._counts[DONE] += files

    def add_young(self, files: int) -> None:
        """Count files whose time has not come: nothing is stored of them."""
        self._counts[LISTED] += files
        self._counts[YOUNG] += files

    @property
    def listed(self) -> int:
        """Files listed so far."""
        return self._counts[LISTED]

    @property
    def suggested(self) -> int:
        """Files with suggestions so far."""
        return self._counts["suggested"]

    def counts(self) -> dict[str, int]:
        """The counts by ``kind`` or ``kind:reason``; kinds that did not occur are left out."""
        return {name: count for name, count in sorted(self._counts.items()) if count}

    def line(self) -> str:
        """One line: ``12 listed = 3 suggested + 9 skipped (8 has-depicts, 1 artwork) + …``."""
        parts = [_part(name, dict(self._reasons(name))) for name in self._kinds()]
        return f"{self.listed} listed = {' + '.join(parts) or '0'}"

    def _kinds(self) -> Iterable[str]:
        names = ("suggested", "nothing", "skipped", "failed", DONE)
        return [name for name in names if dict(self._reasons(name))]

    def _reasons(self, name: str) -> Iterable[tuple[str, int]]:
        for key, count in self.counts().items():
            first, _, reason = key.partition(":")
            if first == name:
                yield reason, count


def _part(name: str, reasons: dict[str, int]) -> str:
    shown = ", ".join(f"{count} {reason}" for reason, count in reasons.items() if reason)
    return f"{sum(reasons.values())} {name}" + (f" ({shown})" if shown else "")


def decision_line(file: FileRef, outcome: Outcome) -> str:
    """A decision in one line, tab-separated: M-id, SHA-1, title, kind, and what or why."""
    return "\t".join((file.mid, file.sha1, file.title, kind(outcome)[0], _detail(outcome)))


def _detail(outcome: Outcome) -> str:
    if isinstance(outcome, Suggested):
        return " ".join(f"{s.qid}={s.confidence:.3f}" for s in outcome.suggestions)
    if isinstance(outcome, Failed):
        return " ".join(outcome.error.split())
    return outcome.reason.value
