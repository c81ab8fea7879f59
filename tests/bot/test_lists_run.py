"""The page of lists over the embedded wiki: the real command, the real linker, the real store."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from depicts_bot.report import decision_line
from depicts_model.overrides import Overrides, recorded
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN
from depicts_model.types import Qid
from tests.bot import worlds
from tests.bot.command import Bot
from tests.model.store.looking import all_outcomes
from tests.sandbox import control
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow

PAGE = Settings().lists_page


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(worlds.pictures(8))) as running:
        yield running


def write(wiki: EmbeddedWiki, text: str) -> None:
    control.apply(wiki.state, {"do": "edit", "title": PAGE, "text": text, "user": "Admin"})


def suggested(told: str) -> list[Qid]:
    """Every item that a simulation's lines suggest."""
    return [Qid(found) for found in re.findall(r"\b(Q\d+)=0\.\d", told)]


def test_a_barred_item_disappears_and_the_run_says_which_lists_it_obeyed(
    wiki: EmbeddedWiki, tmp_path: Path, model_dir: Path
) -> None:
    bot = Bot(tmp_path / "a", wiki, model_dir)
    before = bot.call("--simulate")
    assert before.returncode == 0, before.stderr
    assert PAGE not in before.stderr, "no page, and nothing to say"
    (often, times), *_ = Counter(suggested(before.stdout)).most_common(1)
    assert times >= 1

    write(wiki, json.dumps({"never_suggest": {often: "too often, says User:Somebody"}}))
    after = bot.call()
    assert after.returncode == 0, after.stderr
    line = after.stderr.splitlines()[0]
    assert line.startswith(f"{PAGE}, revision ")
    assert line.endswith(": 1 never_suggest, 0 allow, 0 withhold, 0 release")
    with bot.store() as store:
        inputs, stored = store.last_inputs(BOT_RUN), all_outcomes(store)
    assert len(stored) == 8
    assert often not in {q for s in stored for q in suggested(decision_line(s.file, s.outcome))}
    assert recorded(inputs) == Overrides(never_suggest=frozenset({often}))
    assert "Somebody" not in str(inputs)


def test_a_misspelt_key_stops_the_run_before_anything_is_stored(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    write(wiki, '{"never_sugest": {"Q146": "no cats"}}')
    bot = Bot(tmp_path / "a", wiki)
    result = bot.call()
    assert (result.returncode, result.stdout) == (2, "")
    known = "unknown key 'never_sugest'; the nearest valid one is 'never_suggest'"
    assert result.stderr == f"error: {PAGE}: {known}\n"
    with bot.store() as store:
        assert not any(store.counts().values())
    write(wiki, '{"never_suggest": {"Q146": "no cats"}}')
    assert bot.call().returncode == 0


def test_where_no_page_is_set_none_is_asked_for(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    write(wiki, "broken")
    bot = Bot(tmp_path / "a", wiki, lists_page="", switch_page="", opt_out_page="")
    assert bot.call().returncode == 0
    assert not any(seen.params.get("titles") for seen in wiki.requests)


@pytest.mark.parametrize("setting", ["switch_page", "opt_out_page", "lists_page"])
def test_two_titles_are_no_page(tmp_path: Path, wiki: EmbeddedWiki, setting: str) -> None:
    """The wiki would answer with two pages, and what is on the second be passed over."""
    done = Bot(tmp_path / "a", wiki, None, **{setting: "Main Page|Other"}).call()
    assert done.returncode == 2, done.stdout
    assert f"{setting}: not a title of a page here: 'Main Page|Other'" in done.stderr
