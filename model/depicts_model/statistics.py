"""What people said of suggestions, in numbers: values, and their form in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Self

from depicts_model.types import Qid

BINS: Final = 10
"""Bins of confidence, each a tenth wide; 1.0 is in the last."""
MOST_ITEMS: Final = 50


@dataclass(frozen=True, slots=True)
class Tally:
    """How many verdicts of each kind; ``shown`` counts every one but "not shown"."""

    shown: int = 0
    accepted: int = 0
    rejected: int = 0
    too_general: int = 0
    too_specific: int = 0
    skipped: int = 0
    confirmed: int = 0
    """Those accepted whose claim was found in the file's history."""
    refuted: int = 0
    """Those rejected, too general or too specific with an edit that was found there."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that is shown in public; computed by a job, kept as the note ``statistics``."""

    at: datetime
    totals: Mapping[str, int]
    """``files``, ``suggested``, ``nothing``, ``skipped``, ``failed`` (files by what is told of
    them), ``suggestions``, ``decisions``, ``claims``, ``shared`` and ``waiting`` (refusals),
    ``requests``, ``runs``."""
    verdicts: Mapping[str, int]
    """By verdict; all six are there."""
    bins: tuple[Tally, ...]
    """By confidence as offered: the bin ``n`` is from n/10 to below (n+1)/10."""
    unknown: Tally
    """Verdicts on items that were offered without a confidence (refined ones)."""
    items: tuple[tuple[Qid, Tally], ...]
    """The items with most verdicts, most first; at the most ``MOST_ITEMS``."""

    def to_json(self) -> dict[str, Any]:
        """Fit for JSON."""
        return {
            "at": self.at.isoformat(),
            "totals": dict(self.totals),
            "verdicts": dict(self.verdicts),
            "bins": [asdict(one) for one in self.bins],
            "unknown": asdict(self.unknown),
            "items": [{"item": qid, **asdict(tally)} for qid, tally in self.items],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The value that ``to_json`` made this of."""
        items = ({**one} for one in value["items"])
        return cls(
            at=datetime.fromisoformat(value["at"]),
            totals=value["totals"],
            verdicts=value["verdicts"],
            bins=tuple(Tally(**one) for one in value["bins"]),
            unknown=Tally(**value["unknown"]),
            items=tuple((Qid(one.pop("item")), Tally(**one)) for one in items),
        )
