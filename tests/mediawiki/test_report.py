"""The bot's report on a real wiki: saved between people's words, and shown as it is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from depicts_bot import publisher
from depicts_bot.marks import BEGIN, END
from depicts_bot.pages import Page, read_page
from depicts_bot.site import connect
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import Age, Claim, Decision, Fate, Mid, Qid, Verdict
from tests.bot.command import Bot
from tests.model.store.values import V, file_ref, suggested

from .installed import ADMIN, DEPLOYER, EDITOR, PASSWORDS
from .served import MediaWiki
from .session import Session

pytestmark = pytest.mark.slow

TITLE = f"User:{ADMIN}/Report"
ITEMS = tuple(map(Qid, ("Q146", "Q144", "Q5113", "Q10978", "Q405")))


def fill(store: Store, files: int = 60) -> None:
    """Five suggestions a file, of which people took some, and took some back."""
    at = datetime.now(UTC) - timedelta(days=8)
    run = store.start_run("bot", V, {})
    store.save_batch(run, V, [(file_ref(n), suggested(n, *ITEMS)) for n in range(files)])
    for n in range(files):
        item = ITEMS[n % len(ITEMS)]
        kind = Verdict.ACCEPTED if n % 3 else Verdict.REJECTED
        said = Decision(Mid(f"M{n}"), "a" * 40, item, kind, at, 900 + n, issued=at)
        store.add_decisions(f"key-{n}", [said], V)
        claim = Claim(Mid(f"M{n}"), item, f"M{n}$1", 900 + n, at, V)
        store.add_claims([claim])
        store.add_fates(Age.WEEK, {claim: Fate.STANDING if n % 7 else Fate.REVERTED})


@pytest.fixture
def bot(wiki: MediaWiki, tmp_path: Path) -> Iterator[Bot]:
    made = Bot(
        tmp_path / "bot",
        wiki,
        wiki_username=DEPLOYER,
        wiki_password=PASSWORDS[DEPLOYER],
        report_page=TITLE,
        service_url="https://suggest-depicts.example.org",
    )
    with made.store() as store:
        fill(store)
    yield made


@pytest.fixture(scope="module")
def editor(wiki: MediaWiki) -> Session:
    return wiki.session(EDITOR)


def shown(wiki: MediaWiki) -> str:
    return requests.get(wiki.page(TITLE), timeout=60).text


def test_it_is_made_then_kept_between_peoples_words(
    wiki: MediaWiki, bot: Bot, editor: Session
) -> None:
    done = bot.call("--post", word="report")
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert done.stdout.endswith(f"{TITLE} saved\n")
    block = editor.text(TITLE)
    editor.edit(TITLE, f"Hello.\n\n{block}\n\n== Remarks ==\nThanks. ~~~~")
    assert bot.call("--post", "--since", "30", word="report").returncode == 0
    text = editor.text(TITLE)
    assert text.startswith(f"Hello.\n\n{BEGIN}") and "== Remarks ==\nThanks." in text
    assert text.count(BEGIN) == text.count(END) == 1
    (edit,) = editor.query(titles=TITLE, prop="revisions", rvprop="comment|user|flags")["pages"]
    (latest,) = edit["revisions"]
    assert (latest["user"], latest["comment"]) == (ADMIN, publisher.SUMMARY)
    assert latest["minor"] is False


def test_tables_bars_and_links_are_what_a_reader_sees(wiki: MediaWiki, bot: Bot) -> None:
    assert bot.call("--post", word="report").returncode == 0
    html = shown(wiki)
    assert html.count('<table class="wikitable sortable">') == 2
    assert (
        len(re.findall(r'<div aria-hidden="true" style="background:#36c;[^"]*width:\d+%"', html))
        > 9
    )
    assert '<th scope="col">Acceptance rate' in html and '<th scope="row"' in html
    assert 'href="https://suggest-depicts.example.org/plots/kept.svg"' in html
    assert "{|" not in html and "&lt;div" not in html and "{{" not in html


@pytest.mark.parametrize(("word", "refused"), [("Everything", True), ("Thanks", False)])
def test_words_that_come_meanwhile_are_not_lost(
    bot: Bot, editor: Session, monkeypatch: pytest.MonkeyPatch, word: str, refused: bool
) -> None:
    """In the lines that the bot changes they are a conflict, elsewhere the wiki merges them."""
    assert bot.call("--post", word="report").returncode == 0
    block = editor.text(TITLE)
    editor.edit(TITLE, block if "Thanks" in block else f"{block}\n\n\n\nThanks")

    def read(*words: Any) -> Page | None:
        found = read_page(*words)
        editor.edit(TITLE, editor.text(TITLE).replace(word, "MINE"))
        return found

    monkeypatch.setattr(publisher, "read_page", read)
    done = bot.call("--post", "--since", "60", word="report")
    assert "MINE" in editor.text(TITLE)
    if refused:
        assert done.returncode == 2 and done.stderr.startswith("error: edit-refused: ")
    else:
        assert done.returncode == 0 and "What happened since" in editor.text(TITLE)


def test_who_logs_in_again_is_let_in(wiki: MediaWiki) -> None:
    """As of a worker that edits nothing: its login token is of the session before."""
    settings = Settings(
        wiki_api=wiki.api, wiki_username=DEPLOYER, wiki_password=PASSWORDS[DEPLOYER]
    )
    for _ in range(3):
        assert connect(settings).ask(action="query", meta="userinfo")["query"]["userinfo"]
