"""Which files are left alone: every reason, and that the gravest is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from depicts_bot.eligibility import FileFacts, why_not
from depicts_model.types import FileContext, FileRef, Mid, SkipReason

FILE = FileRef(Mid("M2"), "File:A.jpg", "0" * 40, 2, datetime(2026, 11, 1, tzinfo=UTC), "")
GOOD = FileFacts(FileContext(FILE), mime="image/jpeg", mediatype="BITMAP", width=640, height=480)


def test_a_photograph_is_looked_at() -> None:
    assert why_not(GOOD) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"missing": True}, SkipReason.DELETED),
        ({"redirect": True}, SkipReason.REDIRECT),
        ({"mime": "image/svg+xml", "mediatype": "DRAWING"}, SkipReason.NOT_AN_IMAGE),
        ({"mime": "application/pdf", "mediatype": "OFFICE"}, SkipReason.NOT_AN_IMAGE),
        ({"mime": "application/ogg", "mediatype": "AUDIO"}, SkipReason.NOT_AN_IMAGE),
        ({"mime": "video/webm", "mediatype": "VIDEO"}, SkipReason.NOT_AN_IMAGE),
        ({"mime": "image/vnd.djvu"}, SkipReason.NOT_AN_IMAGE),
        ({"mime": "", "mediatype": ""}, SkipReason.NOT_AN_IMAGE),
        ({"mime": "image/tiff", "pages": 2}, SkipReason.MULTI_PAGE),
        ({"mime": "image/tiff"}, None),
        ({"mime": "image/gif", "frames": 12}, SkipReason.ANIMATED),
        ({"mime": "image/gif", "frames": None}, SkipReason.ANIMATED),
        ({"mime": "image/gif", "frames": 1}, None),
        ({"height": 149}, SkipReason.TOO_SMALL),
        ({"height": 150}, None),
        ({"width": 0, "height": 0}, None),
        ({"is_artwork": True}, SkipReason.ARTWORK),
        ({"has_depicts": True}, SkipReason.HAS_DEPICTS),
        ({"has_depicts": True, "is_artwork": True, "missing": True}, SkipReason.DELETED),
    ],
)
def test_reasons(change: dict[str, object], reason: SkipReason | None) -> None:
    assert why_not(replace(GOOD, **change)) is reason  # type: ignore[arg-type]
