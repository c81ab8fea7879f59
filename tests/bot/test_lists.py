"""The on-wiki page of lists: missing is empty, broken stops, and nothing is ignored silently."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from depicts_bot.lists import Lists, read_lists
from depicts_bot.wiki import Json
from depicts_model.catalog import Catalog
from depicts_model.errors import ConfigurationError, WikiError
from depicts_model.overrides import KEYS, NONE, Overrides
from depicts_model.settings import Settings
from depicts_model.types import Qid
from tests.console import blocks

from .conftest import ScriptedWiki

TITLE = Settings().lists_page
OPERATORS = Path(__file__).parents[2] / "docs" / "operators.md"
ROOF, SOMEBODY, SOLDIER, STRANGE = map(Qid, ("Q83180", "Q42", "Q4991371", "Q999999999999"))
ROOFS, HUE, WAR, FAIR, SOLDIERS = map(Qid, ("Q1", "Q1075", "Q198", "Q132241", "Q2"))


class Few(Catalog):
    """A catalog of which only the lists are asked."""

    def __init__(self) -> None:
        self.qids = (ROOF, SOMEBODY, SOLDIER, ROOFS, HUE, WAR, FAIR, SOLDIERS)
        self.people, self.personal = frozenset({SOMEBODY}), frozenset({SOLDIER})
        self.never_suggest = frozenset({ROOF, HUE, WAR, SOLDIER})
        self.depictable, self.too_general = frozenset({ROOF, WAR}), frozenset({WAR})
        self.withhold = frozenset({ROOF})

    def representative(self, qid: Qid) -> Qid:
        return {ROOFS: ROOF, SOLDIERS: SOLDIER}.get(qid, qid)


def answering(**page: Any) -> ScriptedWiki:
    return ScriptedWiki([{"query": {"pages": [{"title": TITLE, **page}]}}])


def page(text: str) -> ScriptedWiki:
    main = {"contentmodel": "json", "contentformat": "application/json", "content": text}
    revision = {"revid": 12, "parentid": 0, "slots": {"main": main}}
    return answering(pageid=3, ns=8, revisions=[revision])


def test_the_example_of_the_operators_page_is_understood() -> None:
    example, *_ = blocks(OPERATORS.read_text(encoding="utf-8"), "json")
    with Catalog.open() as catalog:
        found = read_lists(page(example), TITLE, catalog).overrides
        assert found.never_suggest <= catalog.visual
        assert found.allow <= catalog.never_suggest & catalog.depictable - catalog.too_general
    assert all(len(getattr(found, key)) == 1 for key in KEYS)


def test_no_title_asks_nothing() -> None:
    assert read_lists(ScriptedWiki([]), "", Few()) == Lists("")


def test_a_missing_page_changes_nothing() -> None:
    wiki = answering(ns=8, missing=True)
    assert read_lists(wiki, TITLE, Few()) == Lists(TITLE, NONE, None)
    assert wiki.asked == [
        {
            "action": "query",
            "titles": TITLE,
            "prop": "revisions",
            "rvprop": "ids|content",
            "rvslots": "main",
        }
    ]


def test_the_page_is_read() -> None:
    found = read_lists(
        page(json.dumps({"allow": {ROOF: "x"}, "withhold": {STRANGE: "y"}})), TITLE, Few()
    )
    assert found == Lists(
        TITLE, Overrides(allow=frozenset({ROOF}), withhold=frozenset({STRANGE})), 12
    )
    told = f"{TITLE}, revision 12: 0 never_suggest, 1 allow, 1 withhold, 0 release"
    assert found.line(Few()) == f"{told}; not in the catalog: {STRANGE}"


def test_what_has_no_effect_is_told() -> None:
    allowed = dict.fromkeys((ROOF, ROOFS, HUE, WAR, FAIR), "x")
    text = json.dumps({"allow": allowed, "release": {ROOFS: "y", FAIR: "z"}})
    _, *told = read_lists(page(text), TITLE, Few()).line(Few()).split("; ")
    assert told == [
        f"allow without effect (not barred, too general, or no sight): {HUE} {FAIR} {WAR}",
        f"release without effect (held nothing back): {FAIR}",
    ]


def test_the_record_keeps_no_text_of_the_page() -> None:
    found = read_lists(
        page(json.dumps({"allow": {ROOF: "asked for by User:Somebody"}})), TITLE, Few()
    )
    assert found.record() == {
        "page": TITLE,
        "revision": 12,
        "never_suggest": [],
        "allow": [ROOF],
        "withhold": [],
        "release": [],
    }


BROKEN: dict[str, tuple[ScriptedWiki, str]] = {
    "misspelt key": (page('{"alow": {}}'), "unknown key 'alow'; the nearest valid one is 'allow'"),
    "not JSON": (page("#REDIRECT [[Elsewhere]]"), "not JSON"),
    "empty": (page(""), "not JSON"),
    "a person": (page('{"allow": {"Q42": "x"}}'), "allow: Q42 is about people"),
    "a role": (page('{"release": {"Q4991371": "x"}}'), "release: Q4991371 is about people"),
    "a role's duplicate": (
        page('{"allow": {"Q2": "x"}}'),
        "allow: Q4991371 is about people",
    ),
    "hidden": (
        answering(revisions=[{"revid": 12, "slots": {"main": {"texthidden": True}}}]),
        "its latest revision is hidden",
    ),
    "no revision": (answering(pageid=3, ns=8), "its latest revision is hidden"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_page_is_an_error_that_names_it(name: str) -> None:
    wiki, fault = BROKEN[name]
    with pytest.raises(ConfigurationError) as caught:
        read_lists(ScriptedWiki([*wiki.answers]), TITLE, Few())
    assert str(caught.value).startswith(f"{TITLE}: ") and fault in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        {"pages": [{"title": "<bad>", "invalid": True, "invalidreason": "…"}]},
        {"interwiki": [{"title": "de:Lists", "iw": "de"}]},
    ],
    ids=["no title", "another wiki"],
)
def test_a_title_that_names_no_page_here_is_an_error_of_the_settings(query: Json) -> None:
    with pytest.raises(ConfigurationError, match=r"^lists_page: .*'<bad>'"):
        read_lists(ScriptedWiki([{"query": query}]), "<bad>", Few())


def test_an_answer_that_is_none_is_an_error_of_the_wiki() -> None:
    with pytest.raises(WikiError, match="unexpected-answer"):
        read_lists(ScriptedWiki([{}]), TITLE, Few())
