"""What a run looks at again: what was overwritten, promoted or got depicts, and nothing besides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from depicts_bot import pipeline, stale
from depicts_bot.eligibility import FileFacts
from depicts_bot.images import downloading
from depicts_bot.listings import Random
from depicts_bot.opting_out import OptOuts
from depicts_bot.overwrites import LATE
from depicts_bot.stale import LONG, REST, unchanged
from depicts_bot.work import Decision, Work
from depicts_model.errors import WikiError
from depicts_model.settings import Settings
from depicts_model.store import Store, StoredOutcome
from depicts_model.types import (
    Failed,
    FileContext,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Suggested,
)
from tests.bot.fakes import FakeLinker, FakeWiki
from tests.model.store.looking import all_outcomes
from tests.model.store.values import file_ref, suggested

NOW = datetime.now(UTC).replace(microsecond=0)
"""The store stamps real time: what is old is old seen from a later run."""
SOON = NOW + REST + timedelta(hours=1)
LATER = NOW + LONG + timedelta(days=1)
FILES = range(1, 8)
PAGES, ENTITIES = "imageinfo|revisions|info|categories", "wbgetentities"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


@pytest.fixture
def wiki() -> FakeWiki:
    made = FakeWiki()
    for pageid in FILES:
        made.upload(pageid)
    return made


@pytest.fixture
def work(wiki: FakeWiki, store: Store) -> Work:
    """After a run that found what there is, and a first look for overwrites."""
    settings = Settings(wiki_api=wiki.api, batch_size=3)
    made = Work(wiki, FakeLinker(), store, wiki.fetch, settings, NOW)
    for batch in pipeline.decide(made):
        pipeline.act(made, store.start_run("bot", "fake-1", {}), batch)
    look_again(made)
    wiki.asked.clear()
    wiki.fetched.clear()
    return made


def later(work: Work, now: datetime = LATER, version: str = "fake-1") -> Work:
    return replace(work, now=now, linker=FakeLinker(version))


def decided(work: Work, left: int | None = None) -> Iterator[tuple[stale.Again, list[Decision]]]:
    with downloading(work.fetch) as downloads:
        for some in stale.again(work, left):
            downloads.expect([facts for portion in some for facts in portion.eligible])
            for portion in some:
                coming = downloads.begin(portion.eligible)
                yield portion, list(pipeline._outcomes(work, portion, coming))


def look_again(work: Work, left: int | None = None) -> list[Decision]:
    run = work.store.start_run("bot", work.linker.version, {})  # type: ignore[attr-defined]
    made: list[Decision] = []
    for portion, decisions in decided(work, left):
        stale.keep(work, run, portion, decisions)
        made += decisions
    return made


def told(work: Work, pageid: int) -> StoredOutcome:
    found = work.store.latest(Mid(f"M{pageid}"))
    assert found is not None
    return found


def suggesting(work: Work) -> list[int]:
    return [n for n in FILES if isinstance(told(work, n).outcome, Suggested)]


def pages(decisions: list[Decision]) -> list[int]:
    return [int(file.mid[1:]) for file, _ in decisions]


def url(wiki: FakeWiki, pageid: int) -> str:
    return str(wiki.files[pageid]["url"])


def test_the_files_of_this_module_have_outcomes_of_both_kinds(work: Work) -> None:
    assert 0 < len(suggesting(work)) < len(FILES)


def test_at_once_nothing_is_looked_at_again(work: Work, wiki: FakeWiki) -> None:
    assert look_again(work) == look_again(later(work, SOON)) == []
    assert wiki.asked == ["logevents"] * 2, "for overwrites and reverts, by the later run"


def test_what_did_not_change_is_not_fetched_and_not_looked_at_next_time(
    work: Work, wiki: FakeWiki, store: Store
) -> None:
    before, found = all_outcomes(store), len(suggesting(work))
    assert 1 <= found <= 3, "one batch"
    assert look_again(later(work)) == []
    assert wiki.asked == ["logevents", "logevents", PAGES, ENTITIES]
    assert wiki.fetched == []
    assert all_outcomes(store) == before
    assert store.stale("fake-1", NOW, NOW, 99) == []


def test_two_requests_for_fifty_files_that_did_not_change(store: Store) -> None:
    wiki = FakeWiki()
    settings = Settings(wiki_api=wiki.api, batch_size=50)
    work = Work(wiki, FakeLinker(), store, wiki.fetch, settings, LATER)
    for pageid in range(1, 151):
        wiki.upload(pageid)
    mine = [(file_ref(n), suggested(n, version="fake-1")) for n in range(1, 151)]
    same = [(replace(file, sha1=f"{int(file.mid[1:]):040x}"), one) for file, one in mine]
    store.save_batch(store.start_run("bot", "fake-1", {}), "fake-1", same)
    assert look_again(work) == []
    assert wiki.asked == [PAGES, ENTITIES] * 3
    assert wiki.fetched == []


def test_new_depicts_withdraw_suggestions(work: Work, wiki: FakeWiki) -> None:
    one, *others = suggesting(work)
    wiki.depicts.add(one)
    assert pages(look_again(later(work))) == [one]
    assert told(work, one).outcome == Skipped(SkipReason.HAS_DEPICTS)
    assert suggesting(work) == others
    assert wiki.fetched == []


def test_whoever_opted_out_meanwhile_has_no_suggestions_any_more(work: Work) -> None:
    (one, *_) = suggesting(work)
    everybody = replace(later(work), opt_outs=OptOuts(users=frozenset({"Somebody"})))
    work.wiki.files[one]["user"] = "Somebody"  # type: ignore[attr-defined]
    look_again(everybody)
    assert told(work, one).outcome == Skipped(SkipReason.OPTED_OUT)


def test_a_deleted_file_has_no_suggestions_any_more(work: Work, wiki: FakeWiki) -> None:
    (one, *_) = suggesting(work)
    del wiki.files[one]
    look_again(later(work))
    assert told(work, one).outcome == Skipped(SkipReason.DELETED)
    assert look_again(later(work, LATER + LONG)) == []


def test_a_promotion_looks_at_what_is_told_within_its_budget(
    work: Work, wiki: FakeWiki, store: Store
) -> None:
    settings = replace(work.settings, stale_per_run=4)
    promoted = replace(later(work, SOON, "fake-2"), settings=settings)
    before = suggesting(work)
    seen = pages(look_again(promoted))
    assert len(seen) == len(wiki.fetched) == 4
    assert set(seen) >= set(before[-2:]), "what people see comes first"
    assert all(told(work, n).model_version == "fake-2" for n in seen)
    assert sorted(seen + pages(look_again(promoted))) == list(FILES)
    assert look_again(promoted) == []
    assert len(wiki.fetched) == len(FILES)
    assert len(all_outcomes(store)) == 2 * len(FILES)


def test_after_a_promotion_only_what_is_told_is_linked(work: Work, wiki: FakeWiki) -> None:
    """An older content has an outcome by the older model, too."""
    wiki.overwrite(3, "f" * 40, NOW)
    look_again(later(work, SOON))
    wiki.fetched.clear()
    assert pages(look_again(later(work, SOON, "fake-2"))).count(3) == 1
    assert len(wiki.fetched) == len(FILES)


def test_after_a_rollback_nothing_is_fetched(work: Work, wiki: FakeWiki) -> None:
    before = {n: told(work, n).outcome for n in FILES}
    look_again(later(work, SOON, "fake-2"))
    wiki.fetched.clear()
    assert look_again(later(work, SOON)) == []
    assert {n: told(work, n).outcome for n in FILES} == before
    assert wiki.fetched == []
    wiki.asked.clear()
    assert look_again(later(work, SOON)) == []
    assert wiki.asked == [], "and once is enough"


def test_a_look_that_fails_leaves_what_is_told(work: Work, wiki: FakeWiki, store: Store) -> None:
    before = told(work, 1)
    wiki.images[url(wiki, 1)] = WikiError("http-503", "busy", 60)
    promoted = later(work, SOON, "fake-2")
    assert (before.file, Failed("http-503: busy", 60)) in look_again(promoted)
    assert told(work, 1) == before
    assert store.outcomes_of("fake-2", [(before.file.mid, before.file.sha1)]) == {}
    wiki.images[url(wiki, 1)] = b"image 1"
    assert look_again(later(work, NOW + REST, "fake-2")) == [], "it rests"
    look_again(later(work, SOON + 2 * REST, "fake-2"))
    assert told(work, 1).model_version == "fake-2"


def test_a_look_that_fails_brings_back_nothing_that_is_wrong(work: Work, wiki: FakeWiki) -> None:
    """Depicts came, and went again while another model served, to which we return."""
    (one, *_) = suggesting(work)
    wiki.depicts.add(one)
    look_again(later(work))
    wiki.depicts.clear()
    look_again(later(work, SOON, "fake-2"))
    assert isinstance(told(work, one).outcome, Suggested)
    wiki.images[url(wiki, one)] = WikiError("http-503", "busy", 60)
    look_again(later(work, SOON))
    assert told(work, one).outcome == Failed("http-503: busy", 60)


def test_another_content_that_cannot_be_fetched_is_not_told_as_the_first(
    work: Work, wiki: FakeWiki, store: Store
) -> None:
    wiki.overwrite(1, "f" * 40, NOW)
    wiki.images[url(wiki, 1)] = WikiError("http-503", "busy", 60)
    look_again(later(work, SOON))
    assert told(work, 1).outcome == Failed("http-503: busy", 60)
    assert not store.done("fake-1", [(Mid("M1"), "f" * 40)]), "it is tried again"


def test_what_was_overwritten_is_looked_at_and_the_checkpoint_passes_it(
    work: Work, wiki: FakeWiki
) -> None:
    wiki.overwrite(2, "e" * 40, NOW)
    wiki.upload(99)
    wiki.overwrite(99, "d" * 40, NOW)
    assert pages(look_again(later(work, SOON))) == [2]
    assert (told(work, 2).file.sha1, wiki.fetched) == ("e" * 40, [url(wiki, 2)])
    assert work.store.latest(Mid("M99")) is None, "nobody looked at it before"
    wiki.asked.clear()
    assert look_again(later(work, SOON + timedelta(hours=1))) == []
    assert wiki.asked == ["logevents"] * 2


def test_the_youngest_overwrites_are_for_the_next_run(work: Work, wiki: FakeWiki) -> None:
    wiki.overwrite(2, "e" * 40, SOON)
    assert look_again(later(work, SOON)) == []
    assert pages(look_again(later(work, SOON + LATE + timedelta(seconds=1)))) == [2]


@pytest.mark.parametrize("action", ["overwrite", "revert"])
def test_overwritten_and_back_the_first_content_is_told_without_a_look(
    work: Work, wiki: FakeWiki, action: str
) -> None:
    first = told(work, 2)
    wiki.overwrite(2, "e" * 40, NOW)
    look_again(later(work, SOON))
    assert told(work, 2).file.sha1 == "e" * 40
    wiki.fetched.clear()
    wiki.overwrite(2, first.file.sha1, SOON, action)
    look_again(later(work, SOON + timedelta(hours=1)))
    assert (told(work, 2).outcome, told(work, 2).file.sha1) == (first.outcome, first.file.sha1)
    assert wiki.fetched == []


def test_more_overwrites_than_places_are_for_the_next_runs(work: Work, wiki: FakeWiki) -> None:
    for pageid in FILES:
        wiki.overwrite(pageid, f"{100 + pageid:040d}", NOW + timedelta(minutes=pageid))
        wiki.overwrite(pageid, f"{100 + pageid:040d}", NOW + timedelta(minutes=pageid), "revert")
    runs = [pages(look_again(later(work, SOON + n * timedelta(hours=1)), 4)) for n in range(4)]
    assert runs == [[1, 2], [3, 4], [5, 6], [7]], "half of the places"
    assert all(told(work, n).file.sha1 == f"{100 + n:040d}" for n in FILES)


def test_rows_beyond_one_request_are_for_the_next_run(work: Work, wiki: FakeWiki) -> None:
    """501 files that are not ours, then one that is; and one of the other action after."""
    for number in range(501):
        wiki.upload(1000 + number)
        wiki.overwrite(1000 + number, "c" * 40, NOW + timedelta(seconds=number))
    wiki.overwrite(3, "c" * 40, NOW + timedelta(seconds=600))
    wiki.overwrite(4, "c" * 40, NOW + timedelta(seconds=700), "revert")
    assert look_again(later(work, SOON)) == []
    assert pages(look_again(later(work, SOON + timedelta(hours=1)))) == [3, 4]


def test_a_killed_run_repeats_its_overwrites(work: Work, wiki: FakeWiki) -> None:
    wiki.overwrite(2, "e" * 40, NOW)
    for _ in decided(later(work, SOON)):
        break
    assert pages(look_again(later(work, SOON))) == [2]


def test_a_simulation_writes_nothing(work: Work, wiki: FakeWiki, store: Store) -> None:
    wiki.overwrite(2, "e" * 40, NOW)
    before = (all_outcomes(store), store.counts(), store.checkpoint(f"overwrites {wiki.api}"))
    made = [one for _, some in decided(later(work, LATER, "fake-2")) for one in some]
    assert sorted(pages(made)) == list(FILES)
    after = (all_outcomes(store), store.counts(), store.checkpoint(f"overwrites {wiki.api}"))
    assert after == before


@pytest.mark.parametrize(
    ("left", "per_run", "files"), [(0, 9, 0), (2, 9, 2), (9, 2, 2), (None, 3, 3), (None, 0, 0)]
)
def test_limits(work: Work, wiki: FakeWiki, left: int | None, per_run: int, files: int) -> None:
    settings = replace(work.settings, stale_per_run=per_run)
    promoted = replace(later(work, SOON, "fake-2"), settings=settings)
    assert len(look_again(promoted, left)) == files
    assert bool(wiki.asked) == bool(files)


def test_a_source_that_was_chosen_once_looks_at_nothing_again(work: Work, wiki: FakeWiki) -> None:
    assert look_again(replace(later(work, LATER, "fake-2"), listing=Random(5))) == []
    assert wiki.asked == []


FACTS = FileFacts(FileContext(file_ref(1)), mime="image/jpeg", mediatype="BITMAP")
UNSURE = NothingToSuggest(NothingReason.NOT_SURE)
DEPICTED = Skipped(SkipReason.HAS_DEPICTS)
SEEN: list[tuple[FileFacts, Outcome, bool]] = [
    (FACTS, suggested(1), True),
    (FACTS, UNSURE, True),
    (FACTS, Failed("broken"), True),
    (FACTS, Failed("http-503", 60), False),
    (FACTS, Skipped(SkipReason.WITHHELD), True),
    (FACTS, DEPICTED, False),
    (replace(FACTS, has_depicts=True), DEPICTED, True),
    (replace(FACTS, has_depicts=True), suggested(1), False),
    (replace(FACTS, missing=True), Skipped(SkipReason.DELETED), True),
    (replace(FACTS, missing=True), DEPICTED, False),
    (replace(FACTS, context=FileContext(file_ref(1, "b"))), suggested(1), False),
]


@pytest.mark.parametrize(("facts", "outcome", "same"), SEEN)
def test_when_an_outcome_is_true_still(facts: FileFacts, outcome: Outcome, same: bool) -> None:
    assert unchanged(facts, StoredOutcome(file_ref(1), outcome, "v", NOW)) is same


def test_without_an_outcome_everything_changed() -> None:
    assert not unchanged(FACTS, None)
