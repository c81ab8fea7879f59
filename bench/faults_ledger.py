"""What was seen while something was broken, and whether that is held. Pure: no process here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final

Place = tuple[str, str, str, str]
"""A decision: file, content, item, and the token's key."""
Kept = tuple[str, str, str, str, str]
"""The same with the verdict, as the store has it."""
Outcome = tuple[str, str, str]
"""File, content, the model's version."""

WITHIN: Final = 30.0
"""Seconds until the service answers again, where a fault says nothing else."""
CUT_OFF: Final = "cut off"
"""Of a request: the connection ended before the answer did."""
SHOWN: Final = 5
"""Wrong answers that a report names."""


@dataclass(slots=True)
class Ledger:
    """What was asked and what was answered; many threads write."""

    answers: Counter[str] = field(default_factory=Counter)
    """By status, or ``CUT_OFF``."""
    wrong: Counter[str] = field(default_factory=Counter)
    """Answers that nobody may be given."""
    sent: dict[Place, set[str]] = field(default_factory=dict)
    """Verdicts that were sent, acknowledged or not."""
    acknowledged: dict[Place, str] = field(default_factory=dict)
    """The last verdict that was."""
    asked: set[str] = field(default_factory=set)
    """Files that somebody waits for."""
    _lock: Lock = field(default_factory=Lock)

    def answered(self, kind: str, fault: str = "") -> None:
        """An answer came, or none; ``fault``: what is wrong with it."""
        with self._lock:
            self.answers[kind] += 1
            if fault:
                self.wrong[fault] += 1

    def say(self, place: Place, verdict: str) -> None:
        """A verdict is about to be sent."""
        with self._lock:
            self.sent.setdefault(place, set()).add(verdict)

    def acknowledge(self, place: Place, verdict: str) -> None:
        """The service said that it has it."""
        with self._lock:
            self.acknowledged[place] = verdict

    def ask(self, mid: str) -> None:
        """The service said that the file will be looked at."""
        with self._lock:
            self.asked.add(mid)


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of what was entrusted to the service."""

    lost: int
    doubled: int
    invented: int
    """Decisions in the store that nobody sent."""


def balance(ledger: Ledger, kept: Iterable[Kept], outcomes: Iterable[Outcome]) -> Balance:
    """The ledger against the rows of the store."""
    decisions, files = _decisions(ledger, [*kept]), _files(ledger.asked, [*outcomes])
    return Balance(
        decisions.lost + files.lost,
        decisions.doubled + files.doubled,
        files.invented + decisions.invented,
    )


def _decisions(ledger: Ledger, kept: Collection[Kept]) -> Balance:
    rows = Counter((mid, sha1, qid, key) for mid, sha1, qid, key, _ in kept)
    verdicts = {(mid, sha1, qid, key): verdict for mid, sha1, qid, key, verdict in kept}
    lost = sum(verdicts.get(place) != said for place, said in ledger.acknowledged.items())
    ours = {place: verdicts[place] for place in rows if place in ledger.sent}
    invented = sum(verdict not in ledger.sent[place] for place, verdict in ours.items())
    return Balance(lost, sum(rows.values()) - len(rows), invented)


def _files(asked: Collection[str], outcomes: Collection[Outcome]) -> Balance:
    rows = Counter(outcomes)
    found = {mid for mid, _, _ in outcomes}
    return Balance(len({*asked} - found), sum(rows.values()) - len(rows), 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a fault led to."""

    answers: Mapping[str, int]
    wrong: Mapping[str, int]
    balance: Balance
    tracebacks: int
    """In the logs of the service and the worker."""
    recovered_s: float | None
    """Seconds from the end of the fault to the first whole answer; None: there was none."""
    checks: Mapping[str, bool]
    """What else must be true, the fault's having been there first of all."""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For the report."""
        recovered = self.recovered_s
        return {
            "answers": dict(sorted(self.answers.items())),
            "wrong": dict(Counter(self.wrong).most_common(SHOWN)),
            "lost": self.balance.lost,
            "doubled": self.balance.doubled,
            "invented": self.balance.invented,
            "tracebacks": self.tracebacks,
            "recovered_s": None if recovered is None else round(recovered, 1),
            "checks": dict(self.checks),
            **self.facts,
        }


def held(seen: Seen, within: float = WITHIN) -> bool:
    """Nothing lost, doubled or invented, honest answers only, and whole again in time."""
    right = not (seen.balance.lost or seen.balance.doubled or seen.balance.invented)
    honest = bool(seen.answers) and not seen.wrong and not seen.tracebacks
    again = seen.recovered_s is not None and seen.recovered_s <= within
    return right and honest and again and bool(seen.checks) and all(seen.checks.values())
