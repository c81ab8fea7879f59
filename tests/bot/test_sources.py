"""Every source over the embedded wiki: each file once, resumed where it was killed, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from depicts_bot.listings import Category, Random, Search, UserUploads
from depicts_bot.named import Named
from depicts_bot.sources import NEW_UPLOADS, OVER, Source
from depicts_bot.uploads import timestamp
from depicts_bot.wiki import Json
from depicts_model.errors import StoreError, WikiError
from depicts_model.store import BOT_RUN, Store
from depicts_model.types import Mid, Skipped, SkipReason
from tests.bot import worlds
from tests.bot.asked import Run, delayed, opened, run_over
from tests.bot.conftest import ScriptedWiki
from tests.sandbox import control
from tests.sandbox.server import EmbeddedWiki

NOW = datetime.now(UTC)
YOUNG = timestamp(NOW - timedelta(hours=47))


def in_category(*names: str) -> str:
    return "".join(f"[[Category:{name}]]" for name in names)


def world() -> list[tuple[worlds.Row, worlds.Blob]]:
    """Cats and kittens, of two people; the last file is too young."""
    return [
        worlds.file(1, wikitext=in_category("Cats")),
        worlds.file(2, wikitext=in_category("Cats", "Kittens")),
        worlds.file(3, wikitext=in_category("Kittens")),
        worlds.file(4, wikitext=in_category("Kittens"), user="Other"),
        worlds.file(5, wikitext=in_category("White kittens"), user="Other"),
        worlds.file(6, wikitext="a dog", user="Other"),
        worlds.file(7, wikitext=in_category("Cats"), user="Other", timestamp=YOUNG),
        worlds.file(8, wikitext="a dog", mediainfo=worlds.depicted(8)),
    ]


CATEGORIES = {
    "Cats": "[[Category:White kittens]]",
    "Kittens": "[[Category:Cats]]",
    "White kittens": "[[Category:Kittens]]",
}
"""A ring: Cats stands below White kittens."""


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(world())) as running:
        for name, text in CATEGORIES.items():
            order = {"do": "edit", "title": f"Category:{name}", "text": text}
            control.apply(running.state, order)
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with opened(tmp_path) as found:
        yield found


@pytest.fixture
def run(wiki: EmbeddedWiki, store: Store) -> Run:
    return run_over(wiki, store)


def listed(source: Source, run: Run, after: str | None = None) -> list[int]:
    """Page ids in the order of the source, without the delay's help."""
    steps = source.steps(run.wiki, after, NOW, 3)
    return [step.upload.pageid for step in steps if step.upload]


@pytest.mark.parametrize(
    ("depth", "expected"),
    [(0, [1, 2, 7]), (1, [1, 2, 7, 3, 4]), (2, [1, 2, 7, 3, 4, 5]), (20, [1, 2, 7, 3, 4, 5])],
)
def test_a_category_and_what_is_below_it_each_page_once(
    run: Run, depth: int, expected: list[int]
) -> None:
    assert listed(Category("Category:Cats", depth), run) == expected
    # each category of the ring once
    assert len(run.wiki.asked) == min(depth, 2) + 1


def test_the_files_of_a_user_the_oldest_first(run: Run) -> None:
    assert listed(UserUploads("Other"), run) == [4, 5, 6, 7]
    assert listed(UserUploads("Nobody"), run) == []
    assert listed(UserUploads("Uploader"), run) == [1, 2, 3, 8]


def test_a_search_finds_files_alone(run: Run) -> None:
    assert listed(Search("dog"), run) == [6, 8]
    assert {one["srnamespace"] for one in run.wiki.asked} == {"6"}


def test_a_sample_is_as_large_as_asked_and_has_nothing_twice(run: Run) -> None:
    samples = [listed(Random(4), run) for _ in range(8)]
    assert all(len(set(sample)) == 4 for sample in samples)
    assert len({tuple(sample) for sample in samples}) > 1
    assert sorted(listed(Random(100), run)) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_list_is_taken_as_it_is_written(run: Run, wiki: EmbeddedWiki) -> None:
    control.apply(wiki.state, {"do": "move", "title": "File:Picture 3.png", "to": "File:Kit.png"})
    names = (5, "file:picture_1.png", "File:Picture 3.png", 5, "File:None.png", "File:Kit.png")
    assert listed(Named(names), run) == [5, 1, 3, 5, 0, 3]
    assert [one["titles"].count("|") for one in run.wiki.asked] == [1, 1]
    assert run.all(Named(names)).counts()["already done"] == 2


def test_a_list_that_was_interrupted_is_not_asked_for_from_its_beginning(run: Run) -> None:
    names = Named(tuple(f"File:Picture {n}.png" for n in range(1, 9)))
    assert run.all(names, at_most=6).listed == 6
    run.wiki.asked.clear()
    assert run.all(names).listed == 2
    asked = [one["titles"] for one in run.wiki.asked if "titles" in one]
    assert asked == ["File:Picture 7.png|File:Picture 8.png"]


