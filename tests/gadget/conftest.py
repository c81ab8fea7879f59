"""A repository with a small gadget, a wiki in memory, and the command between the two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from depicts_gadget import cli
from tests.gadget.deploying import API, MemoryWiki, Repository, repository

Deploy = Callable[..., tuple[int, str, str]]


@pytest.fixture
def gadget(tmp_path: Path) -> Repository:
    return repository(tmp_path)


@pytest.fixture
def wiki(monkeypatch: pytest.MonkeyPatch) -> MemoryWiki:
    made = MemoryWiki()
    monkeypatch.setattr(cli, "Wiki", lambda api, agent: made)
    monkeypatch.setenv(cli.USER, "Deployer@deploy")
    monkeypatch.setenv(cli.PASSWORD, "secret")
    return made


@pytest.fixture
def deploy(gadget: Repository, wiki: MemoryWiki, capsys: pytest.CaptureFixture[str]) -> Deploy:
    """Its exit status, and what it says on standard output and error."""

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(gadget.gadget, ["--wiki", API, *words])
        return code, *capsys.readouterr()

    return run
