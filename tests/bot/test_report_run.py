"""The real ``report`` command: what it prints, and the one page that it edits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from depicts_bot import publisher
from depicts_bot.marks import BEGIN, END
from depicts_bot.pages import Page, read_page
from depicts_model.types import Decision, Mid, Qid, Verdict
from tests.bot import worlds
from tests.bot.command import Bot
from tests.bot.test_harvest_run import CAT, DOG, PEOPLE, Place, fill, sha1, world
from tests.sandbox.client import Person
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow

TITLE = "Commons:Suggest depicts/Report"
PAGE = {"DEPICTS_REPORT_PAGE": TITLE}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with EmbeddedWiki(world()) as wiki:
        made = Place(wiki, Bot(tmp_path / "bot", wiki, report_page=TITLE))
        with made.bot.store() as store:
            fill(store)
        made.decide("key", "M1", CAT, Verdict.ACCEPTED, made.save("Quirinius", "M1", CAT))
        made.decide("dog", "M2", DOG, Verdict.ACCEPTED, made.save("Zenobia", "M2", DOG))
        made.harvest()
        yield made


def report(place: Place, *words: str) -> str:
    result = place.bot.call(*words, word="report")
    assert result.returncode == 0, result.stderr
    place.said += result.stdout + result.stderr
    return result.stdout


def latest(place: Place) -> dict[str, Any]:
    with Person(place.wiki) as reader:
        asked = {"prop": "revisions", "rvprop": "ids|content|comment|user", "rvslots": "main"}
        (page,) = reader.get(action="query", titles=TITLE, **asked)["query"]["pages"]
    found: dict[str, Any] = page["revisions"][0] if "revisions" in page else {}
    return found


def text_of(revision: dict[str, Any]) -> str:
    text: str = revision["slots"]["main"]["content"]
    return text


def write(place: Place, text: str) -> None:
    save_as(place, "Zenobia@gadget", TITLE, text)


def save_as(place: Place, name: str, title: str, text: str) -> None:
    with Person(place.wiki) as person:
        person.login(name)
        assert person.post(action="edit", title=title, text=text)["edit"]["result"] == "Success"


def writes(place: Place) -> list[str]:
    reading = ("query", "login", "clientlogin", "wbgetentities", "paraminfo")
    return [one.action for one in place.wiki.requests if one.action not in reading]


def test_it_prints_what_was_counted_and_asks_no_wiki(place: Place) -> None:
    before = len(place.wiki.requests)
    said = report(place)
    assert len(place.wiki.requests) == before
    assert said.startswith(f"{BEGIN}\n") and said.endswith(f"{END}\n")
    assert "Model: <code>fake-1</code>" in said
    assert "files looked at: 100% <small>(5 of 5;" in said
    assert "|- \n" not in said and "90–100%" in said and "Statements saved: 2" in said
    assert not [name for name in PEOPLE if name in said]


def test_the_last_days_only(place: Place) -> None:
    old = datetime.now(UTC) - timedelta(days=40)
    said = Decision(Mid("M3"), sha1("M3"), Qid("Q146"), Verdict.SKIPPED, old, None)
    with place.bot.store() as store:
        store.add_decisions("old", [said], "fake-1")
    assert "| all\n| 3\n| 2\n" in report(place)
    lately = report(place, "--since", "30")
    assert "| all\n| 2\n| 2\n" in lately and "What happened since" in lately


def test_it_edits_its_page_and_nothing_else(place: Place) -> None:
    before = writes(place)
    assert report(place, "--post").endswith(f"report: {TITLE} saved\n")
    made = latest(place)
    assert text_of(made).startswith(BEGIN) and "wikitable" in text_of(made)
    assert made["user"] == worlds.BOT.partition("@")[0]
    assert made["comment"] == publisher.SUMMARY
    (edit,) = [one for one in place.wiki.requests if one.action == "edit"]
    assert edit.params["assert"] == "user" and edit.params["maxlag"] == "5"
    assert edit.params["assertuser"] == "DepictsBot" and "createonly" in edit.params
    assert writes(place) == [*before, "edit"]
    with place.bot.store() as store:
        (run,) = store.last_runs(1, publisher.RUN)
    assert run.counts == {"edits": 1} and run.finished


def test_what_people_wrote_around_it_stays(place: Place) -> None:
    write(place, f"Before.\n\n{BEGIN}\nold\n{END}\n\n== Talk ==\nAfter.")
    report(place, "--post")
    text = text_of(latest(place))
    assert text.startswith(f"Before.\n\n{BEGIN}\nEverything") and "\nold\n" not in text
    assert text.endswith(f"{END}\n\n== Talk ==\nAfter.")


def test_a_page_without_marks_is_left_alone(place: Place) -> None:
    write(place, "Ours.")
    result = place.bot.call("--post", word="report")
    assert result.returncode == 2 and result.stdout == ""
    assert f"{TITLE} has text, and not once the line {BEGIN}" in result.stderr
    assert text_of(latest(place)) == "Ours."


def test_the_same_report_is_not_saved_twice(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    report(place, "--post")
    block = text_of(latest(place))
    monkeypatch.setattr(publisher, "marked", lambda _: block)
    assert report(place, "--post").endswith("says so already\n")
    assert sum(one.action == "edit" for one in place.wiki.requests) == 1


def test_who_edits_meanwhile_is_not_overwritten(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place, f"{BEGIN}\nold\n{END}")

    def read(*words: Any) -> Page | None:
        found = read_page(*words)
        write(place, f"Mine. {BEGIN}\nold\n{END}")
        return found

    monkeypatch.setattr(publisher, "read_page", read)
    result = place.bot.call("--post", word="report")
    assert result.returncode == 2
    assert result.stderr.startswith("error: edit-refused: ")
    assert text_of(latest(place)).startswith("Mine. ")


def test_who_makes_the_page_meanwhile_is_not_overwritten(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*words: Any) -> Page | None:
        found = read_page(*words)
        write(place, "Mine.")
        return found

    monkeypatch.setattr(publisher, "read_page", read)
    result = place.bot.call("--post", word="report")
    assert (result.returncode, result.stderr.partition(": ")[0]) == (2, "error")
    assert text_of(latest(place)) == "Mine."


def test_the_switch_stops_it(place: Place) -> None:
    page = "MediaWiki:Gadget-SuggestDepicts-switch.json"
    save_as(place, "Admin@seed", page, '{"stopped": true, "reason": "holiday"}')
    assert "stopped by" in report(place, "--post")
    assert latest(place) == {}


@pytest.mark.parametrize(
    "title", ["File:Picture 1.png", "Image:New.png", "MediaWiki:Common.css", "Main Page"]
)
def test_it_edits_no_page_of_another_kind(place: Place, title: str) -> None:
    place.bot.ours["DEPICTS_REPORT_PAGE"] = title
    result = place.bot.call("--post", word="report")
    assert result.returncode == 2 and "edit" not in writes(place)
    assert "no page of a user or of the project" in result.stderr


def test_a_title_that_is_none_is_said(place: Place) -> None:
    place.bot.ours["DEPICTS_REPORT_PAGE"] = "[[x"
    result = place.bot.call("--post", word="report")
    assert result.returncode == 2
    assert "report_page: not a title of a page here: '[[x'" in result.stderr


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"report_page": ""}, "report_page is not set: --post edits the page that it names"),
        (
            {"wiki_api": "https://commons.wikimedia.org/w/api.php"},
            "https://commons.wikimedia.org/w/api.php is not on this machine: say --live to edit",
        ),
    ],
)
def test_what_is_missing_is_said_before_anything_is_done(
    place: Place, settings: dict[str, str], words: str
) -> None:
    place.bot.ours |= {f"DEPICTS_{key.upper()}": value for key, value in settings.items()}
    before = len(place.wiki.requests)
    result = place.bot.call("--post", word="report")
    assert result.returncode == 2 and words in result.stderr
    assert len(place.wiki.requests) == before
