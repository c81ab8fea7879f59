"""The on-wiki switch, read again and again: it holds within a minute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from depicts_bot.pages import HiddenPageError, read_page
from depicts_bot.wiki import Wiki
from depicts_model.errors import ConfigurationError, DepictsError
from depicts_model.switch import ON, Switch, parse, unreadable

RUN_SECONDS: Final = 30.0
"""Between two readings of a run."""
SERVE_SECONDS: Final = 20.0
"""Between two readings of the worker."""


class StoppedError(DepictsError):
    """Somebody threw the switch while something was under way."""

    def __init__(self, switch: Switch) -> None:
        super().__init__(switch.reason)
        self.switch = switch


@dataclass(slots=True)
class Watch:
    """The switch as it was read at most ``every`` seconds ago; ``tell`` hears of each reading."""

    wiki: Wiki
    title: str
    every: float
    tell: Callable[[Switch], None]
    clock: Callable[[], float] = time.monotonic
    _switch: Switch = ON
    _read: float | None = field(default=None)

    def now(self) -> Switch:
        """Raises WikiError where the page cannot be asked for: then nobody may go on."""
        if self._read is None or self.clock() - self._read >= self.every:
            self._switch = read_switch(self.wiki, self.title)
            # a reading that was not told is not done: another one follows
            self.tell(self._switch)
            self._read = self.clock()
        return self._switch

    def check(self) -> None:
        """Raises StoppedError where the switch is thrown, WikiError as ``now`` does."""
        if self.now().stopped:
            raise StoppedError(self._switch)


def read_switch(wiki: Wiki, title: str) -> Switch:
    """The switch as it is now; on where there is no page, or no ``title``.

    A page that is hidden or cannot be understood counts as stopped. Raises WikiError, and
    ConfigurationError where ``title`` can be no page's.
    """
    try:
        page = read_page(wiki, title, "switch_page")
    except HiddenPageError as error:
        return unreadable(error)
    if page is None:
        return ON
    try:
        return parse(page.text, page.title)
    except ConfigurationError as error:
        return unreadable(error)
