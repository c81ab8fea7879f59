"""The stand-in for Wikibase behind the real wiki answers as the recorded one did."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.sandbox.replay import Pair

from .installed import ADMIN, BLOCKED, EDITOR, FRESH
from .retelling import PAIRS, Retelling
from .scene import Wiki
from .session import Session

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.fixture(name="story")
def made_story(commons: Wiki) -> Retelling:
    return Retelling(commons, commons.session(ADMIN))


@pytest.fixture(name="editor")
def made_editor(commons: Wiki) -> Session:
    return commons.session(EDITOR)


def test_statements_are_added_read_and_removed(story: Retelling, editor: Session) -> None:
    assert story.tell(editor, *range(4, 31)) == {}


def test_base_revisions_and_conflicts(commons: Wiki, story: Retelling, editor: Session) -> None:
    story.file(3)
    assert story.tell(editor, *range(42, 53)) == {}
    # an edit of somebody else's that was not recorded
    commons.session(ADMIN).edit(story.title(2), "An edit of the text alone")
    assert story.tell(editor, *range(53, 61)) == {}
    commons.session(ADMIN).edit(story.title(2), "Another one")
    [row] = editor.query(prop="info", pageids=story.file(2))["pages"]
    story.revisions[37] = row["lastrevid"]
    assert story.tell(editor, *range(62, 68), *range(69, 79)) == {}


def test_who_asks_and_how(commons: Wiki, story: Retelling, editor: Session) -> None:
    nobody = commons.session()
    assert story.tell(editor, 81, token="wrong") == {}
    assert story.tell(editor, 82, token="") == {}
    assert story.tell(nobody, 83, 84) == {}
    assert story.tell(editor, 85, 86, 87, 88, 92) == {}
    assert story.tell(editor, 117, 253, 254, 264, 265) == {}


def test_a_lost_session_is_told_and_its_token_is_worth_nothing(
    commons: Wiki, story: Retelling
) -> None:
    leaving = commons.new_session(FRESH)
    token = leaving.token()
    leaving.logout()
    assert story.tell(leaving, 204, 205, token=token) == {}
    leaving.close()


def test_protected_pages_and_blocked_people(
    commons: Wiki, story: Retelling, editor: Session
) -> None:
    admin = commons.session(ADMIN)
    admin.protect(story.title(8))
    assert story.tell(editor, 159, 160) == {}
    assert story.tell(commons.session(BLOCKED), 164) == {}
    admin.protect(story.title(8), "all")
    assert "error" not in story.ask(editor, PAIRS[160])[0]


def test_limits_and_read_only_times_are_mediawikis_own(
    commons: Wiki, story: Retelling, editor: Session
) -> None:
    assert story.tell(editor, 190, 191) == {}
    commons.mediawiki.limit_edits()
    try:
        assert story.tell(editor, 192, 193, 194) == {}
    finally:
        commons.mediawiki.unlimited()
    commons.mediawiki.read_only("maintenance now")
    try:
        assert story.tell(editor, 197, 198) == {}
    finally:
        commons.mediawiki.writable()


@pytest.mark.parametrize("lines", [range(227, 230), range(234, 237)])
def test_of_racers_one_wins(commons: Wiki, story: Retelling, lines: range) -> None:
    """Three instead of six; which one wins is not decided beforehand."""
    pairs = [PAIRS[line] for line in lines]
    story.file(int(pairs[0].request.get("entity", pairs[0].request.get("id", ""))[1:]))
    racers = [commons.new_session(EDITOR) for _ in pairs]
    with commons.state.lock:
        commons.state.rendezvous.expect(len(pairs))
    with ThreadPoolExecutor(len(pairs)) as pool:
        answers = list(pool.map(story.ask, racers, pairs))
    for one in racers:
        one.close()
    assert outcomes(answers) == outcomes([(one.answer, header(one)) for one in pairs])


def outcomes(answers: list[tuple[Any, str | None]]) -> Counter[tuple[str, str | None]]:
    return Counter(("error" if "error" in body else "", codes) for body, codes in answers)


def header(pair: Pair) -> str | None:
    return pair.headers.get("MediaWiki-API-Error")


def test_the_comparison_can_fail(story: Retelling, editor: Session) -> None:
    assert story.tell(editor, 4) == {}
    # recorded of a file without statements
    story.ask(editor, PAIRS[8])
    assert list(story.tell(editor, 4)) == [4]
