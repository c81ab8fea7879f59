"""Values to store: a few by hand, and strategies for the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from depicts_model.types import (
    Decision,
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
    Verdict,
)

V = "tiny-1"
SAID = datetime(2026, 11, 2, tzinfo=UTC)
"""When people decide."""


def file_ref(number: int, sha1: str = "a") -> FileRef:
    mid, day = Mid(f"M{number}"), datetime(2026, 11, 1, tzinfo=UTC)
    return FileRef(mid, f"File:Cat {number}.jpg", sha1 * 40, 70 + number, day, "https://u.test/t")


def suggested(number: int, *qids: str, version: str = V) -> Suggested:
    mid, made = Mid(f"M{number}"), []
    for rank, qid in enumerate(qids or ("Q146",)):
        confidence = 0.9 - rank / 10
        made.append(Suggestion(mid, Qid(qid), confidence, ("pixels",), (Qid("Q1"),), (), version))
    return Suggested(tuple(made))


def decision(qid: str, verdict: Verdict, number: int = 1, revision: int | None = None) -> Decision:
    """With a token that was made an hour before."""
    issued = SAID - timedelta(hours=1)
    made = Decision(Mid(f"M{number}"), "a" * 40, Qid(qid), verdict, SAID, revision)
    return replace(made, issued=issued)


# what a database can hold: no lone surrogates; NUL is refused by some
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
qids = st.integers(1, 10**12 - 1).map(lambda n: Qid(f"Q{n}"))
zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=zones)
numbers = st.floats(0, 1e9, allow_subnormal=False)


@st.composite
def results(draw: st.DrawFn, version: str = V) -> tuple[FileRef, Outcome]:
    mid = Mid(f"M{draw(st.integers(1, 10**12 - 1))}")
    sha1 = draw(st.text("0123456789abcdef", min_size=40, max_size=40))
    revision = draw(st.integers(0, 2**62))
    file = FileRef(mid, draw(texts), sha1, revision, draw(times), draw(texts))
    return file, draw(_outcomes(mid, version))


def _outcomes(mid: Mid, version: str) -> st.SearchStrategy[Outcome]:
    suggestion = st.builds(
        Suggestion,
        mid=st.just(mid),
        qid=qids,
        confidence=st.floats(0, 1, allow_subnormal=False),
        reasons=st.lists(texts, max_size=3).map(tuple),
        more_general=st.lists(qids, max_size=3).map(tuple),
        more_specific=st.lists(qids, max_size=3).map(tuple),
        model_version=st.just(version),
    )
    return st.one_of(
        st.lists(suggestion, max_size=5).map(lambda made: Suggested(tuple(made))),
        st.sampled_from(NothingReason).map(NothingToSuggest),
        st.sampled_from(SkipReason).map(Skipped),
        st.builds(Failed, texts, st.none() | numbers),
    )
