"""Real pywikibot, in a process of its own, at home in the embedded wiki."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import control
from .conftest import API
from .pywikibot_home import write_home
from .server import EmbeddedWiki
from .world import read_world

SCRIPT = "tests.sandbox.pywikibot_script"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wiki() -> Iterator[EmbeddedWiki]:
    """One wiki, and below one run, for all tests of this file."""
    with EmbeddedWiki(read_world(API / "seed.json", API / "seed_more.json")) as running:
        yield running


@pytest.fixture(scope="module")
def told(wiki: EmbeddedWiki, tmp_path_factory: pytest.TempPathFactory) -> Any:
    control.apply(wiki.state, {"do": "claim", "entity": "M3", "item": "Q11631", "prop": "P180"})
    password = wiki.state.passwords["DepictsBot@depicts"]
    env = write_home(tmp_path_factory.mktemp("home"), wiki.url, "DepictsBot", "depicts", password)
    run = subprocess.run(
        [sys.executable, "-m", SCRIPT],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.slow
def test_pywikibot_reads_and_writes(wiki: EmbeddedWiki, told: Any) -> None:
    assert told["user"] == "DepictsBot"
    assert told["bot"] is True
    assert told["uploads"][0] == ["File:Chelsea the cat.png", 6]
    assert len(told["uploads"]) == 16
    assert "A tabby cat named Chelsea" in told["text"]
    assert told["sha1"] == "df9eb3dbf4887aa5f75fdcbae5facea0522ca15f"
    assert told["thumb"].startswith(wiki.url)
    assert told["thumb"].endswith("/330px-Chelsea_the_cat.png")
    assert told["categories"] == ["Category:Cats", "Category:Photographs of cats"]
    assert told["bare"] == {}, "a file without MediaInfo has an empty data item"
    assert told["described"] == {"P180": ["Q11631"]}
    assert told["label"] == "house cat"
    assert len(told["batch"]) == 16
    assert all(told["preloaded"])
    assert told["protection"] == {}
    assert told["error"] == "no-such-entity"


@pytest.mark.slow
def test_what_pywikibot_saved_is_there(wiki: EmbeddedWiki, told: Any) -> None:
    assert told["save"] == 1
    assert told["after"] == {"P180": ["Q144"]}
    page = wiki.state.commons.pages[2]
    saved = wiki.state.commons.latest(page)
    assert (saved.user, saved.tags) == ("DepictsBot", ["suggest-depicts"])
    assert wiki.state.commons.changes[-1].bot is True


@pytest.mark.slow
def test_every_request_of_pywikibot_names_its_agent(wiki: EmbeddedWiki, told: Any) -> None:
    assert all("Pywikibot" in seen.user_agent for seen in wiki.requests)
    assert not [seen for seen in wiki.requests if "lgpassword" in seen.params]
