"""Who opted out is passed by: users, categories, templates, and pages that send bots away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from depicts_bot.opting_out import NOBODY, OptOuts, parse, read_opt_outs
from depicts_bot.sources import NEW_UPLOADS
from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN
from depicts_model.types import Mid, Skipped, SkipReason
from tests.bot import worlds
from tests.bot.asked import opened, run_over
from tests.bot.command import Bot
from tests.bot.conftest import ScriptedWiki
from tests.console import blocks
from tests.sandbox import control
from tests.sandbox.server import EmbeddedWiki

PAGE = Settings().opt_out_page
OPERATORS = Path(__file__).parents[2] / "docs" / "operators.md"
TEXT = json.dumps(
    {
        "users": {"User:some_body": "asked on the talk page"},
        "categories": {"Category:Postcards of X": "the archive tags them itself"},
        "templates": {"no Suggestions please": "for whoever wants none"},
    }
)


def test_what_the_page_says() -> None:
    said = parse(TEXT, PAGE, 12)
    assert said == OptOuts(
        frozenset({"Some body"}),
        frozenset({"Postcards of X"}),
        frozenset({"no suggestions please"}),
    )
    assert parse("{}", PAGE) == NOBODY
    assert said.record() == {"revision": 12, "users": 1, "categories": 1, "templates": 1}


@pytest.mark.parametrize(
    ("uploader", "categories", "templates", "named"),
    [
        ("Some body", (), (), True),
        ("", ("Cats", "Postcards of X"), (), True),
        ("", (), ("information", "no suggestions please"), True),
        ("some Body", ("Postcards of Y",), ("information",), False),
        ("", (), (), False),
    ],
)
def test_one_of_them_is_enough(
    uploader: str, categories: tuple[str, ...], templates: tuple[str, ...], named: bool
) -> None:
    assert parse(TEXT, PAGE).name(uploader, categories, templates) is named


def test_the_example_of_the_operators_page_is_understood() -> None:
    *_, example = blocks(OPERATORS.read_text(encoding="utf-8"), "json")
    said = parse(example, PAGE)
    assert said.users and said.categories and said.templates


REFUSED = {
    "misspelt key": ('{"user": {}}', "unknown key 'user'; the nearest valid one is 'users'"),
    "the revision": ('{"revision": {}}', "unknown key 'revision'"),
    "a list of users": ('{"users": ["A"]}', "users: must be an object, not ['A']"),
    "no reason": ('{"users": {"A": ""}}', "users: A: the reason must be a text, not ''"),
    "no name": ('{"users": {" _ ": "x"}}', "users: no name: ' _ '"),
    "a namespace alone": ('{"categories": {"Category:": "x"}}', "categories: no name: 'Category:'"),
    "key twice": ('{"users": {}, "users": {"A": "x"}}', "'users' is given twice"),
    "empty page": ("", "not JSON: "),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_page_that_cannot_be_understood_is_no_empty_one(name: str) -> None:
    text, fault = REFUSED[name]
    with pytest.raises(ConfigurationError) as caught:
        parse(text, PAGE)
    told = str(caught.value)
    assert told.startswith(f"{PAGE}: ") and fault in told


def test_no_page_and_no_setting_are_nobody() -> None:
    assert read_opt_outs(ScriptedWiki([]), "") == NOBODY
    missing = {"query": {"pages": [{"title": PAGE, "missing": True}]}}
    assert read_opt_outs(ScriptedWiki([missing]), PAGE) == NOBODY


def files() -> list[tuple[worlds.Row, worlds.Blob]]:
    return [
        worlds.file(1),
        worlds.file(2, user="Some body"),
        worlds.file(3, wikitext="[[Category:Postcards of X]]"),
        worlds.file(4, wikitext="{{No_suggestions please}}"),
        worlds.file(5, wikitext="{{nobots}}"),
        worlds.file(6, wikitext="{{bots|deny=CropBot, Suggest-Depicts}}"),
        worlds.file(7, wikitext="{{bots|deny=CropBot}}"),
        worlds.file(8, wikitext="{{Artwork|title=x}}{{nobots}}", user="Some body"),
    ]


OPTED_OUT = Skipped(SkipReason.OPTED_OUT)
OUT = {Mid(f"M{n}") for n in (2, 3, 4, 5, 6, 8)}


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    hidden = frozenset({"Category:Postcards of X"})
    with EmbeddedWiki(worlds.world(files(), {"hidden": hidden})) as running:
        control.apply(running.state, {"do": "edit", "title": PAGE, "text": TEXT, "user": "Admin"})
        yield running


def test_who_opted_out_is_counted_and_not_even_fetched(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        run = run_over(wiki, store)
        run.opt_outs = read_opt_outs(run.wiki, PAGE)
        tally = run.all(NEW_UPLOADS)
        assert tally.counts()["skipped:opted-out"] == len(OUT)
        skipped = {mid for mid, o in run.outcomes().items() if o == OPTED_OUT}
    assert skipped == OUT
    assert len(run.fetched) == 2


@pytest.mark.slow
def test_the_command_reads_the_page_and_keeps_no_name(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot = Bot(tmp_path / "a", wiki)
    done = bot.call()
    assert done.returncode == 0, done.stderr
    assert f"{len(OUT)} opted-out" in done.stdout
    with bot.store() as store:
        inputs = store.last_inputs(BOT_RUN)
    assert inputs["opt_outs"]["users"] == 1 and inputs["source"] == "uploads"
    kept = (tmp_path / "a" / "store.sqlite").read_bytes()
    assert b"ome body" not in kept and b"ome_body" not in kept
    assert "ome body" not in done.stdout + done.stderr

    control.apply(wiki.state, {"do": "edit", "title": PAGE, "text": '{"user": {}}'})
    broken = bot.call()
    assert (broken.returncode, broken.stdout) == (2, "")
    assert broken.stderr.startswith(f"error: {PAGE}: unknown key 'user'")
