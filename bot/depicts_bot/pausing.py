"""A class whose saved claims are reverted too often pauses itself (promise 8). Pure but for reads.

A class is an item with all below it. It is the lowest one that is at fault: what lies below a
paused class no longer counts for those above it, so that bad wrens pause wrens, and birds only
where other birds are bad too. What is too general to be suggested is no class.

Whoever resumes a class has looked at it: what was saved before counts no more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from depicts_model.statistics import FEWEST, ONE_IN_TEN, Tally, together
from depicts_model.types import Pause, Qid

RESUMED: Final = "resumed"
"""Name of the note that tells when each class was resumed, in ISO 8601."""

Above = Callable[[Qid], Collection[Qid]]


def at_fault(
    tallies: Mapping[Qid, Tally], above: Above, never: Collection[Qid], paused: Collection[Qid]
) -> Iterator[tuple[Qid, Tally]]:
    """Classes that are to be paused, each with what became of its claims.

    ``above``: every item above one. ``never``: what is no class. ``paused``: what is already.
    """
    covered = set(paused)
    joined = _joined(tallies, above, never)
    # what lies below another joins fewer items, or the same ones and has more above it
    for one in sorted(joined, key=lambda q: (len(joined[q]), -len(above(q)), q)):
        left = [qid for qid in joined[one] if covered.isdisjoint({qid, *above(qid)})]
        found = together(tallies[qid] for qid in left)
        if found.judged >= FEWEST and found.reverted > ONE_IN_TEN * found.judged:
            covered.add(one)
            yield one, found


def _joined(
    tallies: Mapping[Qid, Tally], above: Above, never: Collection[Qid]
) -> Mapping[Qid, list[Qid]]:
    """The items with claims that were looked at again, by class."""
    joined: defaultdict[Qid, list[Qid]] = defaultdict(list)
    for qid in sorted(qid for qid, tally in tallies.items() if tally.judged):
        for one in {qid, *above(qid)}.difference(never):
            joined[one].append(qid)
    return joined


def since_resumed(
    tallies: Callable[[datetime | None], Mapping[Qid, Tally]],
    above: Above,
    resumed: Mapping[Qid, datetime],
) -> dict[Qid, Tally]:
    """What became of each item's claims since it, or a class above it, was last resumed.

    ``tallies``: what became of all that was saved since a time; None: ever.
    """
    times: set[datetime | None] = {None, *resumed.values()}
    at = {time: tallies(time) for time in times}
    found = {}
    for qid in at[None]:
        its = [resumed[one] for one in {qid, *above(qid)} if one in resumed]
        found[qid] = at[max(its, default=None)].get(qid, Tally())
    return found


def pause_of(qid: Qid, tally: Tally, at: datetime) -> Pause:
    """The pause of a class that is at fault."""
    reason = f"{tally.reverted} of {tally.judged} saved statements were reverted"
    return Pause(qid, reason, tally.judged, tally.reverted, at)
