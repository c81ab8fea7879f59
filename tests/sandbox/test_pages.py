"""The pages of the embedded wiki: who is logged in on them, and what they bring for the gadget."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from . import gadget_files, photos
from .gadget_files import GADGET, GadgetConfig
from .server import EmbeddedWiki

SERVICE = "http://127.0.0.1:4711"
CAT = "/wiki/File:Chelsea_the_cat.png"


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    world = photos.demo_world({"Q146": "cat <b>"})
    gadget = GadgetConfig(service=SERVICE)
    with EmbeddedWiki(world, visitor="Reviewer", gadget=gadget) as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def user(wiki: EmbeddedWiki, http: requests.Session) -> str:
    """Whom the API takes this browser for."""
    asked = {"action": "query", "meta": "userinfo", "format": "json", "formatversion": "2"}
    found: str = http.get(wiki.api, params=asked, timeout=30).json()["query"]["userinfo"]["name"]
    return found


def data(html: str) -> Any:
    """What the page brings for its scripts."""
    found = re.search(r'<script type="application/json" id="mw-data">(.*?)</script>', html)
    assert found, html
    return json.loads(found[1])


needs_parts = pytest.mark.skipif(
    not GadgetConfig(SERVICE).installed, reason="Vue and Codex are not installed: make setup"
)


# --- who ---


def test_the_api_logs_nobody_in(wiki: EmbeddedWiki, http: requests.Session) -> None:
    assert user(wiki, http) == "127.0.0.1"


def test_whoever_opens_a_page_is_the_visitor_from_then_on(
    wiki: EmbeddedWiki, http: requests.Session
) -> None:
    assert "Logged in as <bdi>Reviewer</bdi>" in http.get(wiki.url + CAT, timeout=30).text
    assert user(wiki, http) == "Reviewer"


def test_a_session_that_is_there_stays_as_it_is(wiki: EmbeddedWiki, http: requests.Session) -> None:
    user(wiki, http)
    assert "Not logged in" in http.get(wiki.url + CAT, timeout=30).text


def test_without_the_option_nobody_is_logged_in(http: requests.Session) -> None:
    with EmbeddedWiki(photos.demo_world({})) as wiki:
        page = http.get(wiki.url + CAT, timeout=30).text
        assert "Not logged in" in page
        assert "<script" not in page
        assert user(wiki, http) == "127.0.0.1"


def test_a_visitor_must_be_an_account() -> None:
    with pytest.raises(ValueError, match="Nobody"):
        EmbeddedWiki(photos.demo_world({}), visitor="Nobody")


# --- what the page shows ---


def test_a_file_page_says_who_made_the_picture_and_how_it_may_be_used(wiki: EmbeddedWiki) -> None:
    page = requests.get(wiki.url + CAT, timeout=30).text
    for words in ("Stefan van der Walt", "CC0 1.0", "A tabby cat named Chelsea", "on this machine"):
        assert words in page
    assert "Uploaded with the sandbox" not in page


def test_a_label_is_never_markup(wiki: EmbeddedWiki) -> None:
    page = wiki.state.commons.page("File:Chelsea the cat.png")
    assert page
    order = {"do": "claim", "entity": f"M{page.id}", "item": "Q146", "prop": "P180"}
    requests.post(wiki.url + "/sandbox/control", json=order, timeout=30).raise_for_status()
    html = requests.get(wiki.url + CAT, timeout=30).text
    assert "cat &lt;b&gt;" in html
    assert "<b>" not in html


@needs_parts
def test_what_the_page_brings_cannot_end_its_script_element(wiki: EmbeddedWiki) -> None:
    title = "File:A & \"B\" 'C'.png"
    page = wiki.state.commons.page("File:Chelsea the cat.png")
    assert page
    wiki.state.commons.move(page, title, "Admin", "")
    wiki.gadget = GadgetConfig(SERVICE + "/</script><b>")
    html = requests.get(f"{wiki.url}/w/index.php?curid={page.id}", timeout=30).text
    config = data(html)["config"]
    assert config["wgTitle"] == title.removeprefix("File:")
    assert config["wgSuggestDepictsService"] == wiki.gadget.service
    assert html.count("</script") == 2
    assert "<b>" not in html


def test_a_diff_tells_of_the_edit_above_its_page(wiki: EmbeddedWiki) -> None:
    site = wiki.state.commons
    page = site.page("File:Chelsea the cat.png")
    assert page
    made = site.save(page, "Reviewer", "<i>why</i>", tags=["suggest-depicts"])
    html = requests.get(f"{wiki.url}/w/index.php?diff={made.id}", timeout=30).text
    assert "File:Chelsea the cat.png" in html
    assert "&lt;i&gt;why&lt;/i&gt;" in html
    assert "suggest-depicts" in html
    assert requests.get(f"{wiki.url}/w/index.php?diff=99999999", timeout=30).status_code == 200


def test_the_main_page_lists_every_file(wiki: EmbeddedWiki) -> None:
    html = requests.get(wiki.url, timeout=30).text
    assert html.count("<li>") == len(photos.read_table())


# --- what it brings for the gadget ---


@needs_parts
def test_the_page_brings_what_the_gadget_asks_of_mw_config(
    wiki: EmbeddedWiki, http: requests.Session
) -> None:
    answer = http.get(wiki.url + CAT, timeout=30)
    told = data(answer.text)
    config = told["config"]
    assert config["wbEntityId"] == "M2"
    assert config["wgNamespaceNumber"] == 6
    assert config["wgUserName"] == "Reviewer"
    assert config["wgSuggestDepictsService"] == SERVICE
    policy = answer.headers["Content-Security-Policy"]
    assert f"connect-src 'self' {SERVICE};" in policy
    assert "script-src 'self' 'unsafe-eval';" in policy


@needs_parts
@pytest.mark.parametrize(
    ("asked", "language"), [("", "en"), ("de", "de"), ("pt-br", "pt-br"), ('x"><b>', "en")]
)
def test_a_page_may_be_asked_for_in_another_language(
    wiki: EmbeddedWiki, asked: str, language: str
) -> None:
    html = requests.get(wiki.url + CAT, params={"uselang": asked}, timeout=30).text
    assert data(html)["config"]["wgUserLanguage"] == language


@needs_parts
def test_the_token_of_the_page_is_that_of_the_session(
    wiki: EmbeddedWiki, http: requests.Session
) -> None:
    token = data(http.get(wiki.url + CAT, timeout=30).text)["tokens"]["csrf"]
    asked = {"action": "query", "meta": "tokens", "format": "json"}
    answer = http.get(wiki.api, params=asked, timeout=30).json()
    assert answer["query"]["tokens"]["csrftoken"] == token != "+\\"


@needs_parts
def test_what_an_account_prefers_is_kept_and_brought_along(
    wiki: EmbeddedWiki, http: requests.Session
) -> None:
    token = data(http.get(wiki.url + CAT, timeout=30).text)["tokens"]["csrf"]
    told = {"action": "options", "optionname": "userjs-x", "optionvalue": "1", "format": "json"}
    assert http.post(wiki.api, data=told, timeout=30).json()["error"]["code"] == "missingparam"
    answer = http.post(wiki.api, data={**told, "token": token}, timeout=30).json()
    assert answer == {"options": "success"}
    assert data(http.get(wiki.url + CAT, timeout=30).text)["options"] == {"userjs-x": "1"}
    assert data(requests.get(wiki.url + CAT, timeout=30).text)["options"] == {"userjs-x": "1"}


@needs_parts
@pytest.mark.parametrize("name", gadget_files.dependencies(GadgetConfig(SERVICE)))
def test_every_module_can_be_loaded(wiki: EmbeddedWiki, name: str) -> None:
    address = f"{wiki.url}/w/load.php"
    answer = requests.get(address, params={"modules": name}, timeout=30)
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.text.startswith(f'mw.loader.impl( "{name}", {{')


@pytest.mark.parametrize(
    "path",
    [
        "/w/load.php?modules=no.such",
        "/w/load.php?modules=../../setup.cfg&only=styles",
        "/w/load.php",
        "/w/static/../pages_html.py",
        "/w/static/app.py",
    ],
)
def test_nothing_else_is_served(wiki: EmbeddedWiki, path: str) -> None:
    assert requests.get(wiki.url + path, timeout=30).status_code == 404


def test_without_vue_and_codex_the_page_says_what_to_type(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    shutil.copytree(GADGET / "src", tmp_path / "src")
    wiki.gadget = GadgetConfig(SERVICE, tmp_path)
    page = requests.get(wiki.url + CAT, timeout=30).text
    assert "type <code>make setup</code>" in page
    assert "<script" not in page
