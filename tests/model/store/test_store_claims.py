"""What the harvest keeps: claims once, acceptances confirmed, and shared "no"s."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depicts_model.store import Store, schema
from depicts_model.types import (
    Claim,
    Mid,
    Qid,
    Question,
    Refusal,
    RefusalState,
    Skipped,
    SkipReason,
    Verdict,
)
from tests.model.store.values import SAID, V, decision, file_ref, suggested

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
SHA = "a" * 40
CLAIM = Claim(Mid("M1"), Qid("Q146"), "M1$0f2b", 900, SAID, V)


def offer(store: Store, *numbers: int) -> None:
    run = store.start_run("bot", V, {})
    results = [(file_ref(n), suggested(n, "Q146", "Q144")) for n in numbers]
    store.save_batch(run, V, results)


def confirmed(store: Store, number: int = 1) -> dict[str, bool]:
    return {d.qid: d.confirmed for d in store.decisions(Mid(f"M{number}"))}


def test_nothing_of_a_claims_author_is_kept() -> None:
    assert {column.name for column in schema.claim.columns} == {
        *("id", "mid", "qid", "statement", "revision", "at", "model_version", "matched"),
        *("confidence", "after_7", "after_30"),
    }
    assert {c.name for c in schema.refusal.columns} == {"sha1", "qid", "state", "at"}


def test_a_claim_is_kept_once_however_often_it_is_found(store: Store) -> None:
    later = replace(CLAIM, revision=950, statement="M1$77")
    other = replace(CLAIM, qid=Qid("Q144"))
    assert store.add_claims([CLAIM, CLAIM]) == 1
    assert store.add_claims([later, CLAIM, other]) == 2
    assert store.add_claims([]) == 0
    assert sorted(store.claims(Mid("M1")), key=lambda c: (c.revision, c.statement, c.qid)) == [
        *(other, CLAIM),
        later,
    ]
    assert store.claims(Mid("M2")) == []


def test_an_acceptance_is_true_when_its_claim_is_found(store: Store) -> None:
    offer(store, 1, 2)
    said = [decision("Q146", Verdict.ACCEPTED), decision("Q144", Verdict.ACCEPTED)]
    said = [replace(one, revision=900) for one in said]
    store.add_decisions("key-1", [*said, decision("Q5", Verdict.REJECTED)], V)
    store.add_decisions("key-2", [decision("Q146", Verdict.ACCEPTED, 2, 900)], V)
    assert confirmed(store) == {"Q146": False, "Q144": False, "Q5": False}
    store.add_claims([CLAIM, replace(CLAIM, qid=Qid("Q5"))])
    assert confirmed(store) == {"Q146": True, "Q144": False, "Q5": False}
    assert confirmed(store, 2) == {"Q146": False}
    # compared, and forgotten; of another file's nothing is known yet
    assert {one.revision for one in store.decisions(Mid("M1"))} == {None}
    assert store.decisions(Mid("M2"))[0].revision == 900


@pytest.mark.slow
@pytest.mark.parametrize("claim_first", [True, False])
def test_one_edit_confirms_one_persons_verdicts_however_many_name_it(
    store: Store, claim_first: bool
) -> None:
    offer(store, 1)
    if claim_first:
        store.add_claims([CLAIM])
    for number, revision in enumerate([900, *[900] * 9, *[None] * 9, *[901] * 9]):
        said = decision("Q146", Verdict.ACCEPTED, revision=revision)
        at = SAID + timedelta(seconds=number)
        store.add_decisions(f"key-{number}", [replace(said, at=at)], V)
    store.add_claims([CLAIM])
    store.add_claims([CLAIM])
    made = store.decisions(Mid("M1"))
    assert [one.confirmed for one in made] == [True, *[False] * 27]
    assert store.tallies([Qid("Q146")])[Qid("Q146")].confirmed == 1
    # an edit that was taken is nobody else's afterwards
    store.add_decisions("late", [decision("Q146", Verdict.ACCEPTED, revision=900)], V)
    store.add_decisions("no", [decision("Q144", Verdict.REJECTED, revision=900)], V)
    late = store.decisions(Mid("M1"))
    told = [(one.confirmed, one.revision) for one in late if one not in made]
    assert told == [(False, None)] * 2
    assert sum(one.confirmed for one in late) == 1


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("edited", "counts"),
    [
        (SAID - 59 * MINUTE, True),
        (SAID, True),
        # the clocks of two machines
        (SAID - 64 * MINUTE, True),
        (SAID + 4 * MINUTE, True),
        # before the token was made, after the verdict came
        (SAID - 66 * MINUTE, False),
        (SAID + 6 * MINUTE, False),
    ],
)
def test_an_edit_counts_if_it_was_saved_in_the_dialog(
    store: Store, edited: datetime, counts: bool
) -> None:
    offer(store, 1)
    said = [decision("Q146", Verdict.ACCEPTED, revision=900)]
    said += [decision("Q144", Verdict.REJECTED, revision=900)]
    store.add_decisions("key-1", said, V)
    store.add_claims([replace(CLAIM, at=edited)])
    assert confirmed(store) == {"Q146": counts, "Q144": counts}
    kept = {one.qid: one.revision for one in store.decisions(Mid("M1"))}
    assert kept == {"Q146": None, "Q144": 900 if counts else None}


def test_without_the_time_of_its_token_nothing_is_believed(store: Store) -> None:
    said = replace(decision("Q146", Verdict.ACCEPTED, revision=900), issued=None)
    store.add_decisions("key-1", [said], V)
    store.add_claims([CLAIM])
    assert confirmed(store) == {"Q146": False}


def test_another_persons_edit_makes_no_shared_no(store: Store) -> None:
    """Who quotes what others saved long ago, or just now and said so, said nothing."""
    offer(store, 1)
    old = [replace(CLAIM, revision=n, at=SAID - timedelta(days=n)) for n in (10, 11)]
    theirs = replace(CLAIM, revision=12)
    store.add_claims([*old, theirs])
    store.add_decisions("hers", [decision("Q146", Verdict.ACCEPTED, revision=12)], V)
    for number in (10, 11, 12):
        said = decision("Q144", Verdict.REJECTED, revision=number)
        store.add_decisions(f"thief-{number}", [said], V)
    assert store.refusals_in_question(9) == []
    assert [one.revision for one in store.decisions(Mid("M1"))] == [None] * 4


def test_a_verdict_that_comes_after_the_harvest_is_confirmed_too(store: Store) -> None:
    offer(store, 1)
    store.add_claims([CLAIM])
    store.add_decisions("key-1", [decision("Q146", Verdict.ACCEPTED, revision=900)], V)
    assert confirmed(store) == {"Q146": True}
    # said anew under the same key: no acceptance any more
    store.add_decisions("key-1", [decision("Q146", Verdict.TOO_GENERAL)], V)
    assert confirmed(store) == {"Q146": False}


def test_confidence_is_looked_up_and_nobody_is_believed(store: Store) -> None:
    offer(store, 1)
    lie = replace(decision("Q144", Verdict.REJECTED), confidence=0.01, confirmed=True)
    refined = decision("Q25265", Verdict.ACCEPTED)
    store.add_decisions("key-1", [lie, decision("Q146", Verdict.ACCEPTED), refined], V)
    kept = {d.qid: (d.confidence, d.confirmed) for d in store.decisions(Mid("M1"))}
    assert kept == {"Q144": (0.8, False), "Q146": (0.9, False), "Q25265": (None, False)}
    # another model never offered it
    store.add_decisions("key-2", [decision("Q146", Verdict.ACCEPTED)], "other")
    assert store.decisions(Mid("M1"))[-1].confidence is None


def test_only_a_no_by_two_revisions_is_in_question(store: Store) -> None:
    for key, revision, number, verdict, qid in [
        *(("a", 11, 1, "rejected", "Q146"), ("b", 12, 2, "rejected", "Q146")),
        # twice by one revision, without one, once only, and two that are no "no"
        *(("a", 13, 1, "rejected", "Q1"), ("c", 13, 1, "rejected", "Q1")),
        *(("a", None, 1, "rejected", "Q2"), ("b", None, 1, "rejected", "Q2")),
        *(("a", 14, 1, "rejected", "Q3"), ("b", 15, 1, "too-general", "Q3")),
        *(("a", 16, 1, "skipped", "Q4"), ("b", 17, 1, "skipped", "Q4")),
    ]:
        said = decision(qid, Verdict(verdict), number, revision)
        store.add_decisions(f"{key}{revision}", [said], V)
        if revision:
            store.add_claims([replace(CLAIM, mid=said.mid, revision=revision)])
    # two revisions that no edit of ours has: the wiki is never asked about them
    for revision in (91, 92):
        said = decision("Q6", Verdict.REJECTED, revision=revision)
        store.add_decisions(f"invented {revision}", [said], V)
    both = ((Mid("M1"), 11), (Mid("M2"), 12))
    assert store.refusals_in_question(9) == [Question(SHA, Qid("Q146"), both)]
    assert store.refused(SHA) == frozenset()


def test_questions_are_passed_through_in_parts(store: Store) -> None:
    for qid in ("Q1", "Q2", "Q3"):
        for key in ("a", "b"):
            said = decision(qid, Verdict.REJECTED, revision=ord(key))
            for sha1 in ("a" * 40, "b" * 40):
                store.add_decisions(key, [replace(said, sha1=sha1)], V)
    store.add_claims([replace(CLAIM, revision=ord(key)) for key in ("a", "b")])
    found: list[Question] = []
    while part := store.refusals_in_question(2):
        assert len(part) <= 2
        found += part
        store.settle(part[0].sha1, part[0].qid, RefusalState.WAITING, NOW)
        for question in part[1:]:
            # one of two: it is no question any more
            store.clear(replace(question, revisions=question.revisions[1:]))
    assert [(q.sha1[0], q.qid) for q in found] == [(s, f"Q{n}") for s in "ab" for n in (1, 2, 3)]
    left: dict[tuple[str, str], list[int | None]] = {(q.sha1[0], q.qid): [] for q in found}
    for one in store.decisions(Mid("M1")):
        left[one.sha1[0], one.qid].append(one.revision)
    # of what is settled nothing is left; of what is not, what somebody may still agree with
    assert [list(map(bool, some)) for some in left.values()] == [[False] * 2, [True, False]] * 3


def test_a_revision_is_not_kept_for_long(store: Store) -> None:
    store.add_decisions("key-1", [decision("Q146", Verdict.REJECTED, revision=900)], V)
    store.add_claims([CLAIM])
    assert store.clear_older(SAID) == 0
    assert store.clear_older(SAID + MINUTE) == 1
    (kept,) = store.decisions(Mid("M1"))
    assert (kept.revision, kept.confirmed) == (None, True)


def test_a_settled_no_is_not_asked_about_again(store: Store) -> None:
    for qid in ("Q1", "Q2", "Q3"):
        for key, revision in (("a", 11), ("b", 12)):
            store.add_decisions(key, [decision(qid, Verdict.REJECTED, revision=revision)], V)
    store.add_claims([replace(CLAIM, revision=revision) for revision in (11, 12)])
    hour = timedelta(hours=1)
    store.settle(SHA, Qid("Q1"), RefusalState.SHARED, NOW)
    store.settle(SHA, Qid("Q2"), RefusalState.WAITING, NOW + hour)
    assert [q.qid for q in store.refusals_in_question(9)] == ["Q3"]
    store.settle(SHA, Qid("Q3"), RefusalState.WAITING, NOW)
    assert store.refusals_in_question(9) == []
    assert store.refused(SHA) == {"Q1"}
    assert store.refused("b" * 40) == frozenset()
    assert [one.qid for one in store.waiting(9)] == ["Q3", "Q2"]
    store.settle(SHA, Qid("Q2"), RefusalState.SHARED, NOW)
    store.settle(SHA, Qid("Q1"), RefusalState.DISMISSED, NOW)
    assert store.refused(SHA) == {"Q2"}
    assert store.waiting(9) == [Refusal(SHA, Qid("Q3"), RefusalState.WAITING, NOW)]


def test_what_is_told_of_a_file_comes_with_what_is_refused_for_its_content(store: Store) -> None:
    assert store.told(Mid("M1")) is None
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(1), Skipped(SkipReason.TOO_SMALL))])
    for sha1, qid in ((SHA, "Q1"), ("b" * 40, "Q2")):
        store.settle(sha1, Qid(qid), RefusalState.SHARED, NOW)
    store.settle(SHA, Qid("Q3"), RefusalState.WAITING, NOW)
    told = store.told(Mid("M1"))
    assert told is not None
    assert told[0] == store.latest(Mid("M1"))
    assert told[1] == {"Q1"}


def test_what_is_refused_for_many_contents_is_told_at_once(store: Store) -> None:
    others = [f"{number:040x}" for number in range(1200)]
    for sha1, qid, state in [
        *((SHA, "Q1", RefusalState.SHARED), (SHA, "Q2", RefusalState.SHARED)),
        *((SHA, "Q3", RefusalState.WAITING), (others[1], "Q4", RefusalState.DISMISSED)),
        *((others[-1], "Q5", RefusalState.SHARED), ("c" * 40, "Q6", RefusalState.SHARED)),
    ]:
        store.settle(sha1, Qid(qid), state, NOW)
    found = store.refused_of([SHA, *others])
    assert found == {sha1: store.refused(sha1) for sha1 in (SHA, *others[:2], others[-1])} | {
        sha1: frozenset() for sha1 in others[2:-1]
    }
    assert found[SHA] == {"Q1", "Q2"} and found[others[-1]] == {"Q5"}
    assert store.refused_of([]) == {}
