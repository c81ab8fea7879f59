"""What became of a claim, from what the wiki tells of its edit and of the file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from depicts_bot.fates import fates
from depicts_bot.wiki import Json
from depicts_model.claims import DEPICTS
from depicts_model.types import Claim, Fate, Mid, Qid
from tests.claims import depicts_claim

from .conftest import ScriptedWiki

CAT, DOG = Qid("Q146"), Qid("Q144")
OURS = Claim(Mid("M11"), CAT, "M11$ours", 29, datetime(2026, 11, 1, tzinfo=UTC), "tiny-1")


def statement(guid: str, qid: Qid, **more: Any) -> Json:
    return depicts_claim(qid) | {"id": guid} | more


def entity(*statements: Json) -> Json:
    return {"id": "M11", "statements": {DEPICTS: [*statements]} if statements else []}


AS_SAVED = statement("M11$ours", CAT, qualifiers=[])
NOT_THERE: Json = {"id": "M11", "missing": ""}


def edit(saved: Json | None = AS_SAVED, *tags: str, **more: Any) -> Json:
    """The answer about the edit; None: its content is hidden."""
    slot = {"texthidden": True} if saved is None else {"content": json.dumps(entity(saved))}
    row = {"revid": 29, "tags": [*tags], "slots": {"mediainfo": slot}} | more
    return {"query": {"pages": [{"pageid": 11, "revisions": [row]}]}}


GONE: Json = {"query": {"badrevids": {"29": {"revid": 29, "missing": True}}}}


def fate(edit: Json, now: Json) -> Fate:
    wiki = ScriptedWiki([edit, {"entities": {"M11": now}}])
    (found,) = fates(wiki, [OURS]).values()
    # nothing that tells of a person is even asked for
    assert all("user" not in asked.get("rvprop", "") for asked in wiki.asked)
    return found


def qualified(qid: str = "Q1") -> Json:
    snak = depicts_claim(Qid(qid))["mainsnak"] | {"property": "P518"}
    return {"P518": [snak]}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (statement("M11$ours", CAT), Fate.STANDING),
        (statement("M11$ours", CAT, qualifiers={}), Fate.STANDING),
        (statement("M11$ours", CAT, references=[{"snaks": {}}]), Fate.STANDING),
        # ours was taken back in a racer's favour, or made anew
        (statement("M11$other", CAT), Fate.STANDING),
        (statement("M11$ours", DOG), Fate.CHANGED),
        (statement("M11$ours", CAT, rank="preferred"), Fate.CHANGED),
        (statement("M11$ours", CAT, rank="deprecated"), Fate.CHANGED),
        (statement("M11$ours", CAT, qualifiers=qualified()), Fate.CHANGED),
        (statement("M11$ours", CAT, mainsnak={"snaktype": "somevalue"}), Fate.CHANGED),
        (statement("M11$other", DOG), Fate.REVERTED),
    ],
)
def test_a_statement_stands_is_changed_or_gone(now: Json, told: Fate) -> None:
    assert fate(edit(), entity(now)) is told


def test_what_it_is_compared_with_is_what_was_saved() -> None:
    """The gadget can save a statement as prominent: then that is no change."""
    saved = statement("M11$ours", CAT, rank="preferred", qualifiers=qualified())
    assert fate(edit(saved), entity(saved)) is Fate.STANDING
    assert fate(edit(saved), entity({**saved, "rank": "normal"})) is Fate.CHANGED
    other = {**saved, "qualifiers": qualified("Q2")}
    assert fate(edit(saved), entity(other)) is Fate.CHANGED


@pytest.mark.parametrize("now", [entity(), NOT_THERE, entity(AS_SAVED)])
def test_an_edit_that_the_wiki_marks_was_reverted(now: Json) -> None:
    """Also where somebody put it back: it was contested."""
    assert fate(edit(AS_SAVED, "suggest-depicts", "mw-reverted"), now) is Fate.REVERTED


def test_a_file_that_is_gone_says_nothing() -> None:
    assert fate(GONE, NOT_THERE) is Fate.DELETED
    assert fate(edit(), NOT_THERE) is Fate.REVERTED, "the file is there, its statements are not"
    assert fate(GONE, entity(AS_SAVED)) is Fate.STANDING, "only the revision was deleted"


def test_a_hidden_edit_is_compared_by_its_value() -> None:
    preferred = statement("M11$ours", CAT, rank="preferred")
    for hidden in (edit(None), edit(slots=None), edit(slots=[])):
        assert fate(hidden, entity(preferred)) is Fate.STANDING
        assert fate(hidden, entity(statement("M11$ours", DOG))) is Fate.CHANGED


def test_two_questions_for_all_of_them() -> None:
    claims = [replace(OURS, revision=n, mid=Mid(f"M{n % 7 + 1}")) for n in range(50)]
    gone = {claim.mid: {"id": claim.mid, "missing": ""} for claim in claims}
    wiki = ScriptedWiki([{"query": {}}, {"entities": gone}])
    assert set(fates(wiki, claims).values()) == {Fate.DELETED}
    edits, entities = wiki.asked
    assert len(edits["revids"].split("|")) == 50 and len(entities["ids"].split("|")) == 7
