"""What was said about each file, as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from depicts_model.shares import percent
from depicts_toolforge import wording

INDENT = " " * 6
WIDEST = 34


def table_of(answers: Mapping[str, Any]) -> Iterator[str]:
    """A line a file: its suggestions with their confidence, or why there is nothing."""
    for title, answer in answers.items():
        yield f"{INDENT}{title.removeprefix('File:'):{WIDEST}} {said(answer)}"


def said(answer: Mapping[str, Any]) -> str:
    """What the service answered about one file, in plain words."""
    found = answer.get("suggestions", ())
    if found:
        return ", ".join(f"{one['label']} ({percent(one['confidence'])})" for one in found)
    kind, reason = answer["outcome"], answer.get("reason", "")
    if kind == "failed":
        return f"failed: {wording.failure(answer['error'])}"
    words = wording.NOTHING if kind == "nothing" else wording.SKIPPED
    return f"{wording.KINDS[kind].lower()}: {words[reason]}"
