"""Which edits are ours and what they added, from answers of a real wiki and broken ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from depicts_bot.harvest import Change, changes, claims
from depicts_bot.ours import known_tag, model_of
from depicts_bot.wiki import Json
from depicts_model.claims import DEPICTS
from depicts_model.types import Claim, Mid, Qid
from tests.claims import depicts_claim
from tests.sandbox.world import DEFAULT_TAG

from .conftest import ScriptedWiki

RECORDED = Path(__file__).parents[1] / "fixtures" / "api" / "recorded.jsonl"
SUMMARY = "/* wbeditentity-update:0| */ Suggest depicts, model tiny-1"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
CAT, DOG = Qid("Q146"), Qid("Q144")


def answer(part: str) -> Json:
    """The recorded answer to the request of which this is part."""
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    (found,) = [pair["resp"] for pair in map(json.loads, lines) if part in json.dumps(pair["req"])]
    told: Json = found
    return told


def row(**changed: Any) -> Json:
    """A row of recent changes, as the recording has it."""
    found = answer('"rctag"')["query"]["recentchanges"][0]
    return {**found, "timestamp": "2026-11-21T12:00:00Z", "comment": SUMMARY, **changed}


@pytest.mark.parametrize(
    ("changed", "model"),
    [
        ({}, "tiny-1"),
        ({"comment": f"{SUMMARY} ([[:toolforge:x|details]])"}, "tiny-1"),
        ({"comment": "/* wbeditentity-update:0| */ s"}, None),
        ({"comment": "Suggest depicts, model " + "x" * 65}, None),
        ({"commenthidden": True, "comment": ""}, None),
        ({"tags": ["android app edit"]}, None),
        ({"tags": []}, None),
    ],
)
def test_an_edit_is_ours_by_tag_and_summary(changed: Json, model: str | None) -> None:
    assert model_of(row(**changed), DEFAULT_TAG) == model


def test_without_a_tag_the_summary_tells() -> None:
    assert model_of(row(tags=[]), "") == "tiny-1"
    assert model_of({"revid": 5}, "") is None


def test_whether_the_wiki_has_the_tag() -> None:
    told = {"query": {"tags": [{"name": "mw-undo"}, {"name": DEFAULT_TAG}]}}
    assert known_tag(ScriptedWiki([told]), DEFAULT_TAG) == DEFAULT_TAG
    assert known_tag(ScriptedWiki([told]), "another") == ""
    assert known_tag(ScriptedWiki([]), "") == ""


def test_changes_are_read_page_by_page() -> None:
    foreign = row(revid=99, comment="by hand")
    pages: list[Json] = [
        {"query": {"recentchanges": [row(), foreign]}, "continue": {"rccontinue": "1|2"}},
        {"query": {"recentchanges": [row(revid=30, old_revid=0)]}},
    ]
    wiki = ScriptedWiki(pages)
    first, second = changes(wiki, DEFAULT_TAG, NOON, NOON)
    assert first == [Change(3, 27, 26, NOON, "tiny-1")]
    assert second == [Change(3, 30, 0, NOON, "tiny-1")]
    assert {asked["rctag"] for asked in wiki.asked} == {DEFAULT_TAG}
    # nothing that tells of a person is even asked for
    assert all("user" not in asked["rcprop"] for asked in wiki.asked)
    wiki = ScriptedWiki([{"query": {"recentchanges": []}}])
    assert list(changes(wiki, "", NOON, NOON)) == [[]]
    assert "rctag" not in wiki.asked[0]


def entity(*qids: Qid) -> str:
    statements = [depicts_claim(qid) | {"id": f"M11${qid}"} for qid in qids]
    return json.dumps({"id": "M11", "statements": {DEPICTS: statements} if qids else []})


def told(**revisions: str | None) -> Json:
    """An answer with these revisions of page 11; None: its content is hidden."""
    rows = [
        {
            "revid": int(name[1:]),
            "slots": {"mediainfo": {"texthidden": True} if text is None else {"content": text}},
        }
        for name, text in revisions.items()
    ]
    return {"query": {"pages": [{"pageid": 11, "revisions": rows}]}}


def added(answer: Json, *found: Change) -> list[Qid]:
    return [claim.qid for claim in claims(ScriptedWiki([answer]), found or [OURS])]


OURS = Change(11, 29, 11, NOON, "tiny-1")


def test_what_the_real_answer_says() -> None:
    """The recorded revision added the file's first statement."""
    slot = answer('"prop": "revisions", "pageids": "11"')
    found = {"revid": 11, "slots": {}}
    slot["query"]["pages"][0]["revisions"].append(found)
    (claim,) = claims(ScriptedWiki([slot]), [OURS])
    guid = "M11$CE03C84E-9C6A-45E0-931F-B73624147BF5"
    assert claim == Claim(Mid("M11"), Qid("Q376"), guid, 29, NOON, "tiny-1")


def test_only_what_the_edit_added_is_ours() -> None:
    assert added(told(r29=entity(CAT, DOG), r11=entity(DOG))) == [CAT]
    assert added(told(r29=entity(DOG), r11=entity(CAT, DOG))) == []
    assert added(told(r29=entity(CAT), r11=entity())) == [CAT]
    assert added(told(r29=entity(CAT)), Change(11, 29, 0, NOON, "tiny-1")) == [CAT]


@pytest.mark.parametrize(
    "answer",
    [
        told(r29=entity(CAT), r11=None),
        told(r29=None, r11=entity(DOG)),
        told(r29=entity(CAT)),
        {"query": {"pages": [{"pageid": 11, "revisions": [{"revid": 29}]}]}},
        {"query": {"badrevids": {"29": {"revid": 29, "missing": True}}}},
    ],
    ids=["hidden before", "hidden", "before is gone", "no slots", "deleted"],
)
def test_what_cannot_be_compared_is_nobodys(answer: Json) -> None:
    assert added(answer) == []


def test_twenty_five_edits_a_question() -> None:
    many = [Change(11, 1000 + n, 2000 + n, NOON, "tiny-1") for n in range(60)]
    wiki = ScriptedWiki([{"query": {}}] * 3)
    assert claims(wiki, many) == []
    assert [len(asked["revids"].split("|")) for asked in wiki.asked] == [50, 50, 20]
