"""How much a run asks of the wiki at the most."""

from __future__ import annotations

from dataclasses import dataclass

from depicts_bot.wiki import Json, Wiki
from depicts_model.errors import DepictsError


class SpentError(DepictsError):
    """The run has asked as often as it may."""


@dataclass(slots=True)
class Budgeted:
    """A wiki that is asked ``most`` times; satisfies ``depicts_bot.wiki.Wiki``.

    Log-in and the pages that steer us go past it: who is out of requests still heeds the switch.
    """

    wiki: Wiki
    most: int
    asked: int = 0

    @property
    def api(self) -> str:
        """Address of its Action API."""
        return self.wiki.api

    @property
    def high_limits(self) -> bool:
        """As the wiki's."""
        return self.wiki.high_limits

    def ask(self, **parameters: str) -> Json:
        """One request; raises SpentError instead of one too many."""
        if self.asked >= self.most:
            raise SpentError(f"{self.most} requests were made")
        self.asked += 1
        return self.wiki.ask(**parameters)
