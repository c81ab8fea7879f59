"""A run over a made-up wiki: nothing twice, nothing lost, everything counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from depicts_bot import pipeline
from depicts_bot.pipeline import GIVE_UP
from depicts_bot.portions import OVERWRITTEN
from depicts_bot.report import Tally, decision_line
from depicts_bot.work import Work, now
from depicts_model.errors import ImageError, StoreError, WikiError
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Suggested,
)
from tests.bot.fakes import START, FakeLinker, FakeWiki
from tests.model.store.looking import all_outcomes

NOW = START + timedelta(days=10)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest.fixture
def wiki() -> FakeWiki:
    made = FakeWiki()
    for pageid in range(1, 8):
        made.upload(pageid)
    return made


def work_on(wiki: FakeWiki, store: Store, batch: int = 3) -> Work:
    settings = Settings(wiki_api=wiki.api, batch_size=batch)
    return Work(wiki, FakeLinker(), store, wiki.fetch, settings, NOW)


def run(work: Work, at_most: int | None = None) -> Tally:
    tally = Tally()
    number = work.store.start_run("bot", "fake-1", {})  # type: ignore[attr-defined]
    for batch in pipeline.decide(work, at_most):
        pipeline.act(work, number, batch)
        batch.count(tally)
    return tally


def stored(store: Store) -> dict[tuple[str, str], Outcome]:
    return {(s.file.mid, s.file.sha1): s.outcome for s in all_outcomes(store)}


def outcome_of(store: Store, pageid: int) -> Outcome:
    found = store.latest(Mid(f"M{pageid}"))
    assert found is not None
    return found.outcome


def test_one_outcome_a_file(wiki: FakeWiki, store: Store) -> None:
    tally = run(work_on(wiki, store))
    kinds = {type(outcome) for outcome in stored(store).values()}
    assert kinds == {Suggested, NothingToSuggest}
    assert len(stored(store)) == tally.listed == 7


def test_a_second_run_asks_the_log_alone(wiki: FakeWiki, store: Store) -> None:
    run(work_on(wiki, store))
    before = stored(store)
    wiki.asked.clear()
    wiki.fetched.clear()
    tally = run(work_on(wiki, store))
    assert (tally.counts(), wiki.asked, wiki.fetched) == ({}, ["logevents"], [])
    assert stored(store) == before


def test_three_requests_a_batch(wiki: FakeWiki, store: Store) -> None:
    run(work_on(wiki, store, batch=7))
    assert wiki.asked == ["logevents", "imageinfo|revisions|info|categories", "wbgetentities"]


def test_what_is_done_is_not_fetched_again(wiki: FakeWiki, store: Store) -> None:
    """As after a lost checkpoint."""
    done = work_on(wiki, store)
    run(done)
    wiki.fetched.clear()
    elsewhere = replace(done, settings=replace(done.settings, wiki_api="http://wiki.test/other"))
    assert run(elsewhere).counts() == {"already done": 7, "listed": 7}
    assert wiki.fetched == []


@pytest.mark.slow
def test_young_files_wait_their_48_hours(wiki: FakeWiki, store: Store) -> None:
    early = replace(work_on(wiki, store), now=START + timedelta(hours=48, minutes=3))
    assert run(early).listed == 3
    assert run(work_on(wiki, store)).listed == 4


@pytest.mark.parametrize("limits", [(1, 1, 5), (2, 3, 2), (7, 1), (3, 4)])
def test_limits_cut_a_run_and_the_next_goes_on(
    wiki: FakeWiki, store: Store, limits: tuple[int, ...]
) -> None:
    for at_most in limits:
        assert run(work_on(wiki, store), at_most).listed <= at_most
    assert len(wiki.fetched) == len(set(wiki.fetched)) == 7
    assert len(stored(store)) == 7


def test_faults_of_files_are_their_outcomes(wiki: FakeWiki, store: Store) -> None:
    url = {n: str(info["url"]) for n, info in wiki.files.items()}
    wiki.images[url[1]] = ImageError("cannot be decoded")
    wiki.images[url[2]] = WikiError("http-404", "gone")
    wiki.images[url[3]] = WikiError("http-429", "busy", 60)
    del wiki.files[4]
    wiki.files[5]["thumburl"] = ""
    wiki.log += [
        {"logid": 2000, "timestamp": "2026-11-02T00:00:00Z"},
        {"logid": 2001, "timestamp": "2026-11-02T00:00:00Z", "title": "File:X", "pageid": 0},
    ]
    tally = run(work_on(wiki, store))
    assert outcome_of(store, 1) == Failed("cannot be decoded")
    assert outcome_of(store, 2) == Failed("http-404: gone")
    assert outcome_of(store, 3) == Failed("http-429: busy", 60)
    assert outcome_of(store, 4) == Skipped(SkipReason.DELETED)
    assert outcome_of(store, 5) == Failed("the wiki has no thumbnail of it")
    counts = tally.counts()
    assert (counts["failed:http-404"], counts["failed:http-429"], counts["failed:image"]) == (
        1,
        1,
        2,
    )
    assert counts["skipped:deleted"] == 3
    assert counts["listed"] == sum(n for key, n in counts.items() if key != "listed") == 9


def test_one_content_is_fetched_once_a_batch_and_stored_for_each(
    wiki: FakeWiki, store: Store
) -> None:
    same = str(wiki.files[1]["sha1"])
    for pageid in (2, 3, 6):
        wiki.files[pageid]["sha1"] = same
        wiki.images[str(wiki.files[pageid]["url"])] = b"image 1"
    tally = run(work_on(wiki, store, batch=4))
    # 1, 2 and 3 are in one batch; 6 is in the next
    assert sorted(url.rpartition("/")[2] for url in wiki.fetched) == [
        f"{n}.jpg" for n in (1, 4, 5, 6, 7)
    ]
    assert tally.listed == len(stored(store)) == 7
    assert len({repr(outcome_of(store, n)).replace(f"M{n}'", "") for n in (1, 2, 3, 6)}) == 1


def test_a_picture_that_fails_fails_for_each_that_has_it(wiki: FakeWiki, store: Store) -> None:
    wiki.files[2]["sha1"] = wiki.files[1]["sha1"]
    busy(wiki, 1)
    run(work_on(wiki, store))
    assert outcome_of(store, 1) == outcome_of(store, 2) == Failed("http-503: busy", 60)


def test_one_page_twice_in_the_log_is_one_outcome(wiki: FakeWiki, store: Store) -> None:
    wiki.log.insert(1, wiki.log[0] | {"logid": 1000})
    assert run(work_on(wiki, store)).counts()["already done"] == 1
    assert len(wiki.fetched) == 7


def busy(wiki: FakeWiki, pageid: int, wait: float = 60) -> None:
    wiki.images[str(wiki.files[pageid]["url"])] = WikiError("http-503", "busy", wait)


def test_a_busy_server_is_asked_again_by_the_next_run(wiki: FakeWiki, store: Store) -> None:
    busy(wiki, 3)
    run(work_on(wiki, store))
    wiki.images[str(wiki.files[3]["url"])] = b"image 3"
    wiki.fetched.clear()
    # the store stamps real time, hence a now that is later than any
    after = replace(work_on(wiki, store), now=now() + timedelta(hours=1))
    run(after)
    assert wiki.fetched == [wiki.files[3]["url"]]
    assert not isinstance(outcome_of(store, 3), Failed)
    run(after)
    assert len(wiki.fetched) == 1


def test_nobody_is_asked_before_the_time_he_named(wiki: FakeWiki, store: Store) -> None:
    busy(wiki, 3, wait=7200)
    run(work_on(wiki, store))
    wiki.fetched.clear()
    run(replace(work_on(wiki, store), now=now() + timedelta(hours=1)))
    assert wiki.fetched == []
    assert outcome_of(store, 3) == Failed("http-503: busy", 7200)


def test_who_fails_again_waits_twice_as_long_until_that_is_too_long(
    wiki: FakeWiki, store: Store
) -> None:
    """Hours of an outage cost nothing for good, however old the file is; years are not waited."""
    busy(wiki, 3, wait=3600)
    at, waits = now(), list[float | None]()
    run(work_on(wiki, store))
    while waits[-1:] != [None] and len(waits) < 20:
        outcome = outcome_of(store, 3)
        assert isinstance(outcome, Failed)
        waits.append(outcome.retry_after)
        at += timedelta(seconds=(outcome.retry_after or 0) + 60)
        # the store stamps the present: who comes at the time that was named is never too early
        run(replace(work_on(wiki, store), now=at))
    assert waits == [3600.0 * 2**n for n in range(10)] + [None]
    assert waits[-2] is not None and waits[-2] <= GIVE_UP < 2 * waits[-2]
    assert store.due("fake-1", at + timedelta(days=999), 10) == []


def test_a_failure_that_the_worker_mended_meanwhile_is_not_overwritten(
    wiki: FakeWiki, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy(wiki, 3)
    run(work_on(wiki, store))
    failures = store.due("fake-1", now() + timedelta(hours=1), 10)
    wiki.images[str(wiki.files[3]["url"])] = b"image 3"
    later = replace(work_on(wiki, store), now=now() + timedelta(hours=1))
    run(later)
    mended = outcome_of(store, 3)
    monkeypatch.setattr(store, "due", lambda *_: failures)
    assert run(later).counts() == {"already done": 1, "listed": 1}
    assert outcome_of(store, 3) == mended


def test_a_failure_overwritten_meanwhile_is_closed(wiki: FakeWiki, store: Store) -> None:
    """Its old version would else be due for ever."""
    busy(wiki, 3)
    run(work_on(wiki, store))
    old = str(wiki.files[3]["sha1"])
    wiki.files[3] |= {"sha1": "f" * 40, "revision": 31}
    wiki.images[str(wiki.files[3]["url"])] = b"new"
    run(replace(work_on(wiki, store), now=now() + timedelta(hours=1)))
    assert stored(store)["M3", old] == OVERWRITTEN
    new = stored(store)["M3", "f" * 40]
    assert isinstance(new, Suggested | NothingToSuggest)
    assert outcome_of(store, 3) == new
    assert all_outcomes(store)[0].outcome == new
    assert store.due("fake-1", now() + timedelta(days=9), 10) == []


def test_a_batch_that_is_not_stored_is_not_passed_by(
    wiki: FakeWiki, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wiki breaks at the second batch: the first stays, and the next run begins there."""
    asked = wiki.ask

    def breaking(**parameters: str) -> dict[str, object]:
        if "4" in parameters.get("pageids", "").split("|"):
            raise WikiError("network", "gone")
        return asked(**parameters)

    monkeypatch.setattr(wiki, "ask", breaking)
    with pytest.raises(WikiError, match="network"):
        run(work_on(wiki, store))
    assert sorted(mid for mid, _ in stored(store)) == ["M1", "M2", "M3"]
    monkeypatch.setattr(wiki, "ask", asked)
    assert run(work_on(wiki, store)).listed == 4
    assert len(stored(store)) == 7


