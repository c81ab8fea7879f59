"""Wikitext as people write it, and as they break it."""

from __future__ import annotations

import math

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


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PAGE)), st.one_of(pieces, st.text(max_size=5)))))
def test_broken_pages_never_raise(edits: list[tuple[int, str]]) -> None:
    text = PAGE
    for place, piece in edits:
        text = text[:place] + piece + text[place + len(piece) // 2 :]
    page = wikitext.read(text)
    assert all(value and "\n" not in value for value in page.description.values())
    assert page.location is None or all(map(math.isfinite, page.location))
