"""The embedding cache's file: never a wrong value, whoever writes, dies, or damages it."""

from __future__ import annotations

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_model.cache import EmbeddingCache
from depicts_model.errors import ArtefactError, ConfigurationError
from depicts_model.settings import load
from tests.watching import unwatched

ROOM = 1_000_000


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[EmbeddingCache]:
    with EmbeddingCache(tmp_path / "c.sqlite", ROOM) as opened:
        yield opened


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.binary(max_size=9), st.binary(max_size=99)), max_size=4))
def test_it_gives_back_what_was_last_put_and_nothing_else(writes: list[dict[bytes, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        expected: dict[bytes, bytes] = {}
        with EmbeddingCache(Path(folder) / "c", ROOM) as cache:
            for rows in writes:
                cache.put(rows)
                expected |= rows
            assert cache.get([*expected, b"not there"]) == expected
        with EmbeddingCache(Path(folder) / "c", ROOM) as again:
            assert again.get(list(expected)) == expected


def test_many_keys_are_asked_for_at_once(cache: EmbeddingCache) -> None:
    rows = {n.to_bytes(2, "big"): bytes([n % 256]) for n in range(1203)}
    cache.put(rows)
    assert cache.get(list(rows)) == rows


@pytest.mark.slow
def test_the_oldest_go_out_and_the_file_stays_within_its_room(tmp_path: Path) -> None:
    path = tmp_path / "c"
    with EmbeddingCache(path, 200_000) as cache:
        keys = [n.to_bytes(2, "big") for n in range(400)]
        for key in keys:
            cache.put({key: key * 1000})
        kept = cache.get(keys)
        assert list(kept) and set(kept) == set(keys[-len(kept) :]), "the youngest stay"
        assert len(kept) > 50
    assert path.stat().st_size <= 200_000 * 1.1


def test_room_for_nothing_keeps_nothing(tmp_path: Path) -> None:
    with EmbeddingCache(tmp_path / "c", 1) as cache:
        cache.put({b"k": bytes(5000)})
        assert cache.get([b"k"]) == {}


@pytest.mark.parametrize("column", ["key", "value", "seal"])
def test_a_row_that_rotted_is_not_believed(tmp_path: Path, column: str) -> None:
    path = tmp_path / "c"
    with EmbeddingCache(path, ROOM) as cache:
        cache.put({b"one": b"1" * 40, b"two": b"2" * 40})
    with sqlite3.connect(path) as raw:
        raw.execute(f"UPDATE vector SET {column} = x'00' WHERE key = ?", (b"one",))
    raw.close()
    with EmbeddingCache(path, ROOM) as cache:
        assert cache.get([b"one", b"two", b"\0"]) == {b"two": b"2" * 40}
        cache.put({b"one": b"1" * 40})
        assert cache.get([b"one"]) == {b"one": b"1" * 40}


def _database(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE outcome (mid)")
    raw.close()


def _cut(path: Path) -> None:
    with EmbeddingCache(path, ROOM) as cache:
        cache.put({n.to_bytes(2, "big"): bytes(3000) for n in range(50)})
    path.write_bytes(path.read_bytes()[:9000])


UNFIT: dict[str, tuple[Callable[[Path], object], str]] = {
    "garbage": (lambda p: p.write_bytes(b"garbage" * 999), "damaged (file is not a database)"),
    "another database": (_database, "not an embedding cache; name another file"),
    "a folder": (lambda p: p.mkdir(), "unable to open database file"),
    "cut short": (_cut, "damaged (database disk image is malformed)"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_a_file_that_is_none_is_one_line(case: str, tmp_path: Path) -> None:
    prepare, said = UNFIT[case]
    prepare(tmp_path / "c")
    with pytest.raises(ArtefactError) as caught, EmbeddingCache(tmp_path / "c", ROOM) as cache:
        cache.get([n.to_bytes(2, "big") for n in range(50)])
        raise AssertionError("it was taken for a cache")
    assert str(tmp_path / "c") in str(caught.value) and said in str(caught.value)


def test_an_empty_file_is_an_empty_cache(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(b"")
    with EmbeddingCache(tmp_path / "c", ROOM) as cache:
        cache.put({b"k": b"v"})
        assert cache.get([b"k"]) == {b"k": b"v"}


def test_a_full_disk_is_one_line_and_leaves_all_as_it_was(cache: EmbeddingCache) -> None:
    cache.put({b"a": b"1"})
    cache._connection.execute("PRAGMA max_page_count = 8")  # as a disk of eight pages
    with pytest.raises(ArtefactError, match=r"c\.sqlite: embedding cache: .*full"):
        cache.put({b"a": b"2", b"b": bytes(99_999)})
    assert cache.get([b"a", b"b"]) == {b"a": b"1"}
    cache.put({b"c": b"3"})
    assert cache.get([b"c"]) == {b"c": b"3"}


WRITER = """
import sys, hashlib
from pathlib import Path
from depicts_model.cache import EmbeddingCache
with EmbeddingCache(Path(sys.argv[1]), 2_000_000) as cache:
    print("open", flush=True)
    for n in range(int(sys.argv[2])):
        keys = [f"{m}".encode() for m in range(n % 300, n % 300 + 40)]
        cache.put({key: hashlib.sha256(key).digest() * 60 for key in keys})
"""


def _writer(path: Path, rounds: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(path), str(rounds)]
    environment = {**unwatched(os.environ), "PYTHONPATH": ":".join(sys.path)}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)


def _all_right(path: Path) -> int:
    keys = [f"{n}".encode() for n in range(400)]
    with EmbeddingCache(path, 2_000_000) as cache:
        found = cache.get(keys)
    assert all(value == hashlib.sha256(key).digest() * 60 for key, value in found.items())
    return len(found)


@pytest.mark.slow
def test_processes_share_it_and_a_kill_at_any_time_leaves_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "c"
    for pause in (0.0, 0.03, 0.1):
        writers = [_writer(path, 10_000) for _ in range(3)]
        try:
            for writer in writers:
                assert writer.stdout and writer.stdout.readline() == "open\n"
            time.sleep(pause)
        finally:
            for writer in writers:
                writer.send_signal(signal.SIGKILL)
                writer.communicate()
        _all_right(path)
    last = _writer(path, 100)
    assert last.communicate()[0] == "open\n" and last.returncode == 0
    assert _all_right(path) >= 139


@pytest.mark.parametrize("size", ["0", "-1", "many"])
def test_a_cache_of_no_size_is_no_setting(size: str) -> None:
    with pytest.raises(ConfigurationError, match="embedding_cache_mb must be"):
        load(None, {"DEPICTS_EMBEDDING_CACHE_MB": size})
