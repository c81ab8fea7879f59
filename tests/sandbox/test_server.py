"""The wiki as a process, its pages, its pictures, its control desk; and the demo's world."""

from __future__ import annotations

import csv
import hashlib
import io
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image, ImageChops
from werkzeug.wrappers import Response

from . import photos
from .client import Person
from .oddities import ODDITIES, add_oddities
from .server import EmbeddedWiki

ROOT = Path(__file__).parents[2]
ACCEPTED = ROOT / "tests" / "fixtures" / "demo" / "accepted.csv"


@pytest.fixture(scope="module")
def demo() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(photos.demo_world({"Q146": "cat"})) as running:
        yield running


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=30)


# --- the demo's world -----------------------------------------------------------------------


def test_the_photographs_are_real_free_and_mostly_in_colour() -> None:
    rows = photos.read_table()
    free = [row for row in rows if not row["licence"].startswith("not stated")]
    assert len(free) >= 12
    assert sum(row["colour"] == "yes" for row in free) >= 8
    assert all(row["author"] and row["licence"] and row["template"] for row in rows)


@pytest.mark.parametrize("row", photos.read_table(), ids=lambda row: row["title"])
def test_a_photograph_is_in_colour_if_the_table_says_so(row: dict[str, str]) -> None:
    with Image.open(photos.path_of(row)) as image:
        red, green, blue = image.convert("RGB").split()
    differences = [ImageChops.difference(red, green), ImageChops.difference(green, blue)]
    is_grey = all(max(one.tobytes()) < 20 for one in differences)
    assert is_grey == (row["colour"] == "no")


def test_every_photograph_is_judged_by_the_table_of_accepted_items() -> None:
    with ACCEPTED.open(encoding="utf-8", newline="") as lines:
        judged = {row["title"] for row in csv.DictReader(lines)}
    assert {row["title"] for row in photos.read_table()} == judged


def test_the_demo_was_uploaded_more_than_48_hours_ago(demo: EmbeddedWiki) -> None:
    limit = datetime.now(UTC) - timedelta(hours=48)
    pages = list(demo.state.commons.file_pages())
    assert len(pages) == len(photos.read_table())
    assert all(datetime.fromisoformat(page.file.timestamp) < limit for page in pages if page.file)


def test_the_demo_has_a_depicted_and_a_moved_file(demo: EmbeddedWiki) -> None:
    with Person(demo) as person:
        page = person.get(action="query", titles=photos.DEPICTED[0])["query"]["pages"][0]
        assert person.depicts(f"M{page['pageid']}") == [photos.DEPICTED[1]]
        old = person.get(action="query", titles=photos.MOVED[0], prop="info")["query"]["pages"][0]
        assert old["redirect"] is True
        log = person.get(
            action="query", list="logevents", letitle=photos.MOVED[0], leaction="upload/upload"
        )["query"]["logevents"][0]
        assert log["pageid"] == old["pageid"] != log["logpage"]


def test_a_claim_to_an_item_of_the_catalog_is_taken_and_to_no_other(demo: EmbeddedWiki) -> None:
    with Person(demo) as person:
        person.login("Reviewer@gadget")
        assert person.add("M3", "Q146")["success"] == 1
        assert person.add("M3", "Q147")["error"]["code"] == "modification-failed"


def test_hidden_categories_can_be_left_out(demo: EmbeddedWiki) -> None:
    with Person(demo) as person:
        asked = {"action": "query", "pageids": 2, "prop": "categories"}
        everything = person.get(**asked)["query"]["pages"][0]["categories"]
        shown = person.get(**asked, clshow="!hidden")["query"]["pages"][0]["categories"]
    assert {row["title"] for row in everything} - {row["title"] for row in shown} == {photos.HIDDEN}


# --- pictures and pages ---------------------------------------------------------------------


def describe(wiki: EmbeddedWiki, title: str, width: int) -> dict[str, Any]:
    with Person(wiki) as person:
        page = person.get(
            action="query", titles=title, prop="imageinfo", iiprop="url|sha1|size", iiurlwidth=width
        )["query"]["pages"][0]
    found: dict[str, Any] = page["imageinfo"][0]
    return found


def test_the_original_has_the_bytes_of_its_sum(demo: EmbeddedWiki) -> None:
    told = describe(demo, "File:Chelsea the cat.png", 330)
    data = get(told["url"]).content
    assert hashlib.sha1(data, usedforsecurity=False).hexdigest() == told["sha1"]


@pytest.mark.parametrize(
    "title",
    [
        "File:Chelsea the cat.png",
        "File:Dahlia flower.jpg",
        "File:Horse silhouette.png",
        "File:Moon surface.png",
    ],
)
def test_a_thumbnail_has_the_size_that_was_told(demo: EmbeddedWiki, title: str) -> None:
    told = describe(demo, title, 330)
    with Image.open(io.BytesIO(get(told["thumburl"]).content)) as image:
        assert image.size == (told["thumbwidth"], told["thumbheight"])


