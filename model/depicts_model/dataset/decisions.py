"""Rows from what people decided, of which only what was confirmed teaches anything (promise 5).

The store is not read here: its decisions arrive as values. An acceptance counts where its claim
was found in an edit of the dialog (``Decision.confirmed``); a "no" where two independent people
said it (a shared `Refusal`). Verdicts without an edit teach nothing, nor does "too general", nor
an item on which people disagree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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
        refused = _refused(self.refusals, told)
        found: dict[Key, Row] = {}
        for decision, file in self.decisions:
            told.count("decisions")
            key = str(decision.mid), decision.sha1
            if _teaches(decision, refused.get(decision.sha1, ()), told):
                found[key] = _with(found.get(key) or _empty(decision, file), decision.qid)
            elif decision.sha1 in refused:
                found.setdefault(key, _empty(decision, file))
        for key in sorted(found, key=lambda key: (int(key[0][1:]), key[1])):
            yield replace(found[key], refused=tuple(sorted(refused.get(key[1], ()))))


def _teaches(decision: Decision, refused: Iterable[Qid], told: Told) -> bool:
    if not decision.confirmed:
        told.count("decisions not confirmed by an edit")
    elif decision.verdict is not Verdict.ACCEPTED:
        told.count("decisions that accept nothing")
    elif decision.qid in refused:
        told.count("decisions that others contradict")
    else:
        return True
    return False


def _refused(refusals: Iterable[Refusal], told: Told) -> dict[str, set[Qid]]:
    found: dict[str, set[Qid]] = {}
    for one in refusals:
        if one.state is RefusalState.SHARED:
            found.setdefault(one.sha1, set()).add(one.qid)
        else:
            told.count("refusals that not everybody shares")
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
