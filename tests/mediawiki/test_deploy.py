"""The gadget's own deploy command on a real MediaWiki: what it puts there is what is loaded."""

from __future__ import annotations

import json

import pytest

from tests.gadget import recorded
from tests.gadget.deploying import DEFINITION, Repository
from tests.test_gadget_units import GADGET

from .deployed import deployed, for_everybody, this_gadget
from .installed import ADMIN, EDITOR
from .served import MediaWiki
from .session import Session

pytestmark = pytest.mark.slow
BUTTON = "MediaWiki:Gadget-suggest-depicts/src/button.js"
OTHERS = "== tools ==\n* other[ResourceLoader]|other.js"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    return this_gadget(tmp_path_factory.mktemp("checkout"))


@pytest.fixture(scope="module")
def admin(wiki: MediaWiki) -> Session:
    return wiki.session(ADMIN)


@pytest.fixture(scope="module")
def first(checkout: Repository, wiki: MediaWiki, admin: Session) -> str:
    """What it says where nothing of ours is yet."""
    admin.edit(DEFINITION, OTHERS)
    code, said = deployed(checkout, wiki, "--yes", "--section", "tools")
    assert code == 0, said
    return said


def modules(wiki: MediaWiki, admin: Session) -> dict[str, str]:
    """Our modules as ResourceLoader sends them."""
    names = json.loads((GADGET / "gadgets.json").read_text(encoding="utf-8"))
    asked = {"lang": "en", "skin": "minerva"}
    address = f"{wiki.url}/w/load.php"
    return {one: admin.http.get(address, params={"modules": one, **asked}).text for one in names}


def test_every_module_is_whole_on_the_wiki(first: str, wiki: MediaWiki, admin: Session) -> None:
    assert "fault" not in first
    for name, script in modules(wiki, admin).items():
        assert f'"{name}@' in script and "Parse error" not in script
    core = modules(wiki, admin)["ext.gadget.suggest-depicts-core"]
    assert ".suggestdepicts-chip" in core and '"suggest-depicts-title":' in core
    assert admin.text(DEFINITION).startswith(OTHERS)


def test_the_wiki_offers_the_button_alone(first: str, wiki: MediaWiki, admin: Session) -> None:
    told = admin.query(list="gadgets", gaprop="id|metadata|desc")["gadgets"]
    ours = {one["id"]: one for one in told if one["id"].startswith("suggest-depicts")}
    shown = [name for name, one in ours.items() if not one["metadata"]["settings"]["hidden"]]
    assert shown == ["suggest-depicts"] and len(ours) > 1
    assert "<b>Suggest depicts</b>" in ours["suggest-depicts"]["desc"]
    settings = ours["suggest-depicts"]["metadata"]["settings"]
    assert settings["actions"] == ["view"] and "6" in map(str, settings["namespaces"])


def test_all_pages_are_of_the_kind_that_they_are(first: str, admin: Session) -> None:
    asked = {"prop": "info", "generator": "allpages", "gapprefix": "Gadget-suggest-depicts/"}
    found = admin.query(**asked, gapnamespace=8, gaplimit=500)["pages"]
    models = {"js": "javascript", "css": "css", "json": "json"}
    # the lines of people's preferences are texts, a page a language
    assert found and all(
        one["contentmodel"] == models.get(one["title"].rpartition(".")[2], "wikitext")
        for one in found
    )


def test_what_is_there_is_not_written_again(
    first: str, checkout: Repository, wiki: MediaWiki
) -> None:
    code, said = deployed(checkout, wiki)
    assert code == 0 and said.startswith("0 of "), said


def test_a_gadget_that_an_administrator_gives_to_everybody_is_loaded_by_all(
    first: str, wiki: MediaWiki, admin: Session
) -> None:
    admin.upload("Cat.png", "A cat.")
    name = '"ext.gadget.suggest-depicts"'
    page = wiki.page("File:Cat.png")
    assert name not in admin.http.get(page, timeout=60).text
    before = admin.text(DEFINITION)
    for_everybody(admin)
    assert name in wiki.session().http.get(page, timeout=60).text
    admin.edit(DEFINITION, before)


def test_an_edit_on_the_wiki_stops_it(
    first: str, checkout: Repository, wiki: MediaWiki, admin: Session
) -> None:
    text = admin.text(BUTTON)
    admin.edit(BUTTON, f"{text}\n// mended", summary="mended")
    code, said = deployed(checkout, wiki, "--yes")
    assert code == 1 and f"drift: {BUTTON}: last edited by {ADMIN}" in said
    assert admin.text(BUTTON).endswith("// mended")
    assert deployed(checkout, wiki, "--yes", "--overwrite-drift")[0] == 0
    assert admin.text(BUTTON) == text


def test_a_script_that_the_wiki_cannot_parse_is_a_failure(
    first: str, checkout: Repository, wiki: MediaWiki
) -> None:
    path = checkout.gadget / "src" / "button.js"
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{text}\nasync () => 1;\n", encoding="utf-8")
        checkout.commit()
        code, said = deployed(checkout, wiki, "--yes")
    finally:
        path.write_text(text, encoding="utf-8")
        checkout.commit()
    assert code == 1 and "ResourceLoader cannot parse it: " in said
    assert deployed(checkout, wiki, "--yes")[0] == 0


def test_who_may_not_is_refused_in_one_line(
    first: str, checkout: Repository, wiki: MediaWiki, admin: Session
) -> None:
    styles = checkout.gadget / "src" / "gadget.css"
    text = styles.read_text(encoding="utf-8")
    styles.write_text(f"{text}/* more */\n", encoding="utf-8")
    checkout.commit()
    code, said = deployed(checkout, wiki, "--yes", who=EDITOR)
    title = "MediaWiki:Gadget-suggest-depicts/src/gadget.css"
    assert code == 2 and f"{title}: " in said.splitlines()[-1], said
    assert said.splitlines()[-1].startswith("error: ") and "/* more" not in admin.text(title)
    assert deployed(checkout, wiki, "--yes")[0] == 0
    assert admin.text(title).endswith("/* more */")


def test_a_user_script_needs_no_rights(
    checkout: Repository, wiki: MediaWiki, admin: Session
) -> None:
    code, said = deployed(checkout, wiki, "--yes", "--user-script", who=EDITOR)
    assert code == 0 and "mw.loader.load( '/w/index.php?title=User:Editor/" in said, said
    address = f"{wiki.url}/w/index.php?title=User:Editor/suggest-depicts.js"
    raw = admin.http.get(f"{address}&action=raw&ctype=text/javascript", timeout=60)
    assert raw.headers["Content-Type"].startswith("text/javascript")
    for path in (GADGET / "src").glob("*.js"):
        assert path.read_text(encoding="utf-8").strip() in raw.text


def test_the_recorded_answers_are_those_of_this_mediawiki() -> None:
    """On a fresh wiki: by their cases, and by what each answer is made of."""

    def shapes(rows: list[recorded.Case]) -> list[object]:
        return [(row["case"], row.get("refused"), shape(row["text"])) for row in rows]

    kept = [json.loads(line) for line in recorded.FILE.read_text(encoding="utf-8").splitlines()]
    with MediaWiki.start() as running:
        assert shapes(recorded.cases(running)) == shapes(kept)


def shape(text: str) -> object:
    """Keys and kinds of a JSON text; of a script its beginning."""
    try:
        return _shape(json.loads(text))
    except ValueError:
        return text.partition("@")[0]


def _shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: _shape(one) for key, one in sorted(value.items())}
    if isinstance(value, list):
        return sorted((_shape(one) for one in value), key=str)
    return type(value).__name__
