"""The real harvest over the embedded wiki, a week and a month after people saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from depicts_bot import harvester
from depicts_bot.fates import fates
from depicts_bot.wiki import Wiki
from depicts_model.errors import WikiError
from depicts_model.statistics import FEWEST, Tally
from depicts_model.types import Age, Claim, Fate, Mid, Qid
from tests.bot.command import Bot
from tests.bot.test_harvest_run import CAT, DOG, MODEL, Place, fill, world
from tests.claims import depicts_claim
from tests.sandbox.client import Person
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow

ADMIN = "Admin@seed"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with EmbeddedWiki(world()) as wiki:
        made = Place(wiki, Bot(tmp_path / "bot", wiki))
        with made.bot.store() as store:
            fill(store)
        yield made


def later(place: Place, days: float) -> str:
    """What a harvest says so many days from now."""
    with pytest.MonkeyPatch.context() as patch:
        at = datetime.now(UTC) + timedelta(days=days)
        patch.setattr(harvester, "now", lambda: at)
        return place.harvest()


def tally(place: Place, qid: Qid) -> Tally:
    with place.bot.store() as store:
        return store.all_tallies()[qid]


def test_after_a_week_and_after_a_month_each_claim_is_looked_at_once(place: Place) -> None:
    for number in (1, 2, 3, 4):
        place.save("Quirinius", f"M{number}", CAT)
    place.save("Quirinius", "M5", DOG)
    assert "5 claims" in later(place, 0) and "0 looked at again" in later(place, 6.9)
    with Person(place.wiki) as admin:
        assert admin.login(ADMIN)["result"] == "Success"
        (guid,) = guids(place, "M1")
        assert admin.post(action="wbremoveclaims", claim=guid)["success"]
        rolled = admin.post(
            action="rollback",
            title="File:Picture 2.png",
            user="Quirinius",
            token=admin.token("rollback"),
        )
        assert "rollback" in rolled
        admin.post(action="delete", title="File:Picture 5.png")
        rank_of(admin, guids(place, "M3")[0], CAT)
    assert "5 looked at again, 2 reverted, 0 paused" in later(place, 7.1)
    found = Tally(saved=4, judged=4, reverted=2, standing_7=1, changed_7=1, reverted_7=2)
    assert tally(place, CAT) == found
    assert tally(place, DOG) == Tally(saved=1), "its file is gone: that says nothing"
    assert "0 looked at again" in later(place, 9)

    with Person(place.wiki) as person:
        person.login("Zenobia@gadget")
        assert person.post(action="wbremoveclaims", claim=guids(place, "M4")[0])["success"]
    assert "5 looked at again, 3 reverted" in later(place, 30.1)
    after = tally(place, CAT)
    assert (after.judged, after.reverted, after.reverted_7, after.reverted_30) == (4, 3, 2, 3)
    assert after.changed_30 == 1
    assert "0 looked at again" in later(place, 40)


def guids(place: Place, mid: str) -> list[str]:
    with Person(place.wiki) as reader:
        entity = reader.get(action="wbgetentities", ids=mid)["entities"][mid]
    return [one["id"] for one in entity["statements"]["P180"]]


def rank_of(person: Person, guid: str, qid: Qid) -> None:
    """Make a statement prominent."""
    claim = depicts_claim(qid) | {"id": guid, "rank": "preferred"}
    told = person.post(action="wbsetclaim", claim=json.dumps(claim))
    assert told["success"], told


def test_what_is_too_old_to_tell_of_a_week_is_not_looked_at_for_it(place: Place) -> None:
    place.save("Quirinius", "M1", CAT)
    assert "1 claims" in later(place, 0)
    assert "0 looked at again" in later(place, 14.1)
    assert "1 looked at again" in later(place, 30.1)
    assert tally(place, CAT).standing_30 == 1 and tally(place, CAT).standing_7 == 0


def test_a_budget_and_bounded_questions(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harvester, "MOST_CLAIMS", 120)
    at = datetime.now(UTC) - timedelta(days=8)
    with place.bot.store() as store:
        claims = [Claim(Mid("M1"), CAT, f"M1${n}", 9000 + n, at, MODEL) for n in range(150)]
        store.add_claims(claims)
    monkeypatch.setattr(harvester, "limit", lambda _: 50)
    before = len(place.wiki.requests)
    assert "120 looked at again" in place.harvest()
    asked = [one.params for one in place.wiki.requests[before:]]
    assert sum(one.get("action") == "wbgetentities" for one in asked) == 3
    assert max(len(one.get("revids", "").split("|")) for one in asked) == 50
    assert "30 looked at again" in place.harvest()


def test_killed_between_two_parts_the_next_harvest_takes_it_up(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = datetime.now(UTC) - timedelta(days=8)
    with place.bot.store() as store:
        claims = [Claim(Mid("M1"), CAT, f"M1${n}", 9000 + n, at, MODEL) for n in range(120)]
        store.add_claims(claims)
    monkeypatch.setattr(harvester, "limit", lambda _: 50)
    looked: list[Claim] = []

    def cut_off(wiki: Wiki, some: Sequence[Claim]) -> dict[Claim, Fate]:
        if len(looked) == 50:
            looked.append(some[0])
            raise WikiError("network", "gone")
        looked.extend(some)
        return fates(wiki, some)

    monkeypatch.setattr(harvester, "fates", cut_off)
    assert place.bot.call(word="harvest").returncode == 2
    with place.bot.store() as store:
        until = datetime.now(UTC)
        assert len(store.claims_due(Age.WEEK, at - timedelta(days=1), until, 999)) == 70
    assert "70 looked at again" in place.harvest()
    assert len(set(looked)) == 120, "nothing is left out"
    assert len(looked) == 121, "and nothing twice but what was cut off"


def test_a_class_that_is_reverted_too_often_pauses_itself_until_it_is_resumed(
    place: Place,
) -> None:
    """Promise 8, from what people take back on the wiki to what is shown no more."""
    saved = [place.save("Quirinius", f"M{1 + n % 5}", CAT) for n in range(FEWEST)]
    assert len(set(saved)) == FEWEST
    later(place, 0)
    with Person(place.wiki) as person:
        person.login("Zenobia@gadget")
        for number in range(1, 6):
            for guid in guids(place, f"M{number}"):
                person.post(action="wbremoveclaims", claim=guid)
    assert "20 reverted, 1 paused" in later(place, 7.1)
    assert f"paused {CAT}: 20 of 20 saved statements were reverted" in place.said
    with place.bot.store() as store:
        pause = store.pauses()[CAT]
        assert (pause.saved, pause.reverted) == (20, 20)
    assert "0 paused" in later(place, 7.2)
    assert place.bot.call(CAT, word="resume").returncode == 0
    assert "0 paused" in later(place, 7.3), "nobody overrules who looked at it"
    assert "0 paused" in later(place, 30.2)
