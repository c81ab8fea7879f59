"""What the pages that tell how it goes are given to tell, and what they say of it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from typing import Final

from depicts_model.statistics import BINS, Statistics, Tally
from depicts_model.store import Store
from depicts_model.types import Decision, Mid, Qid, Verdict
from depicts_toolforge.api import STATISTICS
from tests.model.store.values import V
from tests.toolforge.conftest import Service

SHA1 = "a" * 40
"""Of every file that ``file_ref`` makes."""
TALLY = Tally(40, 24, 4, 2, 0, 10, confirmed=20, refuted=5)
"""Four acceptances and a rejection have no edit behind them."""

LASTING: Final = {
    **{"judged": 24, "reverted": 5, "standing_7": 19, "changed_7": 3, "reverted_7": 2},
    **{"standing_30": 3, "reverted_30": 3},
}
"""What became of claims, as further fields of a tally."""


def now() -> datetime:
    return datetime.now(UTC)


def words_of(text: str) -> str:
    """What a page says, its cells and lines apart."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def text_of(service: Service, path: str) -> str:
    answer = service.client.get(path)
    assert answer.status_code == 200, answer.text
    return words_of(answer.text)


def decide(service: Service, *said: tuple[Qid, Verdict], sha1: str = SHA1) -> None:
    """One person each."""
    for number, (qid, verdict) in enumerate(said):
        made = Decision(Mid("M1"), sha1, qid, verdict, now())
        service.store.add_decisions(f"{sha1[0]}-{number}", [made], V)


def count(
    store: Store,
    tally: Tally,
    *items: Qid,
    filled: int = 1,
    classes: tuple[tuple[Qid, Tally], ...] = (),
) -> None:
    """Statistics as the harvest leaves them; ``filled``: so many of the bins, the surest."""
    bins = (*(Tally(),) * (BINS - filled), *(tally,) * filled)
    listed = tuple((qid, tally) for qid in items)
    made = Statistics(now(), {"claims": 20}, {}, bins, Tally(), listed, classes)
    store.note(STATISTICS, made.to_json(), now())
