"""Wikitext as people write it, and as they break it."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depicts_bot import wikitext

PAGE = """== {{int:filedesc}} ==
{{Information
|description={{en|1=A tabby cat named [[w:Chelsea|Chelsea]]}} {{de|Eine ''Katze''}}<!-- x -->
|date=2024-05-01
|source={{own}}
|author=[[User:Uploader|Uploader]]
}}
{{Location|48.8584|-2.2945|source:EXIF_region:FR}}

== {{int:license-header}} ==
{{self|cc-by-4.0}}

[[Category:Cats]]"""


def test_a_usual_page() -> None:
    page = wikitext.read(PAGE)
    assert page.description == {"en": "A tabby cat named Chelsea", "de": "Eine Katze"}
    assert page.location == (48.8584, -2.2945)
    assert not page.artwork


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A plain cat", {"und": "A plain cat"}),
        ("{{en|1=A cat}} and more", {"en": "A cat", "und": "and more"}),
        ("''{{zh-hans|猫}}''", {"zh-hans": "猫"}),
        ("{{mld|en=A cat|fr=Un chat|format=plain}}", {"en": "A cat", "fr": "Un chat"}),
        ("{{own}} {{unknown|author}}", {}),
        ("{{en|1=}}", {}),
        ("{{en|1={{Taxon|Felis catus}} A cat}}", {"en": "A cat"}),
    ],
)
def test_descriptions(value: str, expected: dict[str, str]) -> None:
    assert wikitext.read("{{information|Description = " + value + "}}").description == expected


@pytest.mark.parametrize(
    ("template", "place"),
    [
        ("{{Location|12.5|-7}}", (12.5, -7.0)),
        ("{{location dec|12.5|-7|heading:N}}", (12.5, -7.0)),
        ("{{Location|12|30|0|S|7|15|36|W|region:XX}}", (-12.5, -7.26)),
        ("{{Location|12|30||N|7|15|36|E}}", (12.5, 7.26)),
        ("{{Object location|12.5|-7}}", None),
        ("{{Location|91|0}}", None),
        ("{{Location|0|181}}", None),
        ("{{Location|nan|0}}", None),
        ("{{Location|inf|0}}", None),
        ("{{Location|here}}", None),
        ("{{Location|}}", None),
        ("{{Location|12|30|0|E|7|15|36|N}}", None),
        ("{{Location|x|y}}{{Location|1|2}}", (1.0, 2.0)),
    ],
)
def test_locations(template: str, place: tuple[float, float] | None) -> None:
    assert wikitext.read(template).location == place


@pytest.mark.parametrize("name", ["Artwork", "artwork", "Art_Photo", "Book", "Template:Map", "MAP"])
def test_works_of_their_own_are_recognised(name: str) -> None:
    assert wikitext.read("{{" + name + "\n|title=x|description={{en|1=y}}}}").artwork


@pytest.mark.parametrize("name", ["Information", "Bookshelf", "Map marker", "Roadmap"])
def test_likeness_is_not_enough(name: str) -> None:
    assert not wikitext.read("{{" + name + "|1=Artwork}} Artwork Book Map").artwork


def test_an_endless_page_is_cut() -> None:
    page = "{{Information|description=A cat}}" + "{{" * wikitext.MAX_CHARACTERS
    assert wikitext.read(page).description == {"und": "A cat"}


ARTWORK = """{{Artwork
 |artist = {{Creator:Vincent van Gogh}} [[Vincent van Gogh]]
 |author = somebody else
 |title = {{en|1=''The Starry Night''}}
 |description={{en|1=A village}}
 |object type = painting
 |medium = {{Technique|oil|canvas}} oil on canvas
 |Wikidata= Q45585
 |source=
}}
{{Map|title=a second one}}"""


def test_what_an_artwork_template_says_of_the_work() -> None:
    page = wikitext.read(ARTWORK)
    assert page.artwork
    assert page.description == {"en": "A village"}
    assert page.work == {
        "artist": "Vincent van Gogh",
        "kind": "painting",
        "medium": "oil on canvas",
        "item": "Q45585",
    }
    assert not wikitext.read("{{Information|title=x|artist=y}}").work


def test_the_templates_of_the_page_itself_are_named() -> None:
    page = wikitext.read("{{Information|author={{Some_body}}}}{{template: No  Tags\n|x}}{{}}")
    assert page.templates == {"information", "some body", "no tags"}


@pytest.mark.parametrize(
    ("text", "stay"),
    [
        ("{{nobots}}", True),
        ("{{Nobots|x}}", False),
        ("{{bots}}", False),
        ("{{bots|allow=all}}", False),
        ("{{bots|allow=none}}", True),
        ("{{bots|allow=CropBot}}", True),
        ("{{bots|allow=CropBot,Suggest-Depicts}}", False),
        ("{{bots|deny=all}}", True),
        ("{{bots|deny=none}}", False),
        ("{{bots|deny=CropBot}}", False),
        ("{{bots|deny=CropBot, suggest-depicts}}", True),
        ("{{bots|optout=all}}", False),
        ("<nowiki>{{nobots}}</nowiki> <!-- {{nobots}} -->", False),
    ],
)
def test_pages_that_send_bots_away(text: str, stay: bool) -> None:
    assert wikitext.read(text).asks_bots_to_stay is stay


# --- whatever people write ---

UNITS = [
    "{{", "{{a|", "{{{a|", "{|\n", "{|\n|{{", "[[a|", "[[a|[", "[http://a ", "[//a b", "<ref>",
    "<b>''", '<div a="', "<a b=c ", "<!--", "<nowiki>{{", "'''''a", "==a\n", ":;*#\n", ";a:b\n",
    "*a\n", "::::::::::a\n", "#;a\n", "<br>", "&#x", "{{Information|description={{en|1=x}}",
    "{{a}}", "{{{{{a|", "----\n", "<ref name=a>b</ref>", "{{a|b={{c|", "}}{{", "|}{|\n",
]  # fmt: skip
"""Of which the parser by itself would make minutes, most of them; repeated to a full page."""


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_no_page_keeps_the_bot_for_long(unit: str) -> None:
    """Seconds of this process alone: other tests may be at work beside it."""
    page = unit * (wikitext.MAX_CHARACTERS // len(unit) + 1)
    began = time.process_time()
    wikitext.read(page)
    assert time.process_time() - began < 10


def test_a_page_that_closes_its_marks_is_read_to_its_end() -> None:
    part = "{{a|b={{c|[[d|e]]|<ref>f</ref>}}}}\n* [https://g h]<br />\n{|\n|i\n|}\n"
    page = part * (20_000 // len(part)) + "{{Location|1|2}}"
    assert wikitext.read(page).location == (1, 2)


pieces = st.sampled_from(
    [
        "{{",
        "}}",
        "[[",
        "]]",
        "|",
        "=",
        "<!--",
        "-->",
        "<nowiki>",
        "<ref>",
        "''",
        "{|",
        "|}",
        "Information",
        "description",
        "Location",
        "en",
        "1",
        "\n",
        "&#x0;",
        "\x00",
        "\ud800",
    ]
)


def check(text: str) -> None:
    """Reading it raises nothing, and what it says is fit to be evidence."""
    page = wikitext.read(text)
    assert all(value and "\n" not in value for value in page.description.values())
    assert all(value and "\n" not in value for value in page.work.values())
    assert page.location is None or all(map(math.isfinite, page.location))
    assert all(name == " ".join(name.split()) for name in page.templates)
    # nothing depends on what was read before
    assert wikitext.read(text) == page


@pytest.mark.slow
@settings(deadline=None)
@given(
    st.sampled_from([PAGE, ARTWORK, PAGE + ARTWORK]),
    st.lists(st.tuples(st.integers(0, len(PAGE)), st.one_of(pieces, st.text(max_size=5)))),
)
def test_broken_pages_never_raise(text: str, edits: list[tuple[int, str]]) -> None:
    for place, piece in edits:
        text = text[:place] + piece + text[place + len(piece) // 2 :]
    check(text)


@pytest.mark.slow
@settings(deadline=None)
@given(st.sampled_from([PAGE, ARTWORK]), st.data())
def test_pages_with_parts_lost_doubled_or_swapped_never_raise(
    text: str, data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 6))):
        place = st.integers(0, len(text))
        one, two, three = sorted(data.draw(st.tuples(place, place, place)))
        first, second = text[one:two], text[two:three]
        changed = [first, first * 3, second + first, second[::-1], ""]
        text = (text[:one] + data.draw(st.sampled_from(changed)) + text[three:])[:4000]
    check(text)


templates = st.sampled_from(
    ["Information", "Artwork", "Map", "Location", "en", "mld", "bots", "nobots", "own", ""]
)
names = st.sampled_from(
    ["description", "Description ", "title", "artist", "wikidata", "deny", "allow", "1", "en", ""]
)


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    parameter = st.tuples(names, inner).map("=".join) | inner
    template = st.tuples(templates, st.lists(parameter, max_size=4)).map(
        lambda made: "{{" + "|".join((made[0], *made[1])) + "}}"
    )
    link = inner.map("[[{}]]".format)
    return template | link | st.lists(inner, max_size=3).map("".join)


@pytest.mark.slow
@settings(deadline=None)
@given(st.recursive(st.one_of(pieces, st.text(max_size=8)), nested, max_leaves=25))
def test_generated_pages_never_raise(text: str) -> None:
    check(text)
