"""What a harvest asks of the wiki: what cannot be answered yet, or any more, is not asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from depicts_bot import harvester
from depicts_model.store import Store
from depicts_model.types import Claim, Mid, Qid, Verdict
from tests.model.store.values import SAID, V, decision
from tests.sandbox.world import DEFAULT_TAG

from .conftest import ScriptedWiki
from .test_settling import revision, wiki_of

CLAIM = Claim(Mid("M3"), Qid("Q144"), "M3$1", 10, SAID, V)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


def say_no(store: Store, *revisions: int, qid: str = "Q146") -> None:
    for number in revisions:
        said = decision(qid, Verdict.REJECTED, 3, number)
        store.add_decisions(f"key-{number}", [said], V)


def harvested(store: Store, wiki: ScriptedWiki) -> dict[str, int]:
    counts: dict[str, int] = {}
    harvester._refusals(wiki, store, DEFAULT_TAG, counts)
    return counts


@pytest.mark.slow
def test_invented_revisions_are_never_asked_of(store: Store) -> None:
    say_no(store, *range(100, 400))
    wiki = ScriptedWiki([])
    for _ in range(3):
        assert harvested(store, wiki) == {"shared": 0, "waiting": 0}
    assert wiki.asked == []


def test_what_is_one_persons_is_asked_once_and_another_may_still_agree(store: Store) -> None:
    say_no(store, 10, 11)
    store.add_claims([CLAIM, replace(CLAIM, revision=11)])
    wiki = wiki_of(revision(10, 6), revision(11, 6))
    assert harvested(store, wiki) == harvested(store, wiki) == {"shared": 0, "waiting": 0}
    assert len(wiki.asked) == 1
    say_no(store, 12)
    store.add_claims([replace(CLAIM, revision=12)])
    assert harvested(store, wiki_of(revision(10, 6), revision(12, 7)))["shared"] == 1
    assert {one.revision for one in store.decisions(Mid("M3"))} == {None}


def test_a_harvest_asks_so_much_and_the_next_one_the_rest(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harvester, "MOST", 2)
    for qid in ("Q1", "Q2", "Q3"):
        say_no(store, 10, 11, qid=qid)
    store.add_claims([CLAIM, replace(CLAIM, revision=11)])
    both = revision(10, 6), revision(11, 7)
    assert [harvested(store, wiki_of(*both))["shared"] for _ in range(2)] == [2, 1]
    assert store.refused("a" * 40) == {"Q1", "Q2", "Q3"}
