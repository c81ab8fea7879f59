"""A clock that is set back does not put the bot to sleep until it is where it was."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from depicts_bot.site import LoggedIn

HOUR = 3600.0


def test_after_the_clock_was_set_back_nothing_was_asked_in_the_future() -> None:
    last = time.time() + HOUR
    throttle = SimpleNamespace(last_read=last, last_write=last)
    waits: list[float] = []

    def submit() -> dict[str, Any]:
        # as pywikibot.throttle.Throttle.waittime reckons, with a delay of 0
        waits.append(max(throttle.last_read, throttle.last_write) - time.time())
        return {"query": {}}

    request = SimpleNamespace(submit=submit)
    site = SimpleNamespace(throttle=throttle, simple_request=lambda **_: request)
    assert LoggedIn(site, "http://wiki.test/w/api.php").ask(action="query") == {"query": {}}
    assert waits[0] <= 0.0


def test_what_was_asked_before_is_still_known() -> None:
    before = time.time() - 5.0
    throttle = SimpleNamespace(last_read=before, last_write=before)
    request = SimpleNamespace(submit=dict)
    site = SimpleNamespace(throttle=throttle, simple_request=lambda **_: request)
    LoggedIn(site, "http://wiki.test/w/api.php").ask(action="query")
    assert (throttle.last_read, throttle.last_write) == (before, before)
