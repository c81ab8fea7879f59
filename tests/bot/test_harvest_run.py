"""The real harvest over the embedded wiki: what people saved is found, who they are forgotten."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from depicts_model.store import Store
from depicts_model.types import (
    Decision,
    FileRef,
    Mid,
    Qid,
    Suggested,
    Suggestion,
    Verdict,
)
from tests.bot import worlds
from tests.bot.command import Bot
from tests.sandbox.client import Person
from tests.sandbox.server import EmbeddedWiki
from tests.sandbox.world import DEFAULT_TAG, PASSWORDS, World, plain_entities

pytestmark = pytest.mark.slow

MODEL = "fake-1"
SUMMARY = f"Suggest depicts, model {MODEL}"
PEOPLE = {"Quirinius": 918273645, "Zenobia": 1029384756, "Xanthippe": 1122334455}
CAT, DOG, BIRD = map(Qid, ("Q146", "Q144", "Q5113"))
FILES = 5


def world(tags: tuple[str, ...] = (DEFAULT_TAG,)) -> World:
    """Five pictures, three items, and people whose names and ids occur nowhere else."""
    plain = worlds.world(worlds.pictures(FILES))
    people = [
        {"userid": number, "name": name, "groups": ["user", "autoconfirmed"]}
        for name, number in PEOPLE.items()
    ]
    items = plain_entities({CAT: "cat", DOG: "dog", BIRD: "bird"})
    return replace(
        plain,
        users=(*plain.users, *people),
        entities={**plain.entities, **items},
        passwords=PASSWORDS | {f"{name}@gadget": f"password of {name}" for name in PEOPLE},
        tags=tags,
    )


@dataclass
class Place:
    """A wiki, and the command with its store."""

    wiki: EmbeddedWiki
    bot: Bot
    said: str = ""
    """Everything that the command said."""

    def save(self, name: str, mid: str, *items: Qid, **more: Any) -> int:
        """An edit as the gadget makes it; returns its revision."""
        with Person(self.wiki) as person:
            assert person.login(f"{name}@gadget")["result"] == "Success"
            sent = {"summary": SUMMARY, "tags": DEFAULT_TAG} | more
            answer = person.add(mid, *items, **{k: v for k, v in sent.items() if v})
        revision: int = answer["entity"]["lastrevid"]
        return revision

    def decide(self, key: str, mid: str, qid: Qid, verdict: Verdict, revision: int) -> None:
        decision = Decision(Mid(mid), sha1(mid), qid, verdict, datetime.now(UTC), revision)
        # the wiki tells whole seconds
        decision = replace(decision, issued=decision.at - timedelta(seconds=2))
        with self.bot.store() as store:
            store.add_decisions(key, [decision], MODEL)

    def harvest(self) -> str:
        result = self.bot.call(word="harvest")
        assert result.returncode == 0, result.stderr
        self.said += result.stdout + result.stderr
        return result.stdout


def sha1(mid: str) -> str:
    return f"{int(mid[1:]):040x}"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with EmbeddedWiki(world()) as wiki:
        made = Place(wiki, Bot(tmp_path / "bot", wiki))
        with made.bot.store() as store:
            fill(store)
        yield made


def fill(store: Store) -> None:
    """Every item is suggested for every picture."""
    run = store.start_run("bot", MODEL, {})
    at = datetime.now(UTC)
    files = [FileRef(Mid(f"M{n}"), f"File:{n}", sha1(f"M{n}"), n, at, "") for n in range(1, 6)]
    store.save_batch(run, MODEL, [(file, outcome(file.mid)) for file in files])


def outcome(mid: Mid) -> Suggested:
    items = enumerate((CAT, DOG, BIRD))
    return Suggested(
        tuple(Suggestion(mid, qid, 0.9 - n / 10, (), (), (), MODEL) for n, qid in items)
    )


def test_what_the_gadget_saved_is_found_once(place: Place) -> None:
    place.save("Quirinius", "M1", CAT)
    # somebody else is quicker, by hand, and with our tag by another tool
    place.save("Zenobia", "M2", DOG, summary="", tags="")
    place.save("Zenobia", "M2", BIRD, summary="by hand")
    revision = place.save("Quirinius", "M2", CAT)
    place.decide("key", "M2", CAT, Verdict.ACCEPTED, revision)
    place.decide("key", "M2", DOG, Verdict.ACCEPTED, revision)

    assert "2 edits, 2 claims, 0 shared" in place.harvest()
    with place.bot.store() as store:
        (claim,) = store.claims(Mid("M2"))
        assert (claim.qid, claim.revision, claim.model_version) == (CAT, revision, MODEL)
        assert claim.statement.startswith("M2$")
        assert [one.qid for one in store.claims(Mid("M1"))] == [CAT]
        confirmed = {one.qid: one.confirmed for one in store.decisions(Mid("M2"))}
    assert confirmed == {CAT: True, DOG: False}, "a racer's claim is not ours"

    assert ", 0 claims, " in place.harvest()
    later = place.save("Zenobia", "M3", DOG, BIRD)
    assert ", 2 claims, " in place.harvest()
    with place.bot.store() as store:
        found = {(claim.qid, claim.revision) for claim in store.claims(Mid("M3"))}
        noted = store.noted("statistics")
    assert found == {(DOG, later), (BIRD, later)}
    assert noted and noted.value["totals"]["claims"] == 4
    told = {one["item"]: (one["accepted"], one["saved"]) for one in noted.value["classes"]}
    assert told.keys().isdisjoint({CAT, DOG, BIRD}), "one item makes no class"
    assert sorted(told.values()) == [(2, 3), (2, 4)], "what is above cat and dog, and birds too"


def test_without_the_tag_the_summary_tells(tmp_path: Path) -> None:
    with EmbeddedWiki(world(tags=())) as wiki:
        place = Place(wiki, Bot(tmp_path / "bot", wiki))
        place.save("Quirinius", "M1", CAT, tags="")
        place.save("Zenobia", "M2", DOG, tags="", summary="by hand")
        assert "1 edits, 1 claims" in place.harvest()


def test_two_peoples_no_holds_and_nobody_is_remembered(place: Place) -> None:
    # two people
    for name, item in (("Quirinius", CAT), ("Zenobia", DOG)):
        place.decide(f"two {item}", "M1", BIRD, Verdict.REJECTED, place.save(name, "M1", item))
    # one person twice
    for item in (CAT, DOG):
        revision = place.save("Quirinius", "M2", item)
        place.decide(f"one {item}", "M2", BIRD, Verdict.REJECTED, revision)
    # a second person's edit, but of another page
    place.decide("there", "M3", BIRD, Verdict.REJECTED, place.save("Quirinius", "M3", CAT))
    place.decide("elsewhere", "M3", BIRD, Verdict.REJECTED, place.save("Zenobia", "M4", CAT))
    # a second person's edit of the page, but not by the gadget
    place.decide("gadget", "M5", BIRD, Verdict.REJECTED, place.save("Quirinius", "M5", CAT))
    by_hand = place.save("Xanthippe", "M5", DOG, summary="by hand", tags="")
    place.decide("hand", "M5", BIRD, Verdict.REJECTED, by_hand)

    assert ", 1 shared, 0 waiting" in place.harvest()
    with place.bot.store() as store:
        refused = [store.refused(sha1(f"M{n}")) for n in range(1, 6)]
    assert refused == [{BIRD}, set(), set(), set(), set()]

    # a second person says what the one said twice
    place.decide("second", "M2", BIRD, Verdict.REJECTED, place.save("Zenobia", "M2", BIRD))
    assert ", 1 shared, 0 waiting" in place.harvest()
    nobody_is_in(place)


def nobody_is_in(place: Place) -> None:
    """No name and no id of anybody, in the files of the store or in what was said."""
    texts = [*PEOPLE, "DepictsBot", "Uploader", *map(str, PEOPLE.values())]
    forms = [text.encode() for text in texts]
    # as SQLite, and most of all others, keep a number
    forms += [struct.pack(f"{order}I", number) for number in PEOPLE.values() for order in "<>"]
    files = [path for path in place.bot.folder.rglob("*") if path.is_file()]
    assert any(path.name == "store.sqlite" for path in files)
    for path in files:
        data = path.read_bytes()
        assert [form for form in forms if form in data] == [], path
    assert [text for text in texts if text in place.said] == []


def test_a_wiki_that_is_away_is_one_line(place: Place, tmp_path: Path) -> None:
    gone = Bot(tmp_path / "gone", place.wiki, wiki_api="http://127.0.0.1:1/w/api.php")
    result = gone.run(word="harvest")
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") and len(result.stderr.splitlines()) == 1
