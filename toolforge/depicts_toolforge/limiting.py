"""How often one may ask: by page, by token, and all together. Never by address.

Our own pages have a ceiling of their own, as high as the API's: who walks through the gallery
takes nothing from who approves suggestions.

Toolforge shows no tool the address of its reader, and we would not look at it. The counters lie
in the memory of the process: each worker of gunicorn counts its own share, so that two workers
let through up to twice what is set here.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from depicts_model.settings import Settings
from depicts_model.types import Mid
from depicts_toolforge.problems import Problem

LOOK_AGAIN: Final = RateLimitItemPerMinute(1, 10)
"""A look at a file in ten minutes: a reader's content may be made up."""
_ALL: Final = "all"
_OUR_PAGES: Final = "our pages"
_TOLD: Final = {
    _ALL: "the service is asked too much at the moment",
    _OUR_PAGES: "these pages are asked for too much at the moment",
    "page": "this page is asked about too often",
    "token": "too many decisions with this token",
}


@dataclass(frozen=True, slots=True)
class Limiter:
    """Counts requests in windows of a minute; a Problem 429 says when to come back."""

    ceiling: RateLimitItem
    page: RateLimitItem
    token: RateLimitItem
    strategy: FixedWindowRateLimiter
    again: RateLimitItem = LOOK_AGAIN

    @classmethod
    def of(cls, settings: Settings) -> Limiter:
        """The limits that are set, nothing counted yet."""
        return cls(
            RateLimitItemPerMinute(settings.requests_per_minute),
            RateLimitItemPerMinute(settings.page_requests_per_minute),
            RateLimitItemPerMinute(settings.token_requests_per_minute),
            FixedWindowRateLimiter(MemoryStorage()),
        )

    def count(self) -> None:
        """One request more of the API, whatever it asks."""
        self._count(self.ceiling, _ALL, "")

    def count_our_pages(self) -> None:
        """One request more for a page of our own."""
        self._count(self.ceiling, _OUR_PAGES, "")

    def count_page(self, mid: Mid) -> None:
        """One request more about this page."""
        self._count(self.page, "page", mid)

    def count_token(self, key: str) -> None:
        """One request more with this token, which we signed: nobody invents keys to count."""
        self._count(self.token, "token", key)

    def may_look_again(self, mid: Mid) -> bool:
        """Whether a file may be looked at once more on a reader's word; counted if so."""
        return self.strategy.hit(self.again, "again", mid)

    def _count(self, limit: RateLimitItem, what: str, name: str) -> None:
        if self.strategy.hit(limit, what, name):
            return
        left = self.strategy.get_window_stats(limit, what, name).reset_time - time.time()
        if left > limit.get_expiry():
            # the clock was set back: this window would last until it is where it was
            self.strategy.clear(limit, what, name)
            self.strategy.hit(limit, what, name)
            return
        wait = max(1, math.ceil(left))
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "limited", _TOLD[what], wait)
