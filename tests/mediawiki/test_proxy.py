"""The proxy hands on what is MediaWiki's, and every change of statements is a revision there."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import requests

from depicts_model.claims import DEPICTS
from depicts_model.types import Qid
from tests.claims import curated_claim, depicts_claim
from tests.sandbox.world import world_of

from .installed import ADMIN, EDITOR
from .scene import TAG, Wiki
from .session import ApiError, Session, picture
from .upstream import Answer, Upstream
from .wikibase import Wikibase

Json = dict[str, Any]

# of the recorded world
CAT, DOG, HORSE = Qid("Q146"), Qid("Q144"), Qid("Q726")
_NUMBERS = count(1)


def upload(wiki: Wiki, text: str = "") -> int:
    """A file of one's own; the id of its page."""
    number = next(_NUMBERS)
    data = picture(f"#{number:04x}80")
    return wiki.session(ADMIN).upload(f"Own {number}.png", text, data)


def write(session: Session, page: int, *items: Qid, **more: Any) -> Json:
    """One edit with these statements; the answer's entity."""
    claims = {"claims": [depicts_claim(item) for item in items]}
    asked = {"id": f"M{page}", "data": json.dumps(claims), **more}
    found: Json = session.post(action="wbeditentity", **asked)["entity"]
    return found


def entity(wiki: Wiki, page: int) -> Json:
    found: Json = wiki.session().get(action="wbgetentities", ids=f"M{page}")["entities"]
    return dict(found[f"M{page}"])


def depicted(wiki: Wiki, page: int) -> list[str]:
    rows = (entity(wiki, page).get("statements") or {}).get(DEPICTS, [])
    return [row["mainsnak"]["datavalue"]["value"]["id"] for row in rows]


def info(wiki: Wiki, page: int, **more: Any) -> Json:
    row: Json = wiki.session().query(pageids=page, prop="info|revisions", **more)["pages"][0]
    return row


# --- a change is a revision -----------------------------------------------------------------


@pytest.mark.slow
def test_a_save_is_a_revision_of_the_person_with_summary_and_tag(commons: Wiki) -> None:
    page = upload(commons, "A cat. [[Category:Cats]]")
    before = info(commons, page)["lastrevid"]
    asked = {"baserevid": before, "assertuser": EDITOR, "tags": TAG, "summary": "model 7"}
    saved = write(commons.session(EDITOR), page, CAT, **asked)
    row = info(commons, page, rvprop="ids|user|comment|tags|content", rvslots="main")
    [latest] = row["revisions"]
    assert row["lastrevid"] == latest["revid"] == saved["lastrevid"] > before
    assert (latest["user"], latest["tags"], latest["parentid"]) == (EDITOR, [TAG], before)
    assert latest["comment"] == "/* wbeditentity-update:0| */ model 7"
    text = latest["slots"]["main"]["content"]
    hidden = f"<!-- Statements of M{page}: {DEPICTS} {CAT} -->"
    assert text == f"A cat. [[Category:Cats]]\n{hidden}"
    shown = requests.get(f"{commons.url}/w/index.php?diff={latest['revid']}", timeout=60).text
    assert "model 7" in shown and hidden.replace("<", "&lt;").replace(">", "&gt;") in shown


@pytest.mark.slow
def test_what_changes_nothing_is_no_revision(commons: Wiki) -> None:
    page = upload(commons)
    write(commons.session(EDITOR), page, CAT)
    [mine] = entity(commons, page)["statements"][DEPICTS]
    before = info(commons, page)["lastrevid"]
    data = json.dumps({"claims": [mine]})
    told = commons.session(EDITOR).post(action="wbeditentity", id=f"M{page}", data=data)["entity"]
    assert "nochange" in told and told["lastrevid"] == before
    assert info(commons, page)["lastrevid"] == before


@pytest.mark.slow
def test_foreign_statements_stay_as_they_are(commons: Wiki) -> None:
    page = upload(commons)
    foreign = curated_claim(HORSE)
    somevalue = {"type": "statement", "mainsnak": {"snaktype": "somevalue", "property": DEPICTS}}
    data = json.dumps({"claims": [foreign, somevalue]})
    commons.session(ADMIN).post(action="wbeditentity", id=f"M{page}", data=data)
    before = {one["id"]: one for one in entity(commons, page)["statements"][DEPICTS]}
    write(commons.session(EDITOR), page, CAT, DOG)
    rows = entity(commons, page)["statements"][DEPICTS]
    own = [one["id"] for one in rows if one["id"] not in before]
    commons.session(EDITOR).post(action="wbremoveclaims", claim=own[0])
    after = {one["id"]: one for one in entity(commons, page)["statements"][DEPICTS]}
    assert len(own) == 2 and after.pop(own[1])
    assert json.dumps(after) == json.dumps(before)