def test_a_list_may_name_what_is_young_and_nothing_else_may(run: Run) -> None:
    assert run.all(Category("Category:Cats", 9)).counts() == {
        "listed": 6,
        "skipped:too-young": 1,
        **kinds(run),
    }
    assert run.pages() == [1, 2, 3, 4, 5]
    assert run.all(Named((7,))).listed == 1
    assert run.pages() == [1, 2, 3, 4, 5, 7]


def kinds(run: Run) -> dict[str, int]:
    """What was stored, as a tally counts it."""
    from depicts_bot.report import Tally

    tally = Tally()
    for outcome in run.outcomes().values():
        tally.add(outcome)
    return {name: count for name, count in tally.counts().items() if name != "listed"}


SOURCES: dict[str, tuple[Source, int]] = {
    "uploads": (NEW_UPLOADS, 7),
    "category": (Category("Category:Cats", 9), 6),
    "user": (UserUploads("Other"), 3),
    "files": (Named(tuple(range(1, 9))), 8),
    "search": (Search("dog"), 2),
    "random": (Random(8), 8),
}


@pytest.mark.parametrize("name", SOURCES)
def test_counts_add_up_and_a_second_run_links_nothing(run: Run, name: str) -> None:
    source, count = SOURCES[name]
    tally = run.all(source)
    fetched, counts = len(run.fetched), tally.counts()
    assert tally.listed == count == sum(counts.values()) - count
    assert fetched == len(set(run.fetched))
    if name in ("uploads", "files", "random", "search"):
        assert run.outcomes()[Mid("M8")] == Skipped(SkipReason.HAS_DEPICTS)
    run.all(source)
    assert len(run.fetched) == fetched


@pytest.mark.slow
@pytest.mark.parametrize("name", ["uploads", "category", "user", "files", "random"])
@pytest.mark.parametrize("after", [0, 1])
def test_killed_it_goes_on_and_repeats_one_batch_at_most(
    run: Run, wiki: EmbeddedWiki, tmp_path: Path, name: str, after: int
) -> None:
    source, count = SOURCES[name]
    run.settings = run_over(wiki, run.store, batch=2).settings
    run.killed(source, after)
    assert len(run.outcomes()) <= 2 * after
    fetched = len(run.fetched)
    assert run.all(source).listed == count - 2 * after
    assert len(run.fetched) - len(set(run.fetched)) <= 2
    (tmp_path / "other").mkdir()
    with opened(tmp_path / "other") as other:
        undisturbed = run_over(wiki, other)
        undisturbed.all(source)
        if name != "random":
            assert run.outcomes() == undisturbed.outcomes()
    assert fetched <= 2 * (after + 1)


def test_what_ended_begins_anew_and_a_list_with_an_order_goes_on(
    run: Run, wiki: EmbeddedWiki
) -> None:
    for source in (Category("Category:Cats"), UserUploads("Uploader"), NEW_UPLOADS):
        run.all(source)
    marks = [run.store.checkpoint(run.work(s).source) for s in (Category("Category:Cats"),)]
    assert marks == [OVER]
    control.apply(
        wiki.state, {"do": "edit", "title": "File:Picture 6.png", "text": in_category("Cats")}
    )
    assert run.all(Category("Category:Cats")).counts()["already done"] == 3
    assert run.all(UserUploads("Uploader")).listed == 0
    assert run.all(NEW_UPLOADS).listed == 0


def test_a_limit_is_no_end(run: Run) -> None:
    source = Named(tuple(range(1, 9)))
    assert [run.all(source, 3).listed for _ in range(3)] == [3, 3, 2]
    assert run.all(source, 3).counts() == {"listed": 3, "already done": 3}


def test_two_users_have_two_checkpoints_without_their_names(run: Run) -> None:
    run.all(UserUploads("Other"))
    run.all(UserUploads("Uploader"))
    names = [run.work(UserUploads(name)).source for name in ("Other", "Uploader")]
    assert all(run.store.checkpoint(name) for name in names)
    assert len({*names}) == 2 and not any("ther" in name for name in names)
    assert "Other" not in str(UserUploads("Other").record())
    assert run.store.last_inputs(BOT_RUN) == {"source": "user"}
    assert all(len(run.work(source).source) <= 128 for source, _ in SOURCES.values())


def test_only_the_crawl_tries_earlier_failures_again(run: Run) -> None:
    def broken(url: str, host: str) -> bytes:
        raise WikiError("http-503", "busy", 0.001)

    work = run.fetch
    run.fetch = broken  # type: ignore[method-assign]
    run.all(Named((1,)))
    run.fetch = work  # type: ignore[method-assign]
    assert run.all(Named((2,))).listed == 1
    assert len(run.fetched) == 1
    assert run.all(NEW_UPLOADS).listed >= 7
    assert len([url for url in run.fetched if "Picture_1" in url]) == 1


