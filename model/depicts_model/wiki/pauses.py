"""How long a server asks to be left alone, by the headers of its answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

MOST: Final = 30 * 24 * 3600.0
"""Seconds: nobody means more; what says more is taken for so much."""
_SECONDS: Final = re.compile(r"\s*[0-9]+(\.[0-9]*)?\s*")


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """Seconds of ``Retry-After``, from 0 to `MOST`; None where there is none, or nonsense.

    ``headers``: by names in any case. A date is reckoned from the answer's own ``Date``: the
    server's clock need not be ours.
    """
    text = headers.get("Retry-After") or ""
    if _SECONDS.fullmatch(text):
        return min(float(text), MOST)
    until = _date(text)
    if until is None:
        return None
    since = _date(headers.get("Date") or "") or datetime.now(UTC)
    return min(max((until - since).total_seconds(), 0.0), MOST)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
