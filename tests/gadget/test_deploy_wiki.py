"""What `deploy` makes of a wiki's answers: those that MediaWiki 1.43 gave, and some that it may."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import requests

from depicts_gadget.wiki import Wiki
from depicts_gadget.work import PARSE_ERROR
from depicts_model.errors import WikiError
from tests.gadget.recorded import AGENT, FILE, MODULE, OTHER, TITLE
from tests.mediawiki.installed import DEPLOYER, PASSWORDS

API = "http://127.0.0.1:9/w/api.php"
Given = requests.Response | requests.RequestException
TOKEN = json.dumps({"query": {"tokens": {"csrftoken": "t", "logintoken": "t"}}})


def answer(text: str, status: int = 200, wait: str = "") -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = text.encode()
    if wait:
        made.headers["Retry-After"] = wait
    return made


class Played(requests.Session):
    """Gives these answers, one after the other; keeps what was asked."""

    def __init__(self, answers: Iterable[Given]) -> None:
        super().__init__()
        self.answers = iter(answers)
        self.asked: list[dict[str, Any]] = []

    def request(self, method: Any, url: Any, *args: Any, **parts: Any) -> requests.Response:
        self.asked.append({"method": method, **(parts.get("params") or parts.get("data") or {})})
        given = next(self.answers)
        if isinstance(given, requests.RequestException):
            raise given
        return given


def recorded(case: str) -> Iterator[requests.Response]:
    rows = map(json.loads, FILE.read_text(encoding="utf-8").splitlines())
    return (answer(row["text"]) for row in rows if row["case"] == case)


def wiki(
    *answers: requests.Response | requests.RequestException,
) -> tuple[Wiki, Played, list[float]]:
    """And its waits."""
    session, waits = Played(answers), list[float]()
    return Wiki(API, AGENT, session, wait=waits.append), session, waits


def refused(made: Wiki, title: str = TITLE) -> str:
    with pytest.raises(WikiError) as caught:
        made.edit(title, "1", "one", 7)
    return caught.value.code


# --- recorded ---


def test_a_login_tells_whose_it_is() -> None:
    made, session, _ = wiki(*recorded("login"))
    made.login(DEPLOYER, PASSWORDS[DEPLOYER])
    assert made.user == "Admin"
    assert [one["method"] for one in session.asked] == ["GET", "POST"]


def test_a_wrong_password_is_told_without_it() -> None:
    made, _, _ = wiki(*recorded("login-wrong"))
    with pytest.raises(WikiError, match="Incorrect username or password") as caught:
        made.login(DEPLOYER, "guessed")
    assert "guessed" not in str(caught.value) and made.user == ""


def test_pages_that_are_there_and_that_are_not() -> None:
    found = wiki(*recorded("latest"))[0].latest([TITLE, OTHER])
    assert found.keys() == {TITLE}
    assert (found[TITLE].user, found[TITLE].summary) == ("Admin", "one")
    assert found[TITLE].text == "module.exports = 1;"
    (first,) = wiki(*recorded("history"))[0].history(TITLE)
    assert (first.id, first.text) == (found[TITLE].id, "")
    assert wiki(*recorded("titles"))[0].titles("Gadget-suggest-depicts") == [TITLE]


def test_an_edit_asserts_who_we_are_and_what_was_there() -> None:
    made, session, _ = wiki(*recorded("create"))
    made.user = "Admin"
    made.edit(TITLE, "1", "one", 0)
    asked = session.asked[-1]
    assert (asked["assertuser"], asked["createonly"], asked["maxlag"]) == ("Admin", 1, 5)
    made, session, _ = wiki(*recorded("change"))
    made.edit(TITLE, "1", "two", 7)
    asked = session.asked[-1]
    assert (asked["baserevid"], asked["nocreate"]) == (7, 1) and "createonly" not in asked


@pytest.mark.parametrize(
    ("case", "code"),
    [("create-twice", "articleexists"), ("stale", "editconflict"), ("readonly", "readonly")],
)
def test_a_refusal_keeps_its_code(case: str, code: str) -> None:
    assert refused(wiki(*recorded(case))[0]) == code


def test_what_resourceloader_says() -> None:
    assert f'"{MODULE}":"missing"' in wiki(*recorded("missing"))[0].module(MODULE, "a")
    assert '"suggest-depicts/src/x.js":' in wiki(*recorded("module"))[0].module(MODULE, "a")
    assert PARSE_ERROR in wiki(*recorded("parse-error"))[0].module(MODULE, "a")


# --- what is rare ---


def error(code: str, wait: str = "") -> requests.Response:
    return answer(json.dumps({"error": {"code": code, "info": "no"}}), wait=wait)


def test_a_wiki_that_is_behind_is_asked_again_as_it_says() -> None:
    success = answer('{"edit":{"result":"Success"}}')
    made, _, waits = wiki(
        answer(TOKEN), error("maxlag", "7"), answer(TOKEN), error("maxlag"),
        answer(TOKEN), success,
    )  # fmt: skip
    made.edit(TITLE, "1", "one", 7)
    assert waits == [7, 5]


def test_a_wiki_that_stays_behind_is_left_alone() -> None:
    made, _, waits = wiki(*[answer(TOKEN), error("maxlag", "7")] * 4)
    assert refused(made) == "maxlag" and len(waits) == 4


def test_nothing_else_is_tried_twice() -> None:
    made, session, _ = wiki(answer(TOKEN), requests.ConnectionError("secret"), answer(TOKEN))
    assert refused(made) == "network" and len(session.asked) == 2


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (answer("<html>", 503), "http-503"),
        (answer("<html>"), "strange"),
        (answer("[1]"), "strange"),
        (requests.Timeout("secret"), "network"),
        (answer('{"edit":{"result":"Failure","code":"captcha"}}'), "edit"),
    ],
)
def test_what_is_no_answer_is_told(given: Given, code: str) -> None:
    made, _, _ = wiki(answer(TOKEN), given)
    with pytest.raises(WikiError) as caught:
        made.edit(TITLE, "1", "one", 7)
    assert caught.value.code == code and "secret" not in str(caught.value)


def test_what_comes_in_parts_is_put_together() -> None:
    def part(id: int, **more: object) -> requests.Response:
        row = {"revid": id, "timestamp": "2026-11-22T10:00:00Z", "userhidden": True}
        return answer(
            json.dumps({"query": {"pages": [{"title": TITLE, "revisions": [row]}]}, **more})
        )

    made, session, _ = wiki(part(2, **{"continue": {"rvcontinue": "x"}}), part(1))
    assert [one.id for one in made.history(TITLE)] == [2, 1]
    assert session.asked[-1]["rvcontinue"] == "x"


def test_many_pages_are_asked_for_in_turns() -> None:
    made, session, _ = wiki(*[answer('{"query":{"pages":[]}}')] * 2)
    made.latest([f"MediaWiki:{n}" for n in range(60)])
    assert [one["titles"].count("|") for one in session.asked] == [49, 9]
