"""What the cost model reckons with: each step's rate, of work that was really done."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from bench import backfill_rates
from bench.backfill_host import LATENCY, host
from bench.backfill_rates import fetched, rates, spent
from bench.backfill_steps import SHARD, Step, Work
from tests.bot import worlds

PHOTOS = [b"one", b"another", b"a third"]


def nothing() -> None:
    """Takes no time."""


def test_a_rate_is_the_median_of_the_laps_behind_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    laps = iter([(900.0, 800.0), (3.0, 1.0), (2.0, 2.0), (7.0, 0.5)])
    monkeypatch.setattr(backfill_rates, "spent", lambda _: next(laps))
    assert rates({"encode": Step(nothing, 1)}, 3) == {"encode": {"ms": 3.0, "cpu_ms": 1.0}}


def test_what_is_spent_is_of_each_file(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = {"perf_counter": iter([10.0, 12.0]), "process_time": iter([5.0, 6.0])}
    with monkeypatch.context() as patched:
        for name, told in clocks.items():
            patched.setattr(f"time.{name}", partial(next, told))
        found = spent(Step(nothing, 4))
    assert found == (500.0, 250.0)


@pytest.mark.slow
def test_two_connections_wait_at_once_and_every_byte_is_looked_at() -> None:
    with host(PHOTOS * 4) as address:
        steps = {n: Step(partial(fetched, address, PHOTOS * 4, n), 12) for n in (1, 2)}
        one, two = (rate["ms"] / 1000 for rate in rates(steps, 1).values())
        assert one >= LATENCY > two >= LATENCY / 2
        with pytest.raises(RuntimeError, match="other bytes"):
            fetched(address, [*PHOTOS[1:], b"unsent"], 1)


@pytest.mark.slow
def test_each_step_begins_with_what_the_one_before_it_made(tmp_path: Path) -> None:
    photos = [worlds.picture(n) for n in range(3)]
    with closing(Work.load(None, tmp_path, photos)) as work:
        assert work.looked_at() and [*work.steps()] == ["decode", "encode", "score", "store"]
        assert work.steps()["decode"].work() == [work.viewed]
        assert work.steps()["score"].work() == [work.made]
        vectors = np.array(work.made.column("vector").to_pylist(), np.float32)
        np.testing.assert_array_equal(vectors, work.linker.encoder.encode_views(work.seen))
        assert work.store()["rows"] == SHARD * 3 == work.steps()["store"].files
        size = (tmp_path / "part.parquet").stat().st_size
        assert 0 <= work.row_bytes() * SHARD * 3 - size < SHARD * 3


def test_a_photo_that_cannot_be_seen_is_no_work(tmp_path: Path) -> None:
    with closing(Work.load(None, tmp_path, [worlds.picture(1), b"no picture"])) as work:
        assert not work.looked_at()
