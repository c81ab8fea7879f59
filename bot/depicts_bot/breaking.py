"""Ends a run where one file after another fails for a reason that passes: so would all others.

They would be stored as failures, thousands of them, of which a later run tries 500 again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from depicts_bot.wiki import LATER
from depicts_bot.work import Decision
from depicts_model.errors import WikiError
from depicts_model.types import Failed, Skipped

IN_A_ROW: Final = 20


@dataclass(slots=True)
class Breaker:
    """Counts failures in a row; a file that nobody had to look at says nothing."""

    failures: int = 0

    def count(self, decisions: Iterable[Decision]) -> None:
        """Raises WikiError after ``IN_A_ROW`` of them, with the last one's reason."""
        for _, outcome in decisions:
            if isinstance(outcome, Skipped):
                continue
            passing = isinstance(outcome, Failed) and outcome.retry_after is not None
            self.failures = self.failures + 1 if passing else 0
            if isinstance(outcome, Failed) and self.failures >= IN_A_ROW:
                told = f"{self.failures} files in a row could not be looked at; the last: "
                raise WikiError("out-of-order", told + outcome.error, LATER)
