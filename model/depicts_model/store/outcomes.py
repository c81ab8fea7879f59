"""Outcomes as rows, and back. Pure: no connection here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from depicts_model.errors import StoreError
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)

Row = dict[str, Any]

FAILED: Final = "failed"
KINDS: Final = ("suggested", "nothing", "skipped", FAILED)
ERROR_LENGTH: Final = 2000
"""Characters kept of an error; the rest is cut."""


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """What became of a file, by which model, when."""

    file: FileRef
    outcome: Outcome
    model_version: str
    at: datetime


def outcome_row(outcome: Outcome) -> Row:
    """The columns that tell one outcome from another; suggestions have rows of their own."""
    row: Row = {"kind": kind_of(outcome), "reason": None, "error": None, "retry_after": None}
    match outcome:
        case NothingToSuggest(reason) | Skipped(reason):
            row["reason"] = reason.value
        case Failed(error, retry_after):
            row["error"] = _storable(error)[:ERROR_LENGTH]
            row["retry_after"] = _finite(retry_after, "retry_after")
        case Suggested():
            pass
    return row


def kind_of(outcome: Outcome) -> str:
    """The word for this kind of outcome, one of ``KINDS``."""
    kinds = (Suggested, NothingToSuggest, Skipped, Failed)
    return KINDS[kinds.index(type(outcome))]


def suggestion_rows(outcome: Outcome, mid: Mid, model_version: str, outcome_id: int) -> list[Row]:
    """Rows of the suggestions, best first; StoreError where one belongs elsewhere."""
    if not isinstance(outcome, Suggested):
        return []
    for suggestion in outcome.suggestions:
        _belongs(suggestion, mid, model_version)
    numbered = enumerate(outcome.suggestions)
    return [{"outcome_id": outcome_id, "rank": n, **_suggestion_row(s)} for n, s in numbered]


def _belongs(suggestion: Suggestion, mid: Mid, model_version: str) -> None:
    if (suggestion.mid, suggestion.model_version) != (mid, model_version):
        there = f"{suggestion.mid} by {suggestion.model_version}"
        raise StoreError(f"a suggestion for {there} in an outcome of {mid} by {model_version}")


def _suggestion_row(suggestion: Suggestion) -> Row:
    return {
        "qid": suggestion.qid,
        "confidence": _finite(suggestion.confidence, f"confidence of {suggestion.qid}"),
        "reasons": list(suggestion.reasons),
        "more_general": list(suggestion.more_general),
        "more_specific": list(suggestion.more_specific),
    }


def stored_outcome(row: Row, suggestions: Sequence[Row]) -> StoredOutcome:
    """The value behind a row of outcome and file, with its suggestions in the order of rank."""
    return StoredOutcome(file_ref(row), _outcome(row, suggestions), row["model_version"], row["at"])


def file_ref(row: Row) -> FileRef:
    """The file of a row that has the columns of ``file``."""
    names = ("mid", "title", "sha1", "revision", "uploaded", "thumb_url")
    return FileRef(*(row[name] for name in names))


def file_row(file: FileRef) -> Row:
    """The columns of ``file``."""
    return {
        "mid": file.mid,
        "sha1": file.sha1,
        "title": file.title,
        "revision": file.revision,
        "uploaded": file.uploaded,
        "thumb_url": file.thumb_url,
    }


def _outcome(row: Row, suggestions: Sequence[Row]) -> Outcome:
    match row["kind"]:
        case "suggested":
            mid, version = row["mid"], row["model_version"]
            return Suggested(tuple(_suggestion(s, mid, version) for s in suggestions))
        case "nothing":
            return NothingToSuggest(NothingReason(row["reason"]))
        case "skipped":
            return Skipped(SkipReason(row["reason"]))
        case "failed":
            return Failed(row["error"], row["retry_after"])
        case other:
            raise StoreError(f"{row['mid']}: unknown kind of outcome: {other!r}")


def _suggestion(row: Row, mid: Mid, model_version: str) -> Suggestion:
    return Suggestion(
        mid=mid,
        qid=Qid(row["qid"]),
        confidence=row["confidence"],
        reasons=tuple(row["reasons"]),
        more_general=tuple(map(Qid, row["more_general"])),
        more_specific=tuple(map(Qid, row["more_specific"])),
        model_version=model_version,
    )


def _finite(number: float | None, what: str) -> float | None:
    """NaN would come back as "never retry": it is refused, as infinity is."""
    if number is not None and not math.isfinite(number):
        raise StoreError(f"{what} is not a finite number: {number}")
    return number


def _storable(text: str) -> str:
    """``text`` with lone surrogates, which no database takes, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
