"""How long a server asks to be left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from depicts_model.wiki.pauses import MOST, asked_pause

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("3", 3.0),
        (" 2.5 ", 2.5),
        ("0", 0.0),
        ("864000", 864000.0),
        ("9" * 5000, MOST),
        (date(90), 90.0),
        (date(-90), 0.0),
        (date(1e9), MOST),
        ("Sun, 22 Nov 2026 12:01:00 -0000", 60.0),
    ],
)
def test_seconds_or_a_date_by_the_servers_own_clock(asked: str, seconds: float) -> None:
    assert asked_pause({"Retry-After": asked, "Date": date(0)}) == seconds


@pytest.mark.parametrize("asked", ["", "soon", "-5", "nan", "inf", "1e9", "٣", "Sun, 99 Nov 2026"])
def test_nonsense_asks_for_nothing(asked: str) -> None:
    assert asked_pause({"Retry-After": asked, "Date": date(0)}) is None
    assert asked_pause({}) is None


@pytest.mark.parametrize("said", [{}, {"Date": "today"}])
def test_a_date_of_a_server_without_a_clock_is_by_ours(said: dict[str, str]) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert asked_pause({"Retry-After": until, **said}) == pytest.approx(99, abs=2)
