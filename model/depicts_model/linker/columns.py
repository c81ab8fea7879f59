"""The columns of a backfill: files as they come, their views, and what was made of them.

Needs pyarrow, which the linker itself does not: nothing of it imports this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import pyarrow as pa

from depicts_model.types import (
    Failed,
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

Row = Mapping[str, Any]

_FILE: Final = (
    pa.field("mid", pa.string(), nullable=False),
    pa.field("sha1", pa.string(), nullable=False),
    pa.field("title", pa.string()),
    # with these three a shard can be imported into the store; nothing that is told depends on them
    pa.field("revision", pa.int64()),
    pa.field("uploaded", pa.timestamp("us", "UTC")),
    pa.field("thumb_url", pa.string()),
    # items that the file is said to depict already: what repeats them is not suggested
    pa.field("depicts", pa.list_(pa.string())),
)
_FAULT: Final = (pa.field("fault", pa.string()), pa.field("retry_after", pa.float64()))
"""Why there is no picture, and the seconds until it makes sense to ask again."""

FILES: Final = pa.schema([*_FILE, pa.field("image", pa.binary()), *_FAULT])
"""Files with the bytes of their thumbnails."""
VIEWED: Final = pa.schema([*_FILE, pa.field("views", pa.binary()), *_FAULT])
"""The same with the pixels of their views (`encoder.views`), 8 bits a channel."""
_SUGGESTION: Final = pa.struct(
    [
        ("qid", pa.string()),
        ("confidence", pa.float64()),
        ("reasons", pa.list_(pa.string())),
        ("more_general", pa.list_(pa.string())),
        ("more_specific", pa.list_(pa.string())),
    ]
)


def embedded(dim: int) -> pa.Schema:
    """Files with vectors of ``dim`` numbers and their outcomes; a vector is null where none is.

    ``key``: of the vector, as `cached.key_of` gives it.
    """
    vector = pa.field("vector", pa.list_(pa.float32(), dim))
    key = pa.field("key", pa.binary(16), nullable=False)
    told = [pa.field("kind", pa.string(), nullable=False)]
    told += [pa.field(name, pa.string()) for name in ("reason", "error")]
    told += [pa.field("retry_after", pa.float64()), pa.field("suggestions", pa.list_(_SUGGESTION))]
    return pa.schema([*_FILE[:-1], key, vector, *told])


def passed_on(row: Row) -> dict[str, Any]:
    """Of a file's columns those that stand beside what was made of it."""
    return {field.name: row[field.name] for field in _FILE[:-1]}


def row_of(outcome: Outcome) -> dict[str, Any]:
    """The columns that tell of an outcome."""
    row: dict[str, Any] = dict.fromkeys(("reason", "error", "retry_after", "suggestions"))
    match outcome:
        case Suggested(suggestions):
            return row | {"kind": "suggested", "suggestions": [*map(_told, suggestions)]}
        case NothingToSuggest(reason):
            return row | {"kind": "nothing", "reason": reason.value}
        case Skipped(why):
            return row | {"kind": "skipped", "reason": why.value}
        case Failed(error, retry_after):
            return row | {"kind": "failed", "error": error, "retry_after": retry_after}


def outcome_of(row: Row, version: str) -> Outcome:
    """The reverse of `row_of`, for a row that has its file, too. ``version``: of the model.

    Raises ValueError naming a kind or a reason that there is not.
    """
    match row["kind"]:
        case "suggested":
            mid = Mid(row["mid"])
            return Suggested(tuple(_suggestion(one, mid, version) for one in row["suggestions"]))
        case "nothing":
            return NothingToSuggest(NothingReason(row["reason"]))
        case "skipped":
            return Skipped(SkipReason(row["reason"]))
        case "failed":
            return Failed(row["error"], row["retry_after"])
        case other:
            raise ValueError(f"{row['mid']}: unknown kind of outcome: {other!r}")


def _told(suggestion: Suggestion) -> dict[str, Any]:
    told = asdict(suggestion)
    return {field.name: told[field.name] for field in _SUGGESTION}


def _suggestion(row: Row, mid: Mid, version: str) -> Suggestion:
    return Suggestion(
        mid=mid,
        qid=Qid(row["qid"]),
        confidence=row["confidence"],
        reasons=tuple(row["reasons"]),
        more_general=tuple(map(Qid, row["more_general"])),
        more_specific=tuple(map(Qid, row["more_specific"])),
        model_version=version,
    )
