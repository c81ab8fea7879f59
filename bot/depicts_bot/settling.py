"""Whether the "no"s about an item are two people's; who they are is forgotten at once.

That a revision is an edit of ours on that page, made in the verdict's dialog, the store knows
already; here it is asked whose it is. To forget people is to forget how often the same two agreed
in another harvest, too: so what all people together share in a month, of one item and in all, has
an end, beyond which the operator is asked.

User ids live in the variables of this module while it works: no caller gets one, nothing here
prints, and what leaves is the state of each "no".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations
from typing import Final

from depicts_bot.ours import model_of
from depicts_bot.revisions import pages_of
from depicts_bot.wiki import Json, Wiki, chunks, limit
from depicts_model.statistics import Tally
from depicts_model.types import Mid, Qid, Question, RefusalState, mid_of

PAIR_LIMIT: Final = 20
"""More "no"s of one pair of people in one harvest wait for the operator."""
ITEM_LIMIT: Final = 50
"""More contents for which one item is refused within ``MONTH`` wait for the operator."""
ALL_LIMIT: Final = 500
"""The same of all items together."""
MONTH: Final = timedelta(days=30)
CONFIRMED: Final = 20
"""An item that people confirmed so often, and ``USUAL`` of whose verdicts were good, is one whose
refusal is an outlier."""
USUAL: Final = 0.8

Pair = tuple[int, int]
_Authors = dict[int, tuple[Mid, int]]
"""By revision: the file that it belongs to, and who made it."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of questions."""

    settled: list[tuple[Question, RefusalState]]
    """Those that two people agree on: shared, or waiting for the operator."""
    useless: list[Question]
    """Of the others, with the revisions that say nothing: all but one of one person's."""


def answers(
    wiki: Wiki,
    tag: str,
    questions: Sequence[Question],
    tallies: Callable[[Sequence[Qid]], Mapping[Qid, Tally]],
    shared: Mapping[Qid, int],
) -> Answers:
    """Answers all of the questions.

    ``tallies``: what people said of items, as the store counts it. ``shared``: how many "no"s
    about each item were shared within ``MONTH``.
    """
    revisions = {number for question in questions for _, number in question.revisions}
    authors = _authors(wiki, tag, sorted(revisions))
    agreed = [(q, pairs) for q in questions if (pairs := _pairs(q, authors))]
    often = Counter(pair for _, pairs in agreed for pair in pairs)
    said = tallies(sorted({question.qid for question, _ in agreed}))
    outliers = {qid for qid, tally in said.items() if _is_welcome(tally)}
    told = [(question, _state(question, pairs, often, outliers)) for question, pairs in agreed]
    useless = [_useless(q, authors) for q in questions if not _pairs(q, authors)]
    return Answers(list(_within(told, Counter(shared))), useless)


def _is_welcome(tally: Tally) -> bool:
    """Whether people nearly always take the item: a "no" about it is an outlier."""
    judged = tally.confirmed + tally.refuted
    return tally.confirmed >= CONFIRMED and tally.confirmed >= USUAL * judged


def _within(
    told: Iterable[tuple[Question, RefusalState]], shared: Counter[Qid]
) -> Iterator[tuple[Question, RefusalState]]:
    """What is shared beyond a limit waits."""
    for question, state in told:
        full = shared[question.qid] >= ITEM_LIMIT or shared.total() >= ALL_LIMIT
        if state is RefusalState.SHARED and not full:
            shared[question.qid] += 1
            yield question, state
        else:
            yield question, RefusalState.WAITING


def _useless(question: Question, authors: _Authors) -> Question:
    """The revisions that are not the first of somebody; another person may still agree with it."""
    fitting = [(mid, number) for mid, number in question.revisions if _fits(mid, number, authors)]
    rest = tuple(one for one in question.revisions if one not in fitting[:1])
    return replace(question, revisions=rest)


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
        for page in pages_of(wiki, some, "ids|userid|comment|tags"):
            mid = mid_of(page["pageid"])
            rows = page.get("revisions", [])
            found |= {row["revid"]: (mid, person) for row, person in _ours(rows, tag)}
    return found


def _ours(rows: Sequence[Json], tag: str) -> Iterator[tuple[Json, int]]:
    """Rows of edits of ours, each with its person; 0 is nobody whom another can be told from."""
    for row in rows:
        if model_of(row, tag) and row.get("userid"):
            yield row, row["userid"]
