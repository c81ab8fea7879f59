"""The items' own images: names of files for the reader's page to look up, never addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from depicts_model.settings import Settings
from depicts_toolforge.answers import ITEM_PAGE
from tests.toolforge import pictured
from tests.toolforge.conftest import CAT, DOG, FELIDAE, Service
from tests.toolforge.test_items import AROUND, around
from tests.toolforge.test_security import serving

CAT_IMAGE, FELIDAE_IMAGE = 'Cat "Mío" (1).jpg', "Big cats.png"


@pytest.fixture
def illustrated(settings: Settings, tmp_path: Path) -> Iterator[Service]:
    """The service of the other tests, over a catalog that knows images of two items."""
    images = {CAT: CAT_IMAGE, FELIDAE: FELIDAE_IMAGE}
    catalog = pictured.starter(tmp_path / "pictured.sqlite", images)
    with serving(replace(settings, catalog=str(catalog))) as made:
        yield made


def test_a_suggestion_names_the_items_image(illustrated: Service) -> None:
    illustrated.suggest(11, CAT, DOG)
    shown = illustrated.get(11)["suggestions"]
    assert [one["image"] for one in shown] == [CAT_IMAGE, None]


def test_what_is_found_and_what_lies_around_has_its_image_too(illustrated: Service) -> None:
    told = around(illustrated, CAT)
    assert told["image"] == CAT_IMAGE
    images = {one["item"]: one["image"] for one in told["more_general"]}
    assert images.pop(FELIDAE) == FELIDAE_IMAGE
    assert images and set(images.values()) == {None}
    query = {"search": "cat", "limit": 1}
    found = illustrated.client.get("/api/v1/items", query_string=query).get_json()["items"]
    assert [(one["item"], one["image"]) for one in found] == [(CAT, CAT_IMAGE)]


def test_a_catalog_without_images_says_so(service: Service) -> None:
    assert [one["image"] for one in service.get(1)["suggestions"]] == [None]
    assert {one["image"] for one in around(service, CAT)["more_specific"]} == {None}


def test_the_only_addresses_are_those_of_items(illustrated: Service) -> None:
    search = illustrated.client.get("/api/v1/items?search=cat")
    for answer in (illustrated.ask(1), illustrated.client.get(AROUND.format(CAT)), search):
        addresses = re.findall(r"(?:https?:)?//[^\"]+", answer.text)
        assert addresses and all(one.startswith(ITEM_PAGE) for one in addresses)
