"""What codes and numbers mean, in plain English. Pure; one table a subject, and no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from depicts_model.shares import whole_percent
from depicts_model.types import Failed, NothingReason, SkipReason, Verdict
from depicts_toolforge.answers import NO_LABEL, PAUSED, REFUSED

KINDS: Final = {
    "suggested": "Suggested",
    "nothing": "Nothing to suggest",
    "skipped": "Skipped",
    "failed": "Failed",
}
"""The kinds of outcome, as their filters are called."""

NOTHING: Final = {
    NothingReason.NOT_SURE.value: "not sure enough of anything",
    NothingReason.TOO_GENERAL.value: "what is sure is too general to help",
    NothingReason.ALREADY_THERE.value: "the file says it already",
    NothingReason.NEVER_SUGGEST.value: "what was found is never suggested",
    NO_LABEL: "what was found has no label in this language",
    REFUSED: "several people said that what was found is not in it",
    PAUSED: "what was found is paused, since it was wrong too often",
}
SKIPPED: Final = {
    SkipReason.HAS_DEPICTS.value: "somebody has said already what it depicts",
    SkipReason.REDIRECT.value: "the page is a redirect",
    SkipReason.DELETED.value: "the file is deleted",
    SkipReason.NOT_AN_IMAGE.value: "it is not an image",
    SkipReason.ANIMATED.value: "it is an animation",
    SkipReason.MULTI_PAGE.value: "it has several pages",
    SkipReason.TOO_SMALL.value: "it is too small to be seen well",
    SkipReason.ARTWORK.value: "it is an artwork, which has a property of its own",
    SkipReason.OPTED_OUT.value: "its page asks bots to stay away",
    SkipReason.WITHHELD.value: "it may show what is not ours to judge, so a person looks first",
}

VERDICTS: Final = {
    Verdict.ACCEPTED.value: "approved",
    Verdict.REJECTED.value: "said no",
    Verdict.TOO_GENERAL.value: "too general",
    Verdict.TOO_SPECIFIC.value: "too specific",
    Verdict.SKIPPED.value: "skipped",
    Verdict.NOT_SHOWN.value: "not shown",
}
"""What people decided, each a thing of its own: a skip is not a no."""

_CONFIDENCE: Final = (
    (95, "almost certain"),
    (85, "very likely"),
    (70, "likely"),
    (50, "more likely than not"),
    (0, "a guess"),
)
_DEMO: Final = re.compile(r"\bdemo model\b")
_CODE: Final = re.compile(r"[a-z][a-z0-9_-]*: ")
_FAILED: Final = (
    ("http-429", "the wiki asked for fewer requests"),
    ("http-5", "the wiki had a fault"),
    ("http-", "the wiki refused to send the picture"),
    ("network", "the wiki could not be reached"),
    ("foreign-host", "the picture lies on a server that is not the wiki's"),
    ("overwritten", "another version was uploaded meanwhile"),
)


def confidence(share: float) -> str:
    """A confidence from 0 to 1 in words: those of the number that is shown."""
    shown = whole_percent(share)
    return next(words for least, words in _CONFIDENCE if shown >= least)


def of_demo_model(reasons: Iterable[str]) -> bool:
    """Whether a suggestion is of the demonstration's small model: its reasons say so themselves.

    They were stored with it, so it stays true whatever model came later.
    """
    return any(map(_DEMO.search, reasons))


def failure(error: str) -> str:
    """What failed, in plain words."""
    if not _CODE.match(error):
        return "the picture could not be read"
    found = (words for start, words in _FAILED if error.startswith(start))
    return next(found, "the wiki did not send the picture")


def retry(failed: Failed, at: datetime) -> str:
    """When a failure of this time is tried again."""
    if failed.retry_after is None:
        return "It is not tried again with this model."
    try:
        due = at + timedelta(seconds=failed.retry_after)
    except OverflowError:
        return "It is not tried again in our time."
    return f"The bot tries again in its first run after {moment(due)}."


def milliseconds(edge: float, known: bool) -> str:
    """How long an answer took at the most; not ``known``: at the least."""
    return f"{'up to' if known else 'more than'} {edge:g} ms"


def moment(at: datetime) -> str:
    """A time to the minute, in UTC."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
