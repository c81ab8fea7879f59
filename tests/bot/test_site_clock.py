"""A clock that is set back does not put the bot to sleep until it is where it was."""

from __future__ import annotations

import time
from typing import Any

import pytest

from depicts_bot.manners import Pause, pace
from depicts_bot.site import home
from depicts_model.errors import WikiError

HOUR = 3600.0
PAUSE = Pause("http://wiki.test/w/api.php")


@pytest.fixture(name="kept")
def made_pace(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The throttle of a wiki that nobody asks, in a process that keeps its configuration."""
    folder = home()
    from pywikibot import config

    monkeypatch.setattr(config, "base_dir", folder)
    monkeypatch.setattr(config, "minthrottle", 0)
    PAUSE.begin(0.0)
    return pace("a wiki", PAUSE)


def test_after_the_clock_was_set_back_nothing_was_asked_in_the_future(kept: Any) -> None:
    kept.last_read = kept.last_write = time.time() + HOUR
    assert kept.waittime() <= 0.0


@pytest.mark.parametrize("off", [0.0, HOUR, -HOUR])
def test_a_pause_lasts_whatever_the_clock_says(
    kept: Any, monkeypatch: pytest.MonkeyPatch, off: float
) -> None:
    now = time.time()
    PAUSE.begin(5.0)
    monkeypatch.setattr(time, "time", lambda: now + off)
    assert 4.0 < kept.waittime() <= 5.0
    PAUSE.begin(0.0)
    assert kept.waittime() <= 0.0


def test_longer_than_our_patience_is_not_waited_for(kept: Any) -> None:
    PAUSE.begin(10 * 24 * HOUR)
    with pytest.raises(WikiError, match=r"busy: http://wiki\.test/.*: wants .* 864000 s") as e:
        kept()
    assert e.value.retry_after == pytest.approx(10 * 24 * HOUR, abs=60)