@pytest.mark.parametrize(("width", "status"), [(250, 200), (333, 429), (100, 429), (960, 400)])
def test_thumbnails_come_in_the_standard_widths_only(
    demo: EmbeddedWiki, width: int, status: int
) -> None:
    url = describe(demo, "File:Chelsea the cat.png", 330)["thumburl"]
    assert get(url.replace("/330px-", f"/{width}px-")).status_code == status


def test_a_file_page_shows_picture_description_and_statements(demo: EmbeddedWiki) -> None:
    page = get(demo.url + "/wiki/File:Horse_silhouette.png").text
    assert "<title>File:Horse silhouette.png</title>" in page
    assert '<div id="description">Horse</div>' in page
    assert "depicts: horse" in page
    assert get(demo.url + "/wiki/File:Nothing_here.png").status_code == 404


def test_text_from_the_wiki_is_never_markup(wiki: EmbeddedWiki) -> None:
    text = "|description=<script>alert(1)</script>\n|"
    order = {"do": "edit", "title": "File:Moon surface.png", "text": text}
    assert requests.post(wiki.url + "/sandbox/control", json=order, timeout=30).ok
    page = get(wiki.url + "/wiki/File:Moon_surface.png").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


@pytest.mark.slow
def test_odd_files_are_told_as_they_are(wiki: EmbeddedWiki) -> None:
    pages = add_oddities(wiki.state)
    status: dict[str, int] = {}
    with Person(wiki) as person:
        for page in pages:
            told = person.get(
                action="query",
                pageids=page.id,
                prop="imageinfo",
                iiurlwidth=250,
                iiprop="url|mime|size",
            )["query"]["pages"][0]["imageinfo"][0]
            url = told.get("thumburl")
            status[page.title.partition(":")[2]] = get(url).status_code if url else 0
    assert len(pages) == len(ODDITIES)
    assert status == {
        "Nothing at all.jpg": 500,
        "Cut short.jpg": 500,
        "Very large.jpg": 200,
        "Moving.gif": 200,
        "Drawing.svg": 0,
        "Booklet.pdf": 0,
        "Sound.ogg": 0,
    }


# --- the control desk and the process -------------------------------------------------------


@pytest.mark.parametrize("order", [
    {"do": "nonsense"}, {}, {"do": "delete"}, {"do": "delete", "title": "File:None.png"},
    {"do": "suppress", "logid": 1, "hidden": []}, {"do": "reset", "more": 1},
    {"do": "undelete", "title": "File:None.png"}, {"do": "unblock", "user": "Nobody"},
])  # fmt: skip
def test_a_senseless_order_is_refused_in_words(wiki: EmbeddedWiki, order: dict[str, str]) -> None:
    answer = requests.post(wiki.url + "/sandbox/control", json=order, timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_reset_brings_the_start_back(wiki: EmbeddedWiki) -> None:
    with Person(wiki) as person:
        person.login("Reviewer@gadget")
        assert person.add("M2", "Q146")["entity"]["lastrevid"] == 26
        assert requests.post(wiki.url + "/sandbox/control", json={"do": "reset"}, timeout=30).ok
        assert person.depicts("M2") == []
        person.login("Reviewer@gadget")
        assert person.add("M2", "Q146")["entity"]["lastrevid"] == 26


def test_requests_are_counted_without_their_secrets(wiki: EmbeddedWiki) -> None:
    with Person(wiki) as person:
        person.login("Reviewer@gadget")
    seen = wiki.requests[-1]
    assert (seen.method, seen.path, seen.action) == ("POST", "/w/api.php", "login")
    assert seen.params["lgname"] == "Reviewer@gadget"
    assert wiki.state.passwords["Reviewer@gadget"] not in str(wiki.requests)


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sandbox", *words],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.slow
def test_the_process_says_where_it_is_and_stops_when_told() -> None:
    with start("--demo") as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert urlsplit(url).hostname == "127.0.0.1"
        assert get(url + "/wiki/File:Chelsea_the_cat.png").ok
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


@pytest.mark.slow
def test_a_port_in_use_and_a_bad_seed_are_one_line_each(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"files": []}')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for words in (("--demo", "--port", port), ("--seed", str(seed))):
            with start(*words) as process:
                told = process.communicate(timeout=60)
            assert process.returncode == 2
            assert told[0] == ""
            assert told[1].count("\n") == 1


# --- what stands before the wiki ------------------------------------------------------------


def test_what_stands_before_the_wiki_may_give_another_answer(demo: EmbeddedWiki) -> None:
    demo.before = lambda request, _: Response("busy", 503) if request.path == "/w/api.php" else None
    try:
        assert get(f"{demo.api}?action=query&meta=siteinfo&format=json").text == "busy"
        assert get(f"{demo.url}/wiki/Main_Page").status_code == 200
    finally:
        demo.before = None
    assert get(f"{demo.api}?action=query&meta=siteinfo&format=json").json()["query"]
