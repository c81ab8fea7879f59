"""What is published: shares with their intervals, times by bucket, plots that hold no words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model import shares
from depicts_model.shares import JudgedBin, Share
from depicts_model.statistics import BINS, Statistics, Tally
from depicts_model.types import Age, Latency, Qid, RunRecord
from depicts_toolforge import figures, plots, wording
from depicts_toolforge.figures import BUCKETS, EDGES, Crawl, HeldOut
from depicts_toolforge.plots import Picture

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TALLY = Tally(
    *(10, 6, 12, 1, 1, 2),
    confirmed=4,
    refuted=4,
)
"""Of ten shown: two acceptances and ten "no"s have no edit behind them."""

some_shares = st.integers(1, 10**6).flatmap(
    lambda whole: st.builds(Share, st.integers(0, whole), st.just(whole))
)


def counted(*bins: Tally) -> Statistics:
    """Statistics with verdicts in the last bins."""
    tallies = (Tally(),) * (BINS - len(bins)) + bins
    return Statistics(NOW, {}, {}, tallies, Tally(shown=1, accepted=1), ((Qid("Q146"), TALLY),))


# --- shares ---


@given(some_shares)
def test_an_interval_holds_its_share(share: Share) -> None:
    assert share.value is not None and share.interval is not None
    low, high = share.interval
    assert 0 <= low <= share.value + 1e-12 and share.value - 1e-12 <= high <= 1
    assert low < high


def test_an_interval_is_wilsons() -> None:
    # Wilson's of 8 of 10, as in any table of it
    assert Share(8, 10).interval == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_a_share_of_nothing_is_none() -> None:
    assert Share(0, 0).value is None and Share(0, 0).interval is None


def test_a_skip_is_not_a_rejection() -> None:
    assert shares.acceptance(TALLY) == Share(4, 10)
    assert shares.precision(TALLY) == Share(4, 8)


def test_what_lasts_is_a_share_of_what_was_looked_at_again() -> None:
    tally = Tally(
        **{"saved": 20, "judged": 10, "reverted": 4},
        **{"standing_7": 6, "changed_7": 1, "reverted_7": 3, "standing_30": 2, "reverted_30": 2},
    )
    assert shares.taken_back(tally) == Share(4, 10)
    assert [shares.reverted(tally, age) for age in Age] == [Share(3, 10), Share(2, 4)]
    assert [shares.survival(tally, age) for age in Age] == [Share(6, 10), Share(2, 4)]


def test_what_is_skipped_or_failed_was_not_looked_at() -> None:
    totals = {"suggested": 3, "nothing": 1, "skipped": 90, "failed": 6, "files": 100}
    assert shares.coverage(replace(counted(), totals=totals)) == Share(3, 4)
    assert shares.coverage(counted()).value is None


def test_bins_begin_where_something_was_shown() -> None:
    found = shares.bins(counted(TALLY, Tally(), TALLY))
    assert [(one.low, one.high) for one in found] == [(0.7, 0.8), (0.8, 0.9), (0.9, 1.0)]
    assert shares.bins(counted()) == ()


def test_all_verdicts_are_those_of_the_bins_and_those_without_a_confidence() -> None:
    assert shares.altogether(counted(TALLY, TALLY)) == Tally(21, 13, 24, 2, 2, 4, 8, 8)


# --- runs ---


def run(number: int, finished: bool = True, **counts: int) -> RunRecord:
    named = {name.replace("__", ":").replace("_", "-"): count for name, count in counts.items()}
    began = NOW + timedelta(days=number)
    return RunRecord(number, "bot", "tiny-1", began, began if finished else None, named)


def test_reasons_are_summed_and_a_run_that_goes_on_is_left_out() -> None:
    newest_first = [run(3, finished=False), run(2), run(1, nothing__not_sure=2, nothing__x=1)]
    first, second = figures.crawls(newest_first)
    assert (first.day, dict(first.counts)) == ("22 Nov", {"nothing": 3})
    assert second.day == "23 Nov"


# --- latencies ---


def test_routes_are_summed_over_hours() -> None:
    hour = timedelta(hours=1)
    rows = [Latency(NOW, "/a", 0, 2), Latency(NOW - hour, "/a", 0, 3), Latency(NOW, "/b", 10, 9)]
    rows.append(Latency(NOW, "/a", BUCKETS, 1000))  # of another version of this table
    b, a = figures.routes(rows)
    assert (b.route, a.route, a.counts[0]) == ("/b", "/a", 5)
    assert figures.together([a, b]) == (5, *(0,) * (BUCKETS - 2), 9)


@pytest.mark.parametrize(
    ("counts", "share", "told"),
    [
        ((9, 1), 0.5, (1.0, True)),
        ((9, 1), 0.9, (1.0, True)),
        ((9, 1), 0.95, (2.0, True)),
        ((0,) * 10 + (1,), 0.5, (1000.0, False)),
        ((), 0.5, (0.0, True)),
    ],
)
def test_how_long_a_share_of_answers_took(
    counts: tuple[int, ...], share: float, told: tuple[float, bool]
) -> None:
    padded = (*counts, *(0,) * (BUCKETS - len(counts)))
    assert figures.within(padded, share) == told


def test_what_is_beyond_the_last_edge_is_said_to_be() -> None:
    assert wording.milliseconds(25.0, True) == "up to 25 ms"
    assert wording.milliseconds(1000.0, False) == "more than 1000 ms"


# --- plots ---


def all_plots() -> dict[str, Picture]:
    bins = [JudgedBin(0.8, 0.9, TALLY), JudgedBin(0.9, 1.0, Tally())]
    held = [HeldOut(0.5, 0.6, 38, 0.59, 0.43), HeldOut(0.9, 1.0, 9, 1.0, 0.0)]
    return {
        "verdicts": plots.verdicts(bins),
        "kept": plots.kept(bins),
        "reverts": plots.reverts([Share(0, 0), Share(3, 9)]),
        "reliability": plots.reliability(held),
        "crawl": plots.crawl([Crawl(f"{n} Nov", {"suggested": 30 * n}) for n in range(1, 25)]),
        "latency": plots.latency(EDGES, range(BUCKETS)),
        "nobody judged": plots.verdicts([]),
        "no run": plots.crawl([]),
        "an idle day": plots.latency(EDGES, [0] * BUCKETS),
    }


@pytest.mark.parametrize("name", all_plots())
def test_everything_is_within_the_field(name: str) -> None:
    picture = all_plots()[name]
    for bar in picture.bars:
        assert bar.x >= plots.LEFT and bar.x + bar.width <= plots.RIGHT
        assert bar.y >= plots.TOP - 1e-9 and bar.y + bar.height <= plots.BOTTOM + 1e-9
        assert bar.height >= 0 and bar.series < len(picture.legend)
    for x, y in (point for line in picture.lines for point in line.points):
        assert plots.LEFT <= x <= plots.RIGHT and plots.TOP <= y <= plots.BOTTOM
    assert all(plots.TOP <= row.at <= plots.BOTTOM for row in picture.rows)


def test_an_interval_is_drawn_for_each_bar_with_something_in_it() -> None:
    first, second = all_plots()["verdicts"].whiskers
    assert first.x < second.x and first.high < first.low, "the higher share is nearer to the top"


def test_kinds_of_a_run_stand_on_each_other() -> None:
    picture = plots.crawl([Crawl("1 Nov", {"suggested": 10, "skipped": 30, "listed": 99})])
    suggested, skipped = picture.bars
    assert (suggested.series, skipped.series) == (0, 2)
    assert skipped.y + skipped.height == pytest.approx(suggested.y)
    assert skipped.height == pytest.approx(3 * suggested.height)
    assert picture.rows[-1].words == "40", "what is no kind of outcome has no bar"


def test_labels_of_many_runs_do_not_write_over_each_other() -> None:
    days = [tick.words for tick in all_plots()["crawl"].columns]
    assert len(days) == plots.MOST_LABELS and days[0] == "1 Nov"
    few = plots.crawl([Crawl(f"{n} Nov", {"failed": 1}) for n in (1, 2, 3)])
    assert [tick.words for tick in few.columns] == ["1 Nov", "2 Nov", "3 Nov"]


@given(st.integers(0, 10**7))
def test_the_axis_has_few_round_numbers_and_holds_the_most(most: int) -> None:
    rows = plots.latency(EDGES, [most, *[0] * (BUCKETS - 1)]).rows
    numbers = [int(row.words.replace(",", "")) for row in rows]
    assert numbers[0] == 0 and numbers[-1] >= most and 2 <= len(rows) <= 6
    step = numbers[1]
    assert numbers == [n * step for n in range(len(rows))]
    assert str(step).strip("0") in ("1", "2", "5")
    assert len(rows) == 2 or numbers[-2] < most