def test_a_store_that_refuses_a_batch_keeps_the_old_checkpoint(
    wiki: FakeWiki, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = work_on(wiki, store)

    def full(*_: object) -> int:
        raise StoreError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(store, "save_batch", full)
        with pytest.raises(StoreError):
            run(work)
    assert store.checkpoint(work.source) is None
    assert run(work).listed == 7


def test_what_is_decided_is_what_is_stored(wiki: FakeWiki, store: Store) -> None:
    del wiki.files[2]
    busy(wiki, 3)
    work = work_on(wiki, store)
    decided = [d for batch in pipeline.decide(work) for d in batch.decisions]
    assert stored(store) == {}
    run(work)
    lines = {decision_line(s.file, s.outcome) for s in all_outcomes(store)}
    assert {decision_line(file, outcome) for file, outcome in decided} == lines
    assert len(lines) == 7


def test_a_line_has_no_line_breaks() -> None:
    file = FileRef(Mid("M1"), "File:A.jpg", "0" * 40, 1, START, "")
    line = decision_line(file, Failed("two\nlines\tand a tab"))
    assert line.split("\t")[3:] == ["failed", "two lines and a tab"]


def test_the_summary_adds_up_to_the_eye(wiki: FakeWiki, store: Store) -> None:
    del wiki.files[2]
    busy(wiki, 3)
    line = run(work_on(wiki, store)).line()
    assert line.startswith("7 listed = ")
    assert "1 skipped (1 deleted)" in line
    assert "1 failed (1 http-503)" in line
