"""What ``bench-backfill`` reckons with can fail: ratios, kills, photos, what is seen outside."""

from __future__ import annotations

import io
import json
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from bench import backfill
from bench.backfill_figures import (
    RATIO_GOAL,
    TWO_GOAL,
    Taken,
    at_least,
    at_most,
    compared,
    finished_before,
    kills_row,
    laps_row,
    repeats,
)
from bench.backfill_measures import fingerprint
from bench.backfill_photos import DAMAGES, damage, photo, write_list
from bench.backfill_processes import Order, Process, end, memory_mb, tree
from bench.backfill_watch import Seen, watching


def seen(*begun: tuple[float, int]) -> Seen:
    return Seen([(1.0, "a.jpg"), (2.0, "b.jpg")], list(begun), [(9.0, 0), (11.0, 1)])


def test_work_begins_with_the_first_photo_and_ends_with_the_last_manifest() -> None:
    taken = Taken.of(0.25, seen(), 12.5)
    assert taken.row() == {"start_s": 0.75, "work_s": 10.0, "end_s": 1.5}


def test_a_ratio_is_the_median_of_the_laps() -> None:
    laps = [{"plain": Taken(9, 10, 0), "ray": Taken(0, work, 0)} for work in (11.0, 30.0, 12.0)]
    assert compared(laps, "ray", "plain") == pytest.approx(1.2)
    row = laps_row(laps, 100, 25)
    assert row["work_ms_a_file"] == {"plain": 100, "ray": 120}
    assert row["start_s"] == {"plain": 9, "ray": 0} and len(row["laps"]) == 3


def test_goals_are_held_up_to_their_limits() -> None:
    assert at_most(RATIO_GOAL, RATIO_GOAL)["held"] and not at_most(1.1501, RATIO_GOAL)["held"]
    assert at_least(TWO_GOAL, TWO_GOAL)["held"] and not at_least(1.6999, TWO_GOAL)["held"]


def test_a_shard_begun_again_counts_for_the_kill_between() -> None:
    found = seen((1, 0), (2, 1), (5, 1), (6, 2), (9, 1), (9, 2))
    # shard 1 after the first kill; 1 and 2 after the second one
    assert repeats(found, [3.0, 8.0]) == ([1, 2], 0)


def test_what_was_finished_before_a_kill_is_told() -> None:
    assert finished_before(seen(), [8.0, 10.0, 12.0]) == [0, 1, 2]


def test_a_shard_begun_again_without_a_kill_is_told() -> None:
    assert repeats(seen((1, 0), (2, 0)), [3.0]) == ([0], 1)
    assert repeats(seen((4, 0), (5, 0)), [3.0]) == ([0], 1)


@pytest.mark.parametrize(
    ("counts", "unexplained", "same", "held"),
    [
        ([1, 0, 1], 0, True, True),
        ([2, 0], 0, True, False),
        ([1], 1, True, False),
        ([0], 0, False, False),
    ],
)
def test_kills_cost_a_shard_at_the_most(
    counts: list[int], unexplained: int, same: bool, held: bool
) -> None:
    row = kills_row(counts, unexplained, same, 25)
    assert row["held"] is held and row["most_files_encoded_again"] == 25 * max(counts)


@pytest.mark.slow
def test_photos_are_distinct_jpegs_and_follow_from_their_numbers() -> None:
    first, second = photo(0), photo(1)
    assert first != second and first == photo(0)
    with Image.open(io.BytesIO(first)) as image:
        assert image.format == "JPEG" and image.size == (500, 375)


