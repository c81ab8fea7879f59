"""What became of suggestions, in numbers: values, and their form in JSON."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final, Self

from depicts_model.types import Qid

BINS: Final = 10
"""Bins of confidence, each a tenth wide; 1.0 is in the last."""
MOST_ITEMS: Final = 50
MOST_CLASSES: Final = 50
ONE_IN_TEN: Final = 0.1
"""Share of reverted claims above which a class pauses itself (promise 8)."""
FEWEST: Final = 20
"""Claims of a class that were looked at again, below which it does not."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many verdicts of each kind, and what became of what was saved.

    ``shown`` counts every verdict but "not shown".
    """

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
    saved: int = 0
    """Claims of ours, in whatever dialog."""
    judged: int = 0
    """Those that were looked at again while their file was there."""
    reverted: int = 0
    """Those that were gone or reverted at one of the ages, 7 and 30 days."""
    standing_7: int = 0
    changed_7: int = 0
    reverted_7: int = 0
    standing_30: int = 0
    changed_30: int = 0
    reverted_30: int = 0


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
    classes: tuple[tuple[Qid, Tally], ...] = ()
    """The same of items and all below them together, as ``by_class`` chooses them."""

    def to_json(self) -> dict[str, Any]:
        """Fit for JSON."""
        return {
            "at": self.at.isoformat(),
            "totals": dict(self.totals),
            "verdicts": dict(self.verdicts),
            "bins": [asdict(one) for one in self.bins],
            "unknown": asdict(self.unknown),
            "items": _listed(self.items),
            "classes": _listed(self.classes),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The value that ``to_json`` made this of."""
        return cls(
            at=datetime.fromisoformat(value["at"]),
            totals=value["totals"],
            verdicts=value["verdicts"],
            bins=tuple(Tally(**one) for one in value["bins"]),
            unknown=Tally(**value["unknown"]),
            items=_read(value["items"]),
            classes=_read(value.get("classes", ())),
        )


def _listed(tallies: Iterable[tuple[Qid, Tally]]) -> list[dict[str, Any]]:
    return [{"item": qid, **asdict(tally)} for qid, tally in tallies]


def _read(listed: Iterable[Mapping[str, Any]]) -> tuple[tuple[Qid, Tally], ...]:
    copies = ({**one} for one in listed)
    return tuple((Qid(one.pop("item")), Tally(**one)) for one in copies)


def together(tallies: Iterable[Tally]) -> Tally:
    """The sum of these."""
    found = list(tallies)
    return Tally(**{one.name: sum(getattr(t, one.name) for t in found) for one in fields(Tally)})


def by_class(
    tallies: Mapping[Qid, Tally],
    above: Callable[[Qid], Collection[Qid]],
    never: Collection[Qid],
) -> tuple[tuple[Qid, Tally], ...]:
    """What became of classes: of an item and of all below it, the most verdicts first.

    ``above``: every item above one; ``never``: items that nobody is shown. Only classes that
    join at least two such items: what is said of one item is told of that item. Of
    classes that join the same items the lowest; at the most ``MOST_CLASSES``.
    """
    joined: defaultdict[Qid, set[Qid]] = defaultdict(set)
    for qid, tally in tallies.items():
        if tally.shown or tally.saved:
            for one in {qid, *above(qid)}.difference(never):
                joined[one].add(qid)
    lowest: dict[frozenset[Qid], Qid] = {}
    for one in sorted(qid for qid, items in joined.items() if len(items) > 1):
        items = frozenset(joined[one])
        if items not in lowest or lowest[items] in above(one):
            lowest[items] = one
    made = [(one, together(tallies[qid] for qid in items)) for items, one in lowest.items()]
    made.sort(key=lambda pair: (-pair[1].shown, pair[0]))
    return tuple(made[:MOST_CLASSES])
