"""Facts of a batch from recorded answers, in a fixed number of requests."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from depicts_bot.context import describe, merge
from depicts_bot.uploads import Upload, parse_timestamp
from depicts_bot.wiki import Json
from depicts_model.errors import WikiError
from depicts_model.types import Qid
from tests.bot.conftest import ScriptedWiki

AT = parse_timestamp("2026-11-21T09:01:17Z")
CAT = Upload(6, AT, 2, "File:Chelsea the cat.png", "df9eb3dbf4887aa5f75fdcbae5facea0522ca15f")
WOMAN = Upload(8, AT, 3, "File:Eileen Collins portrait.png", "ac01" * 10)
GONE = Upload(9, AT, 999999, "File:Gone.png", "ab" * 20)


def none_of(*pages: int) -> Json:
    """The answer where no page has a MediaInfo."""
    mids = [f"M{page}" for page in pages]
    return {"entities": {mid: {"id": mid, "missing": ""} for mid in mids}}


def test_facts_of_recorded_answers(recorded: dict[str, Json]) -> None:
    entities = {"entities": recorded["missing"]["entities"] | recorded["statements"]["entities"]}
    wiki = ScriptedWiki([recorded["pages"], entities])
    cat, woman, gone = describe(wiki, [CAT, WOMAN, GONE], 330)
    assert cat.context.file.sha1 == CAT.sha1
    assert cat.context.file.thumb_url.endswith("/330px-Chelsea_the_cat.png")
    assert cat.context.description == {"en": "A tabby cat named Chelsea"}
    assert cat.context.categories == ("Cats", "Photographs of cats")
    assert (cat.mime, cat.mediatype, cat.width, cat.height) == ("image/png", "BITMAP", 451, 300)
    assert (cat.has_depicts, cat.missing, cat.upload_host) == (False, False, "commons.test")
    assert woman.has_depicts
    assert woman.context.existing_depicts == (Qid("Q144"), Qid("Q146"))
    assert gone.missing
    assert gone.context.file.sha1 == GONE.sha1


def test_two_requests_a_batch_however_many_files(recorded: dict[str, Json]) -> None:
    wiki = ScriptedWiki([recorded["pages"], recorded["missing"]])
    describe(wiki, [CAT, WOMAN, GONE], 330)
    assert [a["action"] for a in wiki.asked] == ["query", "wbgetentities"]
    assert wiki.asked[1]["props"].split("|")[0] == "claims"
    assert wiki.asked[1]["ids"] == "M2|M3|M999999"


@pytest.mark.parametrize(("high", "sizes"), [(False, [50, 10]), (True, [60])])
def test_no_request_names_more_than_the_account_may(high: bool, sizes: list[int]) -> None:
    answers: list[Json] = []
    for start, size in zip((1, 51), sizes, strict=False):
        pages = [{"pageid": n, "missing": True} for n in range(start, start + size)]
        answers += [{"query": {"pages": pages}}, none_of(*range(start, start + size))]
    wiki = ScriptedWiki(answers, high)
    assert len(describe(wiki, [Upload(n, AT, n, "File:A") for n in range(1, 61)], 330)) == 60
    assert [len(a["pageids"].split("|")) for a in wiki.asked if "pageids" in a] == sizes


def test_an_emptied_mediainfo_has_no_depicts(recorded: dict[str, Json]) -> None:
    wiki = ScriptedWiki([recorded["pages"], recorded["emptied"]])
    (cat,) = describe(wiki, [CAT], 330)
    assert not cat.has_depicts


def test_an_unknown_value_is_a_statement_too(recorded: dict[str, Json]) -> None:
    entity = deepcopy(recorded["statements"]["entities"]["M3"])
    snak: Any = entity["statements"]["P180"][0]["mainsnak"]
    snak["snaktype"] = "somevalue"
    del snak["datavalue"], entity["statements"]["P180"][1]
    (woman,) = describe(ScriptedWiki([recorded["pages"], {"entities": {"M3": entity}}]), [WOMAN], 9)
    assert woman.has_depicts
    assert woman.context.existing_depicts == ()


def test_pieces_of_a_continued_query_are_joined(recorded: dict[str, Json]) -> None:
    page = recorded["pages"]["query"]["pages"][0]
    first = {k: v for k, v in page.items() if k != "categories"}
    pieces = [{"pageid": 2, "categories": [c]} for c in page["categories"]]
    assert merge([first, *pieces]) == {2: page}


def test_hidden_categories_are_no_evidence(recorded: dict[str, Json]) -> None:
    answer = deepcopy(recorded["pages"])
    answer["query"]["pages"][0]["categories"][0]["hidden"] = True
    (cat,) = describe(ScriptedWiki([answer, none_of(2, 3, 999999)]), [CAT], 330)
    assert cat.context.categories == ("Photographs of cats",)


def test_frames_are_asked_for_gifs_alone_in_one_request(recorded: dict[str, Json]) -> None:
    answer = deepcopy(recorded["pages"])
    for page in answer["query"]["pages"][:2]:
        page["imageinfo"][0]["mime"] = "image/gif"
    counts = [{"name": "frameCount", "value": 24}, {"name": "looped", "value": True}]
    frames = {
        "query": {
            "pages": [
                {"pageid": 2, "imageinfo": [{"mime": "image/gif", "metadata": counts}]},
                {"pageid": 3, "imageinfo": [{"mime": "image/gif", "metadata": None}]},
            ]
        }
    }
    wiki = ScriptedWiki([answer, none_of(2, 3, 999999), frames])
    cat, woman, _ = describe(wiki, [CAT, WOMAN, GONE], 330)
    assert (cat.frames, woman.frames) == (24, None)
    assert wiki.asked[2]["pageids"] == "2|3"


def test_an_address_without_a_scheme_gets_the_wikis(recorded: dict[str, Json]) -> None:
    answer = deepcopy(recorded["pages"])
    image = answer["query"]["pages"][0]["imageinfo"][0]
    image |= {"url": "//up.test/a.png", "thumburl": "//up.test/thumb/a.png"}
    (cat,) = describe(ScriptedWiki([answer, none_of(2, 3, 999999)]), [CAT], 330)
    assert cat.context.file.thumb_url == "http://up.test/thumb/a.png"
    assert cat.upload_host == "up.test"


@pytest.mark.parametrize("answers", [[{}], [{"query": []}], [{"query": {"pages": []}}, {}]])
def test_an_answer_without_its_part_is_the_wikis_fault(answers: list[Json]) -> None:
    with pytest.raises(WikiError, match=r"unexpected-answer: http://commons\.test"):
        describe(ScriptedWiki(answers), [CAT], 330)


def test_what_the_answer_left_out_is_not_taken_for_missing(recorded: dict[str, Json]) -> None:
    """Half of an answer may be an answer: a file whose statements are left out may have some."""
    for answers in ([recorded["pages"], none_of(2)], [recorded["missing"], none_of(2, 3)]):
        pages = answers[0] if "query" in answers[0] else {"query": {"pages": []}}
        with pytest.raises(WikiError, match=r"unexpected-answer: .*: nothing about M?3") as caught:
            describe(ScriptedWiki([pages, answers[1]]), [WOMAN], 330)
        assert caught.value.retry_after


@pytest.mark.parametrize("gap", ["revisions", "slots", "imageinfo"])
def test_what_is_suppressed_is_left_out(recorded: dict[str, Json], gap: str) -> None:
    answer = deepcopy(recorded["pages"])
    page = answer["query"]["pages"][0]
    if gap == "slots":
        page["revisions"] = [{"revid": 2, "texthidden": True}]
    else:
        del page[gap]
    (cat,) = describe(ScriptedWiki([answer, none_of(2, 3, 999999)]), [CAT], 330)
    assert cat.missing is (gap == "imageinfo")
    assert cat.context.description == (
        {} if gap != "imageinfo" else {"en": "A tabby cat named Chelsea"}
    )
