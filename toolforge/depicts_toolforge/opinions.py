"""What people decided about a file, in numbers. Pure: nothing here tells who.

Only what may be shown is named: the same gate as for suggestions.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from depicts_model.types import Claim, Decision, Qid, Verdict
from depicts_toolforge import wording
from depicts_toolforge.answers import chips
from depicts_toolforge.cards import Desk, Named
from depicts_toolforge.wikis import edit


@dataclass(frozen=True, slots=True)
class Opinion:
    """What became of one item of a file."""

    named: Named
    counts: tuple[tuple[str, int], ...]
    """Verdicts in words, and how many; those that nobody gave are left out."""
    edits: tuple[str, ...]
    """Addresses of the edits that saved it, as far as they were found."""


def opinions(
    decisions: Iterable[Decision], claims: Iterable[Claim], sha1: str, desk: Desk
) -> Mapping[Qid, Opinion]:
    """By item, in the order of their first verdicts; those on older contents are left out.

    ``sha1``: the content that is told of.
    """
    counts: defaultdict[Qid, Counter[Verdict]] = defaultdict(Counter)
    edits: defaultdict[Qid, list[str]] = defaultdict(list)
    for one in decisions:
        if one.sha1 == sha1:
            counts[one.qid][one.verdict] += 1
    for claim in claims:
        edits[claim.qid].append(edit(desk.wiki_api, claim.revision))
    made = {qid: _opinion(qid, counts[qid], edits[qid], desk) for qid in {**counts, **edits}}
    return {qid: opinion for qid, opinion in made.items() if opinion}


def _opinion(
    qid: Qid, counts: Mapping[Verdict, int], edits: Iterable[str], desk: Desk
) -> Opinion | None:
    named = shown(qid, desk)
    if named is None:
        return None
    told = tuple((wording.VERDICTS[one.value], counts[one]) for one in Verdict if counts[one])
    return Opinion(named, told, tuple(edits))


def shown(qid: Qid, desk: Desk) -> Named | None:
    """The item, if it may be shown and has a label."""
    if qid in desk.items.never_suggest:
        return None
    return next(map(desk.named, chips([qid], desk.language, desk.items)), None)
