"""Whether the "no"s about an item are two people's; who they are is forgotten at once.

User ids live in the variables of this module while it works: no caller gets one, nothing here
prints, and what leaves is the state of each "no".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

from depicts_bot.context import merge
from depicts_bot.ours import model_of
from depicts_bot.wiki import Json, Wiki, ask_all, chunks, limit
from depicts_model.statistics import Tally
from depicts_model.types import Mid, Qid, Question, RefusalState, mid_of

PAIR_LIMIT: Final = 20
"""More "no"s of one pair of people in one harvest wait for the operator."""
CONFIRMED: Final = 20
"""An item that people confirmed so often, and ``USUAL`` of whose verdicts were good, is one whose
refusal is an outlier."""
USUAL: Final = 0.8

Pair = tuple[int, int]
_Authors = dict[int, tuple[Mid, int]]
"""By revision: the file that it belongs to, and who made it."""


def answers(
    wiki: Wiki,
    tag: str,
    questions: Sequence[Question],
    tallies: Callable[[Sequence[Qid]], Mapping[Qid, Tally]],
) -> list[tuple[Question, RefusalState]]:
    """Those of the questions that two people agree on: shared, or waiting for the operator.

    ``tallies``: what people said of items, as the store counts it.
    """
    revisions = {number for question in questions for _, number in question.revisions}
    authors = _authors(wiki, tag, sorted(revisions))
    agreed = [(q, pairs) for q in questions if (pairs := _pairs(q, authors))]
    often = Counter(pair for _, pairs in agreed for pair in pairs)
    said = tallies(sorted({question.qid for question, _ in agreed}))
    outliers = {qid for qid, tally in said.items() if _is_welcome(tally)}
    return [(question, _state(question, pairs, often, outliers)) for question, pairs in agreed]


def _is_welcome(tally: Tally) -> bool:
    """Whether people nearly always take the item: a "no" about it is an outlier."""
    judged = tally.accepted + tally.rejected + tally.too_general + tally.too_specific
    return tally.confirmed >= CONFIRMED and tally.accepted >= USUAL * judged


def _state(
    question: Question,
    pairs: Collection[Pair],
    often: Mapping[Pair, int],
    outliers: Collection[Qid],
) -> RefusalState:
    # a third person's "no" clears the two of suspicion
    suspicious = all(often[pair] > PAIR_LIMIT for pair in pairs)
    if suspicious or question.qid in outliers:
        return RefusalState.WAITING
    return RefusalState.SHARED


def _pairs(question: Question, authors: _Authors) -> list[Pair]:
    """The pairs of people who said this; a revision of another page says nothing."""
    told = {authors[number] for mid, number in question.revisions if _fits(mid, number, authors)}
    return list(combinations(sorted({person for _, person in told}), 2))


def _fits(mid: Mid, revision: int, authors: _Authors) -> bool:
    return revision in authors and authors[revision][0] == mid


def _authors(wiki: Wiki, tag: str, revisions: Sequence[int]) -> _Authors:
    """Of those of the revisions that are ours."""
    found: _Authors = {}
    for some in chunks(revisions, limit(wiki)):
        for page in _pages(wiki, some):
            mid = mid_of(page["pageid"])
            rows = page.get("revisions", [])
            found |= {row["revid"]: (mid, person) for row, person in _ours(rows, tag)}
    return found


def _pages(wiki: Wiki, revisions: Sequence[int]) -> Collection[Json]:
    parts = ask_all(
        wiki,
        action="query",
        prop="revisions",
        revids="|".join(map(str, revisions)),
        rvprop="ids|userid|comment|tags",
    )
    return merge(page for part in parts for page in part.get("pages", [])).values()


def _ours(rows: Sequence[Json], tag: str) -> Iterator[tuple[Json, int]]:
    """Rows of edits of ours, each with its person; 0 is nobody whom another can be told from."""
    for row in rows:
        if model_of(row, tag) and row.get("userid"):
            yield row, row["userid"]