@pytest.mark.slow
def test_an_edit_of_the_text_leaves_statements_and_is_a_base(commons: Wiki) -> None:
    page = upload(commons)
    write(commons.session(EDITOR), page, CAT)
    title = info(commons, page)["title"]
    edited = commons.session(ADMIN).edit(title, "Nothing hidden any more")
    assert depicted(commons, page) == [CAT]
    write(commons.session(EDITOR), page, DOG, baserevid=edited["newrevid"])
    assert depicted(commons, page) == [CAT, DOG]


@pytest.mark.slow
def test_a_rollback_takes_statements_back_and_undo_does_not(commons: Wiki) -> None:
    page, admin = upload(commons), commons.session(ADMIN)
    title = info(commons, page)["title"]
    write(commons.session(ADMIN), page, HORSE)
    write(commons.session(EDITOR), page, CAT)
    last = write(commons.session(EDITOR), page, DOG)["lastrevid"]
    admin.post(action="edit", title=title, undo=last)
    assert depicted(commons, page) == [HORSE, CAT, DOG]
    write(commons.session(EDITOR), page, DOG)
    assert depicted(commons, page) == [HORSE, CAT, DOG, DOG]
    token = admin.token("rollback")
    admin.post(action="rollback", title=title, user=EDITOR, token=token)
    # to what the administrator's undoing had left
    assert depicted(commons, page) == [HORSE, CAT, DOG]


@pytest.mark.slow
def test_a_mediainfo_made_meanwhile_is_refused_as_recorded(commons: Wiki) -> None:
    page = upload(commons)
    base = info(commons, page)["lastrevid"]
    write(commons.session(ADMIN), page, DOG)
    with pytest.raises(ApiError, match="BadRevisionException"):
        write(commons.session(EDITOR), page, CAT, baserevid=base)
    assert depicted(commons, page) == [DOG]


@pytest.mark.slow
def test_pages_that_are_moved_deleted_and_restored_are_followed(commons: Wiki) -> None:
    page, admin = upload(commons), commons.session(ADMIN)
    write(commons.session(EDITOR), page, CAT)
    title = info(commons, page)["title"]
    moved = title.replace("Own", "Moved")
    admin.post(action="move", **{"from": title, "to": moved, "noredirect": 1})
    assert entity(commons, page)["title"] == moved
    admin.post(action="delete", title=moved)
    assert "missing" in entity(commons, page)
    with pytest.raises(ApiError, match="no-such-entity"):
        write(commons.session(EDITOR), page, DOG)
    admin.post(action="undelete", title=moved)
    [row] = admin.query(titles=moved, prop="info")["pages"]
    assert depicted(commons, row["pageid"]) == [CAT]


