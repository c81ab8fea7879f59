"""Rows from what people decided, of which only what was confirmed teaches anything (promise 5).

The store is not read here: its decisions arrive as values. An acceptance counts where its claim
was found in an edit of the dialog (``Decision.confirmed``); a "no" where two independent people
said it (a shared `Refusal`). Verdicts without an edit teach nothing, nor does "too general", nor
an item on which people disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from depicts_model.dataset.inputs import values_input
from depicts_model.dataset.rows import Row, Told
from depicts_model.types import Decision, FileRef, Qid, Refusal, RefusalState, Verdict

Key = tuple[str, str]
"""MediaInfo id and sha1: another version of a file shows other things."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Verdicts with the files that they are about, where those are known, and refusals."""

    decisions: Sequence[tuple[Decision, FileRef | None]]
    refusals: Sequence[Refusal] = ()
    name: str = "decisions"
    licence: str = "Decisions of people on depicts: facts, CC0; nothing tells who made them."
    lacks: str = "uploader (the store keeps none) and pictures: files are parted by their content"

    def inputs(self) -> list[dict[str, Any]]:
        """What was handed over, nothing of which tells who said it."""
        said = (_plain(decision, file) for decision, file in self.decisions)
        refused = ([one.sha1, one.qid, one.state.value] for one in self.refusals)
        return [values_input("decisions", said), values_input("refusals", refused)]

    def rows(self, told: Told, images: bool) -> Iterator[Row]:
        """A row for each file and version of which anything is accepted or refused, by its id.

        One with nothing accepted shows nothing: it only takes off what other sources say.
        """
        refused = refused_by_all(self.refusals)
        for one in self.refusals:
            if one.state is not RefusalState.SHARED:
                told.count("refusals that not everybody shares")
        found: dict[Key, Row] = {}
        for decision, file in self.decisions:
            told.count("decisions")
            key = str(decision.mid), decision.sha1
            if (why := untaught(decision, refused)) is None:
                found[key] = _with(found.get(key) or _empty(decision, file), decision.qid)
                continue
            told.count(why)
            if decision.sha1 in refused:
                found.setdefault(key, _empty(decision, file))
        for key in sorted(found, key=lambda key: (int(key[0][1:]), key[1])):
            yield replace(found[key], refused=tuple(sorted(refused.get(key[1], ()))))


def untaught(decision: Decision, refused: Mapping[str, Set[Qid]]) -> str | None:
    """Why a decision teaches nothing; None: it does. ``refused``: as `refused_by_all` gives it."""
    if not decision.confirmed:
        return "decisions not confirmed by an edit"
    if decision.verdict is not Verdict.ACCEPTED:
        return "decisions that accept nothing"
    if decision.qid in refused.get(decision.sha1, frozenset()):
        return "decisions that others contradict"
    return None


def refused_by_all(refusals: Iterable[Refusal]) -> dict[str, set[Qid]]:
    """Content to the items that two independent people refused for it."""
    found: dict[str, set[Qid]] = {}
    for one in refusals:
        if one.state is RefusalState.SHARED:
            found.setdefault(one.sha1, set()).add(one.qid)
    return found


def _empty(decision: Decision, file: FileRef | None) -> Row:
    """Without a file to go by, neither its name nor its time is known."""
    row = Row(decision.mid, "decisions", (), sha1=decision.sha1)
    return replace(row, time=file.uploaded, location=file.title) if file else row


def _with(row: Row, qid: Qid) -> Row:
    return replace(row, things=tuple(sorted({*row.things, (qid,)})))


def _plain(decision: Decision, file: FileRef | None) -> list[Any]:
    said = [decision.mid, decision.sha1, decision.qid, decision.verdict.value, decision.confirmed]
    return [*said, _iso(file.uploaded) if file else None]


def _iso(time: datetime) -> str:
    return time.isoformat()
