"""MediaWiki is fetched by the machine's own sources, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import packages

LINES = """\
# deb http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm main
deb [signed-by=/keys/a.gpg] http://mirror.example/debian bookworm-updates main contrib
deb http://mirror.example/security bookworm-security main
deb http://mirror.example/debian bookworm-backports main
deb http://other.example/apt cloud-bookworm main
deb-src http://mirror.example/debian bookworm main
"""
STANZAS = """\
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main
Signed-By: /keys/a.gpg

Types: deb
URIs: http://other.example
Suites: nodistro
Components: main
"""


def test_only_debians_own_lines_are_moved_to_the_other_suite() -> None:
    assert packages.moved(LINES, "bookworm").splitlines() == [
        "deb http://mirror.example/debian trixie main",
        "deb [signed-by=/keys/a.gpg] http://mirror.example/debian trixie-updates main contrib",
        "deb http://mirror.example/security trixie-security main",
    ]


def test_stanzas_keep_their_keys_and_lose_what_is_not_wanted() -> None:
    moved = packages.moved(STANZAS, "bookworm")
    assert "Suites: trixie trixie-updates\n" in moved
    assert "Signed-By: /keys/a.gpg" in moved
    assert "nodistro" not in moved and "backports" not in moved and "bookworm" not in moved


def test_a_machine_with_the_suite_keeps_its_lines() -> None:
    line = "deb http://mirror.example/debian trixie main\n"
    assert packages.moved(line, "trixie") == line


def test_another_system_than_debian_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=other\nVERSION_CODENAME=jolly\n")
    with pytest.raises(packages.MissingError, match="no Debian"):
        packages.codename(tmp_path / "os-release")


def apt(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> Path:
    """An apt-get of our own, and nothing else; returns the log of what it was asked."""
    log = folder / "log"
    program = folder / "apt-get"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n{does}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return log


@pytest.mark.parametrize(("user", "asked"), [(0, True), (1000, False)])
def test_only_root_gets_php_and_others_the_line_to_type(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    user: int,
    asked: bool,
) -> None:
    log = apt(tmp_path, monkeypatch, "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: user)
    packages.php_found.cache_clear()
    assert not packages.install_php()
    packages.php_found.cache_clear()
    assert packages.HOW in capfd.readouterr().err
    assert log.exists() is asked


def test_a_failed_download_leaves_nothing_that_is_used_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = tmp_path / "os-release"
    release.write_text("ID=debian\nVERSION_CODENAME=bookworm\n")
    monkeypatch.setattr(packages, "RELEASE", release)
    # the first of two packages came, the second did not
    does = "case $* in *' download '*) : > mediawiki_1.deb;; esac; echo 'E: no route' >&2; exit 100"
    apt(tmp_path, monkeypatch, does)
    cache = tmp_path / "cache"
    for _ in range(2):
        with pytest.raises(packages.MissingError, match="no route"):
            packages.code(cache)
        assert not (cache / "code").exists()