def test_the_delay_is_the_settings(run: Run) -> None:
    eager = delayed(run, 24)
    assert "skipped:too-young" not in eager.all(Category("Category:Cats")).counts()
    assert eager.pages() == [1, 2, 7]


@pytest.mark.parametrize("source", [Category("Category:C"), Search("x"), Random(5), Named((1,))])
def test_a_spoilt_checkpoint_of_a_list_is_one_line(source: Source) -> None:
    with pytest.raises(StoreError, match="not a place in a list: '7x'"):
        list(source.steps(ScriptedWiki([]), "7x", NOW, 3))


def test_a_spoilt_checkpoint_of_a_user_is_one_line() -> None:
    with pytest.raises(StoreError, match="not a time of a user's upload: 'yesterday'"):
        list(UserUploads("A").steps(ScriptedWiki([]), "yesterday|ab", NOW, 3))


# --- what only a large wiki does ---


def image(pageid: int, second: int = 0) -> Json:
    at = f"2026-11-01T00:00:{second:02}Z"
    return {"pageid": pageid, "title": f"File:{pageid}.jpg", "imageinfo": [{"timestamp": at}]}


def answer(*pages: Json, more: str = "", complete: bool = True) -> Json:
    told: Json = {"query": {"pages": list(pages)}}
    told |= {"batchcomplete": True} if complete else {}
    return told | ({"continue": {"gaicontinue": more, "continue": "-||"}} if more else {})


def test_uploads_of_one_second_are_told_apart_and_an_answer_comes_in_parts() -> None:
    half = {"pageid": 3, "title": "File:3.jpg"}
    answers = [
        answer(half, image(1), more="x", complete=False),
        answer(image(3), image(2), more="y"),
        # a file whose page is gone; one whose version is hidden
        answer(image(4), {"title": "File:5.jpg", "missing": True}, {"pageid": 6, "title": "x"}),
        {"batchcomplete": True},
    ]
    steps = list(UserUploads("A").steps(ScriptedWiki(answers), None, NOW, 3))
    assert [step.upload and step.upload.pageid for step in steps] == [1, 2, 3, 4]
    assert len({step.mark for step in steps}) == 4
    for done, step in enumerate(steps, 1):
        wiki = ScriptedWiki([answer(*map(image, (1, 2, 3, 4))), {"batchcomplete": True}])
        rest = UserUploads("A").steps(wiki, step.mark, NOW, 3)
        assert [s.upload and s.upload.pageid for s in rest] == [1, 2, 3, 4][done:]
        assert wiki.asked[0]["gaistart"] == "2026-11-01T00:00:00Z"


def test_where_the_last_file_is_gone_its_second_is_read_again() -> None:
    first = UserUploads("A").steps(ScriptedWiki([answer(image(9, 1))]), None, NOW, 3)
    mark = [step.mark for step in first][-1]
    wiki = ScriptedWiki([answer(image(1, 1), image(2, 2))])
    rest = UserUploads("A").steps(wiki, mark, NOW, 3)
    assert [s.upload and s.upload.pageid for s in rest] == [1, 2]


def test_no_user_no_files() -> None:
    assert list(UserUploads("A").steps(ScriptedWiki([{"batchcomplete": True}]), None, NOW, 3)) == []
    with pytest.raises(WikiError, match="unexpected-answer"):
        list(UserUploads("A").steps(ScriptedWiki([{}]), None, NOW, 3))


def test_a_search_stops_where_the_engine_does() -> None:
    def found(start: int) -> Json:
        rows = [{"pageid": start + n, "title": f"File:{start + n}.jpg"} for n in range(1, 501)]
        return {"query": {"search": rows}, "continue": {"sroffset": start + 500}}

    wiki = ScriptedWiki([found(start) for start in range(0, 10_000, 500)], high_limits=True)
    steps = list(Search("x").steps(wiki, None, NOW, 500))
    assert len(steps) == 10_001 and wiki.answers == []
    assert list(Search("x").steps(wiki, "10000", NOW, 500)) == [type(steps[0])(None, OVER)]


def test_a_sample_of_a_wiki_without_end_is_bounded() -> None:
    rows: Callable[[int], Any] = lambda n: [{"id": n, "title": f"File:{n}"}]  # noqa: E731
    answers = [{"query": {"random": rows(n)}, "continue": {"rncontinue": n}} for n in (1, 2, 2)]
    steps = list(Random(9).steps(ScriptedWiki(answers), None, NOW, 1))
    assert [s.upload and s.upload.pageid for s in steps] == [1, 2, None]
