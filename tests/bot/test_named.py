"""A list of files that somebody typed: what is taken, and what is said of the rest."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from depicts_bot.named import Named, read_names
from depicts_model.errors import ConfigurationError


def read(folder: Path, content: bytes) -> Named:
    path = folder / "list.txt"
    path.write_bytes(content)
    return read_names(str(path))


def test_titles_media_ids_and_page_ids_each_once(tmp_path: Path) -> None:
    text = "\ufeffFile:A cat.jpg\r\n\n  M12 \n12\n0x\n".replace("0x\n", "image: Ä_b.png\n7")
    assert read(tmp_path, text.encode()).names == ("File:A cat.jpg", 12, "image: Ä_b.png", 7)


def test_the_delay_does_not_hold_for_what_is_named() -> None:
    assert not Named((1,)).waits


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("M1\nM2\n"))
    assert read_names("-").names == (1, 2)
    monkeypatch.setattr("sys.stdin", io.StringIO("M1\ncat\n"))
    with pytest.raises(ConfigurationError, match=r"^standard input: line 2: not a title"):
        read_names("-")


REFUSED = {
    "a word": (b"M1\ncat.jpg\n", "line 2: not a title (File:…), media id or page id: 'cat.jpg'"),
    "several": (b"Q1\nM0\nM1\nM01\n", "'Q1'; nor lines 2, 4"),
    "many": (b"x\n" * 9, "'x'; nor lines 2, 3, 4, 5, 6 and 3 more"),
    "another namespace": (b"Category:Cats\n", "line 1"),
    "no name": (b"File: _\n", "line 1"),
    "several titles": (b"File:A.jpg|File:B.jpg\n", "line 1"),
    "an address": (b"https://commons.wikimedia.org/wiki/File:A.jpg\n", "line 1"),
    "a section": (b"File:A.jpg#top\n", "line 1"),
    "too long": (b"File:" + b"a" * 256 + b"\n", "line 1"),
    "too large an id": (b"1" + b"0" * 12 + b"\n", "line 1"),
    "control characters": (b"File:A\x01.jpg\n", "line 1"),
    "not UTF-8": (b"File:\xff.jpg\n", "not UTF-8"),
    "empty": (b"\n \n", "no line names a file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_list_is_one_line(tmp_path: Path, name: str) -> None:
    content, fault = REFUSED[name]
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, content)
    told = str(caught.value)
    assert told.startswith(f"{tmp_path}/list.txt: ") and fault in told
    assert "\n" not in told and len(told) < 300


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.txt: No such file"):
        read_names(str(tmp_path / "none.txt"))