def test_each_way_of_damage_comes_up(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.jpg" for n in range(100)]
    for path in paths:
        path.write_bytes(path.name.encode() * 100)
    found, numbers = damage(paths, tmp_path / "damaged", 0.08)
    assert len(numbers) == 8 and len({*found}) == 100
    assert [n for n in range(100) if found[n] != paths[n]] == numbers
    assert {found[n].stem.split("-")[1] for n in numbers} == {*DAMAGES}
    assert sum(not found[n].exists() for n in numbers) == 2
    rows = pq.read_table(write_list(tmp_path / "list.parquet", found)).to_pylist()
    assert [row["path"] for row in rows] == [str(path) for path in found]


def test_photos_that_are_alike_are_refused(tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"the same")
    with pytest.raises(AssertionError, match="alike"):
        write_list(tmp_path / "list.parquet", [tmp_path / "a.jpg", tmp_path / "b.jpg"])


def test_openings_and_writings_are_seen(tmp_path: Path) -> None:
    photos, out = tmp_path / "photos", tmp_path / "out"
    photos.mkdir()
    out.mkdir()
    for name in ("a.jpg", "b.jpg"):
        (photos / name).write_bytes(b"a")
    with watching(photos, out) as found:
        # the kernel tells of two alike in a row once
        for name in ("a.jpg", "b.jpg", "a.jpg"):
            (photos / name).read_bytes()
        work = out / "part-00000007.parquet.123.work"
        work.write_bytes(b"rows")
        work.replace(out / "part-00000007.parquet")
        (out / "part-00000007.json.123.work").write_bytes(b"{}")
        (out / "part-00000007.json.123.work").replace(out / "part-00000007.json")
    assert [name for _, name in found.opened] == ["a.jpg", "b.jpg", "a.jpg"]
    assert found.opened_again() == 1
    assert [number for _, number in found.begun] == [7]
    assert [number for _, number in found.finished] == [7]
    assert found.opened[0][0] <= found.begun[0][0] <= found.finished[0][0]


def test_work_files_are_no_shards(tmp_path: Path) -> None:
    (tmp_path / "part-00000000.parquet").write_bytes(b"rows")
    before = fingerprint(tmp_path)
    (tmp_path / "part-00000001.parquet.9.work").write_bytes(b"half")
    assert fingerprint(tmp_path) == before
    (tmp_path / "part-00000000.json").write_bytes(b"{}")
    assert fingerprint(tmp_path) != before


def test_a_tree_holds_whom_its_root_began_and_ends_with_them() -> None:
    begin = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", begin], stdin=subprocess.PIPE) as process:
        # it is there before it has begun its program
        while len(found := tree(process.pid)) < 2 or not _at_work(found[1]):
            assert process.poll() is None
        assert found[0].pid == process.pid
        assert all(one.kill() for one in found)
    assert end(found) == 0 and not any(one.alive() for one in found)


def _at_work(process: Process) -> bool:
    return "input()" in process.title() and process.own_mb() > 1


def test_a_later_process_of_the_same_number_is_another() -> None:
    ours = tree(os.getpid())[0]
    assert ours.alive()
    other = Process(ours.pid, ours.since + 1)
    assert not other.alive() and not other.kill()


def test_shared_memory_counts_once(tmp_path: Path) -> None:
    ours = tree(os.getpid())[0]
    path = Path("/dev/shm") / f"bench-{os.getpid()}"
    with path.open("w+b") as file:
        path.unlink()  # as Ray does
        before = memory_mb([ours])
        file.truncate(64 << 20)
        with mmap.mmap(file.fileno(), 64 << 20) as memory:
            memory[:] = bytes(64 << 20)
            grown = memory_mb([ours, ours]) - memory_mb([ours])
            # twice the same process: its own pages twice, the shared ones once; own ones change a
            # little while other processes share some of them, or no more
            assert grown == pytest.approx(ours.own_mb(), rel=0.25)
            assert memory_mb([ours]) - before == pytest.approx(64, abs=24)


def test_an_order_binds_threads_and_names_the_model(tmp_path: Path) -> None:
    order = Order(tmp_path / "list.parquet", tmp_path / "out", "ray", 2, 25, tmp_path)
    assert order.command()[1:] == [
        *("backfill", "--files", str(tmp_path / "list.parquet")),
        *("--out", str(tmp_path / "out"), "--engine", "ray", "--workers", "2"),
        *("--shard-rows", "25"),
    ]
    told = order.environment()
    assert told["OMP_NUM_THREADS"] == "1" and told["DEPICTS_MODEL"] == str(tmp_path / "model")


def test_a_part_replaces_its_own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "WRITTEN", tmp_path / "backfill.json")
    for name in backfill.MEASURES:
        backfill._write({name: {"held": True, "n": 1}})
    backfill._write({"kills": {"held": False, "n": 2}})
    told = json.loads((tmp_path / "backfill.json").read_text())
    assert [*told][3:] == [*backfill.MEASURES] and not told["held"]
    assert told["kills"]["n"] == 2 and told["memory"]["n"] == 1
    backfill._write({"kills": {"held": True}})
    assert json.loads((tmp_path / "backfill.json").read_text())["held"]
