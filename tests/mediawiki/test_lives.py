"""What is counted of a bot's lives: each promise that a life may break is seen to be broken."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from depicts_model.types import NothingReason, NothingToSuggest, Skipped, SkipReason
from tests.sandbox.app import Seen

from .lives import Life, Outcomes, differences, moment, stored_by
from .proxy import API

NOTHING = NothingToSuggest(NothingReason.NOT_SURE)


def of_api(**params: str) -> Seen:
    return Seen("POST", API, params.get("action", "query"), params, "")


def picture(number: int) -> Seen:
    return Seen("GET", f"/images/{number}.png", "", {}, "")


def stored(count: int) -> Outcomes:
    return {(f"M{n}", "a"): (NOTHING, "v") for n in range(count)}


LIST = of_api(list="logevents")
PAGES, ENTITIES = of_api(pageids="1|2"), of_api(action="wbgetentities")
GOOD = Life(
    [*[of_api(meta="userinfo")] * 8, LIST, PAGES, ENTITIES, *map(picture, range(4, 16))],
    stored(4),
    stored(8),
    [f"M{n}" for n in range(4, 12)],
    killed=True,
)


def test_a_life_as_it_may_be() -> None:
    assert GOOD.faults() == []
    assert (GOOD.stored, GOOD.seen) == (4, 4)
    assert (len(GOOD.start_up), len(GOOD.reads), len(GOOD.pictures)) == (8, 3, 12)


@pytest.mark.parametrize(
    ("life", "fault"),
    [
        (replace(GOOD, asked=[of_api(), *GOOD.asked]), "start-up"),
        (replace(GOOD, asked=[*GOOD.asked, *[PAGES] * 4]), "reads"),
        (replace(GOOD, asked=[*GOOD.asked, picture(16)]), "pictures"),
        (replace(GOOD, linked=[f"M{n}" for n in range(4, 13)]), "linked and not stored"),
        (replace(GOOD, linked=["M3"]), "linked though stored"),
        (replace(GOOD, linked=["M5", "M5"]), "linked twice"),
        (replace(GOOD, before={("M99", "a"): (NOTHING, "v")}), "lost"),
    ],
)
def test_a_life_as_it_may_not_be(life: Life, fault: str) -> None:
    assert f"{fault}: 1 too many" in life.faults()


def test_what_was_skipped_allows_no_picture() -> None:
    skipped = (Skipped(SkipReason.ARTWORK), "v")
    life = replace(GOOD, after=stored(7) | {("M7", "a"): skipped})
    assert life.faults() == ["pictures: 1 too many", "linked and not stored: 1 too many"]


def test_what_is_stored_otherwise_is_told() -> None:
    assert differences(stored(3), stored(3)) == []
    assert differences(stored(3), stored(2)) == [("M2", "a")]
    other = stored(2) | {("M2", "a"): (Skipped(SkipReason.DELETED), "v")}
    assert differences(stored(3), other) == [("M2", "a")]
    assert differences(stored(3), stored(2) | {("M2", "a"): (NOTHING, "w")}) == [("M2", "a")]


@pytest.mark.parametrize("kills", [1, 20, 200])
def test_kills_come_before_the_work_is_done(kills: int) -> None:
    """Whatever moments come out; of a life that stores what it may by then."""
    for seed in range(20):
        random, images = Random(seed), 270
        for left in range(kills, 0, -1):
            at, _ = moment(random, images, left)
            images -= stored_by(at)
            assert images > 0
        # and not all of them at its beginning
        assert images < 135 or kills == 1
