"""Two people's "no" holds for everybody; one person's, or a pair's of too many, does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from depicts_bot.settling import ALL_LIMIT, CONFIRMED, ITEM_LIMIT, PAIR_LIMIT, answers
from depicts_bot.wiki import Json
from depicts_model.statistics import Tally
from depicts_model.types import Mid, Qid, Question, RefusalState
from tests.sandbox.world import DEFAULT_TAG

from .conftest import ScriptedWiki

SUMMARY = "/* wbeditentity-update:0| */ Suggest depicts, model tiny-1"
CAT = Qid("Q146")
FILE = Mid("M3")


def revision(number: int, person: int | None, **changed: object) -> Json:
    made: Json = {"revid": number, "comment": SUMMARY, "tags": [DEFAULT_TAG]}
    return made | ({} if person is None else {"userid": person}) | changed


def wiki_of(*rows: Json, pageid: int = 3, **pages: Sequence[Json]) -> ScriptedWiki:
    """A wiki that knows these revisions of page 3, and those of other pages (``p4=``)."""
    found = {pageid: list(rows)} | {int(name[1:]): list(some) for name, some in pages.items()}
    told = [{"pageid": page, "revisions": some} for page, some in found.items()]
    return ScriptedWiki([{"query": {"pages": told}}])


def question(*revisions: int, sha1: str = "a" * 40, qid: Qid = CAT) -> Question:
    return Question(sha1, qid, tuple((FILE, number) for number in revisions))


def tallies(qids: Sequence[Qid]) -> Mapping[Qid, Tally]:
    return {qid: Tally() for qid in qids}


def states(wiki: ScriptedWiki, *questions: Question) -> list[RefusalState]:
    return [state for _, state in answers(wiki, DEFAULT_TAG, questions, tallies, {}).settled]


def test_two_people_agree() -> None:
    wiki = wiki_of(revision(10, 6), revision(11, 7))
    assert states(wiki, question(10, 11)) == [RefusalState.SHARED]
    assert wiki.asked[0]["rvprop"] == "ids|userid|comment|tags"


@pytest.mark.parametrize(
    "second",
    [
        revision(11, 6),
        revision(11, None, userhidden=True),
        revision(11, 0),
        revision(11, 7, comment="by hand"),
        revision(11, 7, commenthidden=True, comment=""),
        revision(11, 7, tags=[]),
    ],
    ids=["the same", "hidden", "nobody", "another tool's", "hidden summary", "without tag"],
)
def test_one_person_is_not_two(second: Json) -> None:
    assert states(wiki_of(revision(10, 6), second), question(10, 11)) == []


def test_a_revision_of_another_page_says_nothing() -> None:
    wiki = wiki_of(revision(10, 6), p4=[revision(11, 7)])
    assert states(wiki, question(10, 11)) == []
    wiki = wiki_of(revision(10, 6), p4=[revision(11, 7)])
    both = Question("a" * 40, CAT, ((FILE, 10), (Mid("M4"), 11)))
    assert states(wiki, both) == [RefusalState.SHARED], "the same content on two pages"


def test_revisions_that_are_not_there_say_nothing() -> None:
    missing = {"query": {"badrevids": {"10": {"revid": 10, "missing": True}}}}
    assert states(ScriptedWiki([missing]), question(10, 11)) == []
    assert states(ScriptedWiki([])) == []


@pytest.mark.parametrize(
    ("tally", "state"),
    [
        (Tally(confirmed=80, refuted=20), RefusalState.WAITING),
        (Tally(confirmed=80, refuted=21), RefusalState.SHARED),
        (Tally(accepted=80, confirmed=CONFIRMED - 1), RefusalState.SHARED),
        # what nobody saved steers nothing, in either direction
        (Tally(rejected=900, too_general=9, confirmed=CONFIRMED), RefusalState.WAITING),
        (Tally(accepted=900, confirmed=80, refuted=21), RefusalState.SHARED),
    ],
)
def test_a_no_about_what_people_take_waits(tally: Tally, state: RefusalState) -> None:
    wiki = wiki_of(revision(10, 6), revision(11, 7))
    found = answers(wiki, DEFAULT_TAG, [question(10, 11)], lambda _: {CAT: tally}, {})
    assert [told for _, told in found.settled] == [state]


def _many(count: int) -> list[Question]:
    return [question(10, 11, qid=Qid(f"Q{n}")) for n in range(1, count + 1)]


def test_too_many_of_one_pair_wait() -> None:
    rows = revision(10, 6), revision(11, 7), revision(12, 8)
    assert set(states(wiki_of(*rows), *_many(PAIR_LIMIT))) == {RefusalState.SHARED}
    many = _many(PAIR_LIMIT + 1)
    assert set(states(wiki_of(*rows), *many)) == {RefusalState.WAITING}
    third = question(10, 11, 12, qid=Qid("Q1"))
    assert states(wiki_of(*rows), third, *many[1:])[0] == RefusalState.SHARED


@pytest.mark.parametrize(
    ("already", "expected"),
    [
        ({CAT: ITEM_LIMIT - 1}, [RefusalState.SHARED, RefusalState.WAITING]),
        ({CAT: ITEM_LIMIT}, [RefusalState.WAITING] * 2),
        ({Qid("Q1"): ALL_LIMIT - 1}, [RefusalState.SHARED, RefusalState.WAITING]),
        ({Qid("Q1"): ALL_LIMIT - 2}, [RefusalState.SHARED] * 2),
    ],
)
def test_a_month_has_an_end_however_many_harvests_it_has(
    already: Mapping[Qid, int], expected: list[RefusalState]
) -> None:
    """Nobody is remembered, so no pair is known again: what all share is limited."""
    wiki = wiki_of(revision(10, 6), revision(11, 7))
    both = [question(10, 11), question(10, 11, sha1="b" * 40)]
    found = answers(wiki, DEFAULT_TAG, both, tallies, already)
    assert [state for _, state in found.settled] == expected


def test_what_says_nothing_is_named_so_that_it_is_never_asked_again() -> None:
    wiki = wiki_of(revision(10, 6), revision(12, 6), revision(13, 6, comment="by hand"))
    asked = question(10, 11, 12, 13)
    found = answers(wiki, DEFAULT_TAG, [asked], tallies, {})
    # the first of the one person stays: a second one may agree
    assert (found.settled, found.useless) == ([], [question(11, 12, 13)])
    nobody = answers(wiki_of(), DEFAULT_TAG, [question(10, 11)], tallies, {})
    assert nobody.useless == [question(10, 11)]
