"""Programs of the demo that hang, or do not start: one line each, and none is left running."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.sandbox import demo_chain
from tests.sandbox.demo_chain import Chain, StepError, run_bot, web_service, write_settings
from tests.sandbox.demo_processes import end, first_line
from tests.sandbox.demo_running import carry_out, embedded
from tests.sandbox.photos import USERS
from tests.sandbox.world import World

EMPTY = World((), USERS, {})
SILENT = "echo $$ > pid; exec sleep 600"


@pytest.fixture
def chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chain]:
    """An empty wiki, and programs that are scripts of the test."""
    monkeypatch.setattr(demo_chain, "SCRIPTS", tmp_path)
    monkeypatch.chdir(tmp_path)
    with embedded(tmp_path, world=EMPTY) as made:
        write_settings(made)
        yield made


def program(name: str, script: str) -> None:
    """A program in the working folder."""
    path = Path(name)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def runs() -> bool:
    """Whether the program of the test still runs; it wrote its id before anything else."""
    return Path(f"/proc/{int(Path('pid').read_text())}").exists()


def test_what_does_not_end_when_asked_is_killed(tmp_path: Path) -> None:
    command = ["sh", "-c", "trap '' TERM; echo deaf; exec sleep 600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert first_line(process, 30) == "deaf\n"
        end(process, patience=0.2)
        assert process.returncode == -signal.SIGKILL
        end(process)  # once more is no fault


def test_a_bot_that_hangs_is_a_step_that_did_not_happen(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    program("depicts-bot", SILENT)
    monkeypatch.setattr(demo_chain, "BOT_SECONDS", 0.5)
    with pytest.raises(StepError, match="depicts-bot: not done in"):
        run_bot(chain)
    assert not runs()


@pytest.mark.parametrize("script", ["true", "echo no address"])
def test_a_service_that_says_nothing_is_not_waited_for(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    program("depicts-web", f"echo $$ > pid\n{script}\nexec sleep 600")
    monkeypatch.setattr(demo_chain, "WEB_SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(StepError, match=r"depicts-web did not start; see .*web\.log"):
        web_service(chain).__enter__()
    assert time.monotonic() - begun < 30 and not runs()
    assert not chain.web


def test_a_program_that_is_not_there_is_one_line(chain: Chain) -> None:
    with ExitStack() as stack, pytest.raises(StepError, match=r"bot: .*No such file"):
        carry_out(chain, [("bot", run_bot)], stack)


def test_a_service_moves_aside_where_its_port_is_taken(chain: Chain) -> None:
    taken = 'for last; do port=$was; was=$last; done; case "$*" in *"--port 4321 "*) exit 2;; esac'
    address = "echo $$ > pid\necho on http://127.0.0.1:1234\nexec sleep 600"
    program("depicts-web", f"{taken}\n{address}")
    chain.port = 4321
    with web_service(chain):
        assert chain.web == "http://127.0.0.1:1234"
        assert chain.wiki.gadget and chain.wiki.gadget.service == chain.web
    assert not runs()


def test_a_wiki_moves_aside_where_its_port_is_taken(chain: Chain, tmp_path: Path) -> None:
    with embedded(tmp_path, chain.wiki.port - 1, world=EMPTY) as other:
        assert other.wiki.port != chain.wiki.port
