"""What pywikibot lacks in manners and in caution: pauses that a wiki asks for, and redirects.

Of itself pywikibot breaks at a ``Retry-After`` that is a date, ignores that of a 503, sleeps for
days where a wiki says so, and follows a redirect to wherever it leads, with all that it posted.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from depicts_model.errors import WikiError
from depicts_model.wiki.pauses import asked_pause

_ASKS: Final = "Retry-After"


@dataclass(slots=True)
class Pause:
    """Until when the wiki at ``api`` wants to be left alone, by a clock that nobody sets."""

    api: str
    _until: float = 0.0

    def begin(self, seconds: float) -> None:
        """No request is made for so long; 0: one may be made at once."""
        self._until = time.monotonic() + seconds if seconds else 0.0

    def left(self) -> float:
        """Seconds that are left, 0 or less where there is no pause."""
        return self._until - time.monotonic()


def well_behaved(api: str) -> type[Any]:
    """A kind of pywikibot's sites, for ``pywikibot.Site``, that keeps to what this module is for.

    One a process, as everything of pywikibot's.
    """
    from pywikibot.comms import http
    from pywikibot.site import DataSite

    pause = Pause(api)
    http.session.hooks["response"] = [partial(met, pause)]

    class WellBehaved(DataSite):  # type: ignore[misc]
        # not kept by pywikibot's own means: a site asks before it is made
        @property
        def throttle(self) -> Any:
            if "_pace" not in vars(self):
                self._pace = pace(self, pause)
            return self._pace

    return WellBehaved


def met(pause: Pause, response: Any, **_: object) -> None:
    """Each answer comes by here before pywikibot sees it, and before a redirect is followed."""
    from pywikibot.exceptions import FatalServerError

    if response.is_redirect:
        raise FatalServerError(f"redirects to {_host(response.headers['location'])}")
    pause.begin(asked_pause(response.headers) or 0.0)
    # pywikibot reads this again, as a number alone
    response.headers[_ASKS] = "0"


def _host(address: str) -> str:
    """Where a redirect leads; no more of it: there is no telling what it carries."""
    try:
        return urlsplit(address).netloc or "another path"
    except ValueError:
        return "no address"


def pace(site: Any, pause: Pause) -> Any:
    """Pywikibot's throttle of ``site``, which heeds the pause as well."""
    from pywikibot import config
    from pywikibot.throttle import Throttle

    class Pace(Throttle):  # type: ignore[misc]
        def waittime(self, write: bool = False) -> float:
            """Seconds until the next request; where the clock was set back it would be hours."""
            usual: float = min(super().waittime(write=write), self.get_delay(write=write))
            return max(usual, pause.left())

        def lag(self, lagtime: float | None = None) -> None:
            """After ``maxlag``: as long as the answer asked for; longer where the lag is large."""
            left = pause.left()
            super().lag(max(left, (lagtime or 0.0) / 5) if left > 0.0 else lagtime)

        def wait(self, seconds: float) -> None:
            """Raises WikiError where that is more than our patience."""
            if seconds > config.retry_max:
                told = f"{pause.api}: wants to be left alone for {math.ceil(seconds)} s"
                raise WikiError("busy", told, seconds)
            super().wait(seconds)

    return Pace(site)