@pytest.mark.slow
def test_many_statements_and_many_savers_at_once(commons: Wiki) -> None:
    """200 statements; then four people write at once, and nothing is lost."""
    page = upload(commons)
    write(commons.session(ADMIN), page, *[HORSE] * 200)
    people = [commons.new_session(EDITOR) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        saved = [*pool.map(lambda one: write(one, page, CAT)["lastrevid"], people)]
    for one in people:
        one.close()
    assert len(set(saved)) == 4 and max(saved) == info(commons, page)["lastrevid"]
    assert depicted(commons, page) == [HORSE] * 200 + [CAT] * 4


@pytest.mark.slow
def test_lag_is_the_tests_to_set(commons: Wiki) -> None:
    page = upload(commons)
    commons.state.conditions.lag = 7
    try:
        with pytest.raises(ApiError, match="7 seconds lagged"):
            write(commons.session(EDITOR), page, CAT, maxlag=5)
    finally:
        commons.state.conditions.lag = -1
    assert "missing" in entity(commons, page)


# --- what is handed on ----------------------------------------------------------------------


@pytest.mark.slow
def test_paraminfo_tells_of_both_kinds_of_modules(commons: Wiki) -> None:
    modules = "wbeditentity|query+info|wbgetentities"
    told = commons.session().get(action="paraminfo", modules=modules)["paraminfo"]["modules"]
    known = {row["path"]: {one["name"] for one in row["parameters"]} for row in told}
    assert set(known) == set(modules.split("|"))
    assert known["wbeditentity"] >= {"id", "data", "baserevid", "summary", "tags", "token"}
    assert "inprop" not in known["query+info"] and "prop" in known["query+info"]


@pytest.mark.slow
def test_copies_are_asked_after_and_redirects_stay_redirects(commons: Wiki) -> None:
    asked = {"modules": "startup", "only": "scripts", "raw": "1", "skin": "vector-2022"}
    answer = requests.get(f"{commons.url}/w/load.php", params=asked, timeout=60)
    assert "mw.loader" in answer.text
    again = requests.get(
        f"{commons.url}/w/load.php",
        params=asked,
        headers={"If-None-Match": answer.headers["ETag"]},
        timeout=60,
    )
    assert (again.status_code, again.content) == (304, b"")
    page = upload(commons)
    answer = requests.get(
        f"{commons.url}/wiki/Special:Redirect/page/{page}", allow_redirects=False, timeout=60
    )
    assert answer.status_code == 301
    assert answer.headers["Location"].startswith(commons.url)
    assert requests.get(f"{commons.url}/wiki/No such page", timeout=60).status_code == 404


@pytest.mark.slow
def test_no_tokens_and_passwords_are_remembered(commons: Wiki) -> None:
    commons.new_session(EDITOR).close()
    seen = [one for one in commons.proxy.requests if one.action == "clientlogin"]
    assert seen and all("password" not in one.params for one in seen)
    assert all("token" not in one.params for one in commons.proxy.requests)


# --- without a wiki -------------------------------------------------------------------------

USER = {"id": 3, "name": EDITOR, "groups": ["*", "user"], "rights": ["read", "edit"]}


class Fickle(Upstream):
    """A MediaWiki that protects the page between the question and the edit."""

    def __init__(self, code: str, protects: bool) -> None:
        super().__init__(("127.0.0.1", 1), "nowhere")
        self.code, self.protects = code, protects
        self.edits = 0

    def send(self, *_: Any) -> Answer:
        raise AssertionError("nobody is to be asked")

    def ask(self, cookie: str, **params: Any) -> Json:
        if params["action"] == "checktoken":
            return {"checktoken": {"result": "valid"}}
        if params["action"] == "edit":
            self.edits += 1
            return {"error": {"code": self.code, "info": "No.", "readonlyreason": "rain"}}
        level = [{"type": "edit", "level": "sysop"}] if self.edits and self.protects else []
        revision = {"revid": 9, "parentid": 0, "timestamp": "2026-11-01T00:00:00Z", "tags": []}
        page = {"pageid": 2, "title": "File:A.png", "protection": level, "revisions": [revision]}
        return {
            "query": {"userinfo": USER, "pages": [page], "tags": [], "general": {"readonly": False}}
        }


@pytest.mark.parametrize(
    ("code", "protects", "told", "edits"),
    [
        ("protectedpage", True, "permissiondenied, protectedpage", 1),
        ("protectedpage", False, "failed-save, protectedpage", 2),
        ("spamblacklist", False, "failed-save, spamblacklist", 2),
        ("ratelimited", False, "failed-save, ratelimited", 1),
        ("readonly", False, "readonly", 1),
    ],
)
def test_a_refusal_that_was_not_foreseen_is_asked_about_once(
    code: str, protects: bool, told: str, edits: int
) -> None:
    from werkzeug.test import EnvironBuilder

    wiki = Fickle(code, protects)
    depicts = {"labels": {}, "descriptions": {}, "datatype": "wikibase-item", "claims": {}}
    item: Json = {"labels": {}, "descriptions": {}, "claims": {}}
    world = world_of({"files": [], "users": [], "entities": {DEPICTS: depicts, CAT: item}}, {})
    data = {"action": "wbeditentity", "id": "M2", "token": "x+\\", "format": "json"}
    data["data"] = json.dumps({"claims": [depicts_claim(CAT)]})
    with EnvironBuilder("/w/api.php", method="POST", data=data).get_request() as request:
        answer = Wikibase(world, wiki).respond(request)
    assert answer and answer.headers["MediaWiki-API-Error"] == told
    assert wiki.edits == edits
