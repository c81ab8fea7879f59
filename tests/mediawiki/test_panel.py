"""Pages get what WikibaseMediaInfo adds to them; tests/browser sees it at work."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from depicts_model.claims import DEPICTS
from tests.sandbox import entity as entities
from tests.sandbox.loading import item_claim
from tests.sandbox.records import Page, Revision
from tests.sandbox.state import State
from tests.sandbox.world import plain_entities, world_of

from . import panel

Json = dict[str, Any]

BASE, SERVICE = "http://wiki.test", "http://service.test"
PAGE = """<html class="client-nojs" lang="de" dir="ltr"><head>
<script>RLCONF={config};RLSTATE={{}};</script></head><body class="skin-monobook">
<div id="mw-content-text" class="mw-body-content"><div id="file">picture</div>\
<div id="mw-imagepage-content"><table id="diff"></table>\
<div class="mw-content-ltr mw-parser-output"><p id="text">Text</p></div></div>\
<h2 id="filehistory">History</h2>\
<div class="printfooter">footer</div></div></body></html>"""
FILE: Json = {
    "wgNamespaceNumber": 6,
    "wgAction": "view",
    "wgArticleId": 2,
    "wgCurRevisionId": 9,
    "wgIsRedirect": False,
}


def page(**config: Any) -> str:
    return PAGE.format(config=json.dumps(FILE | config))


def state(*items: str) -> State:
    """Where file 2 depicts these, labelled with markup."""
    labels = {"Q146": '<b>"cat"</b>', DEPICTS: "depicts"}
    rows = plain_entities(labels)
    rows[DEPICTS] |= {"datatype": "wikibase-item"}
    made = State(world_of({"files": [], "users": [], "entities": rows}, {}))
    found = entities.empty("M2")
    for item in items:
        guid = made.commons.new_guid("M2")
        one = entities.statement(item_claim(DEPICTS, item), guid, made.datatype)
        found = entities.with_statement(found, one)
    revision = Revision(9, 0, 2, "", "", "", "", found if items else None)
    made.commons.keep(Page(2, "File:A.png"), revision)
    return made


def settings(text: str) -> Json:
    found = re.search(r"RLCONF=(\{.*?\});RLSTATE", text)
    assert found
    told: Json = json.loads(found[1])
    return told


def test_a_file_page_names_its_entity_even_before_there_is_one() -> None:
    told = settings(panel.completed(page(), state(), BASE, SERVICE))
    assert (told["wbEntityId"], told["wbCurrentRevision"]) == ("M2", None)
    assert told["wgSuggestDepictsService"] == SERVICE
    assert settings(panel.completed(page(), state("Q146"), BASE, ""))["wbCurrentRevision"] == 9


@pytest.mark.parametrize(
    "config",
    [{"wgNamespaceNumber": 14}, {"wgAction": "edit"}, {"wgArticleId": 0}, {"wgIsRedirect": True}],
)
def test_other_pages_have_no_entity_and_no_panel(config: Json) -> None:
    text = panel.completed(page(**config), state("Q146"), BASE, SERVICE)
    assert "wbEntityId" not in settings(text) and "wbmi" not in text
    assert settings(text)["wgSuggestDepictsService"] == SERVICE
    assert panel.completed(page(**config), state(), BASE, "") == page(**config)


def test_what_is_no_page_stays_as_it_is() -> None:
    assert (
        panel.completed("<html>an error</html>", state(), BASE, SERVICE) == "<html>an error</html>"
    )


def test_the_service_cannot_end_the_script() -> None:
    text = panel.completed(page(), state(), BASE, "</script><b>")
    assert "</script><b>" not in text
    assert settings(text)["wgSuggestDepictsService"] == "</script><b>"


class Tree(HTMLParser):
    """Where elements stand: the classes of all that they are in."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self.links: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        name = found.get("id") or found.get("class", "").split(" ")[0] or tag
        self.inside.setdefault(name, [*self.open])
        if tag in ("link", "br", "img"):
            # nothing is in them
            return
        if tag == "a":
            self.links.append((found["title"], found["href"]))
        self.open.append(found.get("class", "") + " " + found.get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()


def test_the_text_is_in_the_first_tab_and_the_statements_in_the_second() -> None:
    tree = Tree(panel.completed(page(), state("Q146"), BASE, ""))
    in_tabs = [
        " ".join(tree.inside[name]) for name in ("mw-imagepage-content", "text", "filehistory")
    ]
    assert all("wbmi-tabs-container" in one and "ooui-php-4" in one for one in in_tabs)
    group = " ".join(tree.inside[DEPICTS])
    assert "wbmi-tabs" in group and "ooui-php-5" in group and "mw-body-content" in group
    above = [*tree.inside["file"], *tree.inside["diff"], *tree.inside["printfooter"]]
    assert not any("wbmi" in one for one in above)


def test_a_statement_is_a_row_with_links_and_labels_are_text() -> None:
    text = panel.completed(page(), state("Q146"), BASE, "")
    assert '<div class="wbmi-item wbmi-item-read">' in text
    assert "<b>" not in text and "&lt;b&gt;&quot;cat&quot;&lt;/b&gt;" in text
    titles = [title for title, _ in Tree(text).links]
    assert titles == [f"d:Special:EntityPage/{one}" for one in (DEPICTS, "Q146")]
    kept = re.search(r'data-mw-statements="(.*?)"', text)
    assert kept
    [row] = json.loads(html.unescape(kept[1]))
    assert row["mainsnak"]["datavalue"]["value"]["id"] == "Q146"
