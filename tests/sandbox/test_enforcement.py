"""What the embedded wiki forbids, and what it forgets to forbid as the real one does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from . import control
from .client import Person
from .server import EmbeddedWiki

CAT, DOG = "Q146", "Q144"
Order = dict[str, Any]


@pytest.fixture
def bot(wiki: EmbeddedWiki) -> Iterator[Person]:
    with Person(wiki) as person:
        assert person.login("DepictsBot@depicts")["result"] == "Success"
        yield person


@pytest.fixture
def editor(wiki: EmbeddedWiki) -> Iterator[Person]:
    with Person(wiki) as person:
        assert person.login("Reviewer@gadget")["lgusername"] == "Reviewer"
        yield person


def code(answer: Any) -> str:
    found: str = answer.get("error", {}).get("code", "")
    return found


def revisions(wiki: EmbeddedWiki) -> int:
    return len(wiki.state.commons.revisions)


REFUSED: dict[str, tuple[list[Order], dict[str, Any], str]] = {
    "a wrong token": ([], {"token": "wrong"}, "badtoken"),
    "the token of nobody": ([], {"token": "+\\"}, "badtoken"),
    "another user": ([], {"assertuser": "Admin"}, "assertnameduserfailed"),
    "no bot": ([], {"assert": "bot"}, "assertbotfailed"),
    "an unknown tag": ([], {"tags": "suggest-depicts|other"}, "badtags"),
    "a foreign revision": ([], {"baserevid": 3}, "nosuchrevid"),
    "a base that is no number": ([], {"baserevid": "x"}, "badinteger"),
    "read-only": ([{"do": "read_only", "reason": "moving"}], {}, "readonly"),
    "lag": ([{"do": "lag", "seconds": 7}], {"maxlag": 5}, "maxlag"),
    "protection": ([{"do": "protect", "title": "File:Chelsea the cat.png"}], {},
                   "permissiondenied"),
    "a block": ([{"do": "block", "user": "Reviewer"}], {}, "permissiondenied"),
    "the rate limit": ([{"do": "throttle", "hits": 0, "seconds": 60}], {}, "failed-save"),
    "a deleted file": ([{"do": "delete", "title": "File:Chelsea the cat.png"}], {},
                       "no-such-entity"),
    "no such item": ([], {"data": '{"claims": [{"mainsnak": {"snaktype": "value", "property": '
                                  '"P180", "datavalue": {"type": "wikibase-entityid", "value": '
                                  '{"id": "Q999"}}}}]}'}, "modification-failed"),
    "no JSON": ([], {"data": "{"}, "invalid-json"),
    "no object": ([], {"data": "[]"}, "invalid-json"),
    "a claim that is none": ([], {"data": '{"claims": ["Q146"]}'}, "invalid-claim"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_edit_leaves_nothing_behind(
    wiki: EmbeddedWiki, editor: Person, case: str
) -> None:
    orders, params, expected = REFUSED[case]
    for order in orders:
        control.apply(wiki.state, order)
    before = revisions(wiki)
    assert code(editor.add("M2", CAT, **params)) == expected
    assert revisions(wiki) == before


def test_the_same_edit_without_the_obstacle_is_saved(wiki: EmbeddedWiki, editor: Person) -> None:
    answer = editor.add("M2", CAT, DOG, assertuser="Reviewer", baserevid=2, tags="suggest-depicts")
    assert answer["success"] == 1
    assert editor.depicts("M2") == [CAT, DOG]
    assert wiki.state.commons.latest(wiki.state.commons.pages[2]).tags == ["suggest-depicts"]


def test_who_may_not_edit_may_edit_again_afterwards(wiki: EmbeddedWiki, editor: Person) -> None:
    for order in (
        {"do": "block", "user": "Reviewer"},
        {"do": "unblock", "user": "Reviewer"},
        {"do": "protect", "title": "File:Chelsea the cat.png"},
        {"do": "protect", "title": "File:Chelsea the cat.png", "edit": ""},
    ):
        control.apply(wiki.state, order)
    assert editor.add("M2", CAT)["success"] == 1


def test_a_wrong_password_does_not_log_in(wiki: EmbeddedWiki) -> None:
    with Person(wiki) as person:
        assert person.login("DepictsBot@depicts", "guess")["result"] == "Failed"
        assert person.get(action="query", meta="userinfo")["query"]["userinfo"]["anon"] is True


@pytest.mark.parametrize("loose", ["token", "lgpassword"])
def test_secrets_do_not_belong_into_the_address(editor: Person, loose: str) -> None:
    url = f"{editor.wiki.api}?{loose}=x"
    data = {
        "action": "wbeditentity",
        "id": "M2",
        "data": "{}",
        "token": editor.token("csrf"),
        "format": "json",
    }
    assert code(editor.http.post(url, data=data, timeout=30).json()) == "mustpostparams"


def test_writing_by_get_is_refused(editor: Person) -> None:
    answer = editor.get(action="wbeditentity", id="M2", data="{}", token="x")
    assert code(answer) == "mustbeposted"


def test_a_stale_base_is_merged_and_a_racing_duplicate_goes_in_too(
    wiki: EmbeddedWiki, bot: Person, editor: Person
) -> None:
    base = editor.add("M2", DOG)["entity"]["lastrevid"]
    assert bot.add("M2", CAT)["success"] == 1
    answer = editor.add("M2", CAT, baserevid=base)
    assert answer["warnings"]["wbeditentity"]["messages"][0]["name"] == "wikibase-conflict-patched"
    assert editor.depicts("M2") == [DOG, CAT, CAT]


def test_a_base_older_than_the_media_info_trips_the_wiki(bot: Person, editor: Person) -> None:
    assert bot.add("M2", CAT, baserevid=2)["success"] == 1
    assert code(editor.add("M2", DOG, baserevid=2)).endswith("BadRevisionException")


def test_the_page_without_media_info_is_created_though_nothing_is_given(editor: Person) -> None:
    assert editor.get(action="wbgetentities", ids="M2")["entities"]["M2"]["missing"] == ""
    assert editor.post(action="wbeditentity", id="M2", data='{"statements": {}}')["success"] == 1
    assert editor.get(action="wbgetentities", ids="M2")["entities"]["M2"]["statements"] == []


def test_two_real_racers_one_of_them_loses(wiki: EmbeddedWiki, bot: Person, editor: Person) -> None:
    control.apply(wiki.state, {"do": "race", "writers": 2})
    answers: list[Any] = []

    def add(person: Person) -> None:
        answers.append(person.add("M2", CAT))

    threads = [threading.Thread(target=add, args=(person,)) for person in (bot, editor)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    losers = [one for one in answers if code(one)]
    assert [code(one) for one in losers] == ["failed-save"]
    assert [one["name"] for one in losers[0]["error"]["messages"]][1:] == ["edit-conflict"]
    assert editor.depicts("M2") == [CAT]


def test_a_lost_session_is_noticed(wiki: EmbeddedWiki, editor: Person) -> None:
    token = editor.token("csrf")
    control.apply(wiki.state, {"do": "expire_sessions"})
    assert code(editor.add("M2", CAT, token=token, assertuser="Reviewer")) == (
        "assertnameduserfailed"
    )
    assert code(editor.add("M3", CAT, token=token)) == "badtoken"


@pytest.mark.parametrize(("who", "most"), [("editor", 50), ("bot", 500)])
def test_so_many_ids_and_no_more(request: pytest.FixtureRequest, who: str, most: int) -> None:
    person: Person = request.getfixturevalue(who)
    ids = [f"M{number}" for number in range(1, most + 2)]
    assert len(person.post(action="wbgetentities", ids="|".join(ids[:-1]))["entities"]) == most
    error = person.post(action="wbgetentities", ids="|".join(ids))["error"]
    assert (error["code"], error["limit"]) == ("toomanyvalues", most)


def test_the_limit_lets_pass_when_time_has_passed(wiki: EmbeddedWiki) -> None:
    control.apply(wiki.state, {"do": "throttle", "hits": 1, "seconds": 60})
    start = wiki.state.clock()
    wiki.state.clock = lambda: start
    assert [wiki.state.throttled("Reviewer") for _ in range(2)] == [False, True]
    assert not wiki.state.throttled("DepictsBot")
    wiki.state.clock = lambda: start.replace(year=start.year + 1)
    assert not wiki.state.throttled("Reviewer")


# --- the upload log, as a crawler meets it --------------------------------------------------


def uploads(person: Person) -> list[Any]:
    found: list[Any] = person.get(
        action="query", list="logevents", leaction="upload/upload", ledir="newer", lelimit="max"
    )["query"]["logevents"]
    return found


def _deleted(row: Any) -> bool:
    return bool(row["pageid"] == 0 and row["logpage"] == 2 and row["title"])


def _moved(row: Any) -> bool:
    return bool(row["pageid"] == 26 and row["logpage"] == 2)


def _suppressed(row: Any) -> bool:
    return bool(row["actionhidden"] and "title" not in row and "user" not in row)


@pytest.mark.parametrize(("order", "is_so"), [
    ({"do": "delete", "title": "File:Chelsea the cat.png"}, _deleted),
    ({"do": "move", "title": "File:Chelsea the cat.png", "to": "File:Cat.png"}, _moved),
    ({"do": "suppress", "logid": 6, "hidden": ["action", "user"]}, _suppressed),
])  # fmt: skip
def test_the_log_tells_of_the_past_with_the_ids_of_today(
    wiki: EmbeddedWiki, order: Order, is_so: Callable[[Any], bool]
) -> None:
    with Person(wiki) as person:
        assert not is_so({"actionhidden": False, **uploads(person)[0]})
        control.apply(wiki.state, order)
        assert is_so(uploads(person)[0])
        assert len(uploads(person)) == 16


def test_the_log_goes_on_where_it_stopped(wiki: EmbeddedWiki) -> None:
    seen: list[int] = []
    params: dict[str, str] = {}
    with Person(wiki) as person:
        while True:
            answer = person.get(
                action="query", list="logevents", leaction="upload/upload", lelimit=5, **params
            )
            seen += [row["logid"] for row in answer["query"]["logevents"]]
            if "continue" not in answer:
                break
            params = answer["continue"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 16


def test_the_redirect_of_a_move_is_a_page_that_takes_statements(
    wiki: EmbeddedWiki, editor: Person
) -> None:
    old, new = "File:Chelsea the cat.png", "File:Cat.png"
    control.apply(wiki.state, {"do": "move", "title": old, "to": new})
    page = editor.get(action="query", titles=old, prop="info")["query"]["pages"][0]
    assert (page["pageid"], page["redirect"]) == (26, True)
    assert editor.add("M26", CAT)["success"] == 1
    followed = editor.get(action="query", titles=old, redirects=1)["query"]
    assert followed["pages"][0]["title"] == new
