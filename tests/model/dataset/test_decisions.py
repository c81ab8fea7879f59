"""What people decided: only what is confirmed and undisputed teaches anything (promise 5)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from depicts_model.dataset.decisions import Decisions
from depicts_model.types import Decision, FileRef, Mid, Refusal, RefusalState, Verdict
from tests.model.dataset.sources import qids, warned

AT = datetime(2026, 11, 2, tzinfo=UTC)
A, B = "a" * 40, "b" * 40
(CAT, TABBY) = qids(146, 1124)


def said(
    verdict: Verdict = Verdict.ACCEPTED, sha1: str = A, confirmed: bool = True, number: int = 1
) -> Decision:
    return Decision(Mid(f"M{number}"), sha1, CAT, verdict, AT, confirmed=confirmed)


def refusal(state: RefusalState = RefusalState.SHARED, sha1: str = A) -> Refusal:
    return Refusal(sha1, CAT, state, AT)


@pytest.mark.parametrize("verdict", Verdict)
def test_without_an_edit_nothing_is_learnt(verdict: Verdict) -> None:
    rows, told, _ = warned(Decisions([(said(verdict, confirmed=False), None)]))
    assert rows == []
    assert told.counts["decisions not confirmed by an edit"] == 1


@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.ACCEPTED}))
def test_what_accepts_nothing_is_no_item_of_the_file(verdict: Verdict) -> None:
    assert warned(Decisions([(said(verdict), None)]))[0] == []


def test_an_item_on_which_people_disagree_is_not_learnt() -> None:
    (found,), told, _ = warned(Decisions([(said(), None)], [refusal()]))
    assert (found.things, found.refused) == ((), (CAT,))
    assert told.counts["decisions that others contradict"] == 1


@pytest.mark.parametrize("state", [RefusalState.WAITING, RefusalState.DISMISSED])
def test_a_no_that_not_everybody_shares_changes_nothing(state: RefusalState) -> None:
    (found,), _, _ = warned(Decisions([(said(), None)], [refusal(state)]))
    assert (found.things, found.refused) == (((CAT,),), ())


def test_a_no_about_other_content_changes_nothing() -> None:
    (found,), _, _ = warned(Decisions([(said(), None)], [refusal(sha1=B)]))
    assert (found.things, found.refused) == (((CAT,),), ())


def test_a_row_is_a_version_of_a_file_with_all_that_was_accepted() -> None:
    file = FileRef(Mid("M1"), "File:Cat.jpg", A, 7, AT, "https://u.test/t")
    other = Decision(Mid("M1"), A, TABBY, Verdict.ACCEPTED, AT, confirmed=True)
    no = Refusal(A, qids(5)[0], RefusalState.SHARED, AT)
    decisions = [(said(sha1=B), None), (other, file), (said(), file), (said(number=10), None)]
    rows, _, _ = warned(Decisions(decisions, [no]))
    assert [(row.file, row.sha1) for row in rows] == [("M1", A), ("M1", B), ("M10", A)]
    assert rows[0].things == ((TABBY,), (CAT,))
    assert (rows[0].time, rows[0].location) == (AT, "File:Cat.jpg")
    assert rows[0].refused == rows[2].refused == qids(5)
    assert (rows[1].time, rows[1].location, rows[1].uploader) == (None, "", "")


def test_the_manifest_tells_of_decisions_by_their_number_and_hash() -> None:
    (one, _), (other, _) = (Decisions([(said(number=number), None)]).inputs() for number in (1, 2))
    assert one["count"] == 1 and one["sha256"] != other["sha256"]
