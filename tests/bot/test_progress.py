"""A person sees how far a run is, on a terminal and in a log; a budget ends it in good order."""

from __future__ import annotations

import os
import pty
import re
import termios
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from depicts_bot import progress
from depicts_bot.budget import Budgeted, SpentError
from depicts_bot.listings import Random, Search
from depicts_bot.named import Named
from depicts_bot.progress import Log, Pace
from depicts_bot.report import Tally
from depicts_bot.sources import FIRST_RUN, NEW_UPLOADS, OVER
from depicts_bot.uploads import Checkpoint
from depicts_model.types import Failed
from tests.bot import worlds
from tests.bot.command import Bot
from tests.bot.fakes import START, FakeWiki
from tests.sandbox.server import EmbeddedWiki


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(worlds.pictures(10))) as running:
        yield running


def of_failures(files: int) -> Tally:
    tally = Tally()
    for _ in range(files):
        tally.add(Failed("broken"))
    return tally


def test_a_line_a_minute_with_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    log, tally = Log(Pace(clock), "run 7"), of_failures(300)
    for _ in range(13):
        clock.now += 10
        log.show(tally, 0.25)
    lines = capsys.readouterr().err.splitlines()
    assert all(re.match(r"20\d\d-\d\d-\d\d \d\d:\d\dZ run 7: ", line) for line in lines)
    assert [line.partition(": ")[2] for line in lines] == [
        "300 listed = 300 failed (300 image); 5.0 a second; 25%, 0:03:00 left",
        "300 listed = 300 failed (300 image); 2.5 a second; 25%, 0:06:00 left",
    ]


def test_of_a_list_without_end_no_time_is_left() -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now += 10
    assert progress.line(of_failures(20), pace, None).endswith("; 2.0 a second")
    lefts = (pace.left(None), pace.left(0.0), pace.left(0.009), pace.left(0.5), pace.left(1.0))
    assert lefts == (None, None, None, 10, 0)
    clock.now -= 6
    assert pace.left(0.5) is None, "nobody knows after four seconds"


def test_what_share_of_its_list_a_source_is_through() -> None:
    middle = str(Checkpoint(START - FIRST_RUN / 2, 7))
    assert NEW_UPLOADS.share(middle, None, START) == pytest.approx(0.5)
    after = str(Checkpoint(START - timedelta(days=20), 3))
    assert NEW_UPLOADS.share(middle, after, START) == pytest.approx(0.25)
    assert NEW_UPLOADS.share(after, after, START) == 0
    assert Random(200).share("50", None, START) == 0.25
    assert Named((1, 2)).share(OVER, None, START) == 1
    assert Search("cats").share("50", None, START) is None


def test_a_budget_is_not_overdrawn() -> None:
    wiki = FakeWiki()
    budgeted = Budgeted(wiki, 2)
    for _ in range(2):
        budgeted.ask(action="query", titles="Page")
    with pytest.raises(SpentError, match="2 requests"):
        budgeted.ask(action="query", titles="Page")
    assert len(wiki.asked) == 2


@pytest.mark.slow
def test_a_run_out_of_requests_ends_and_the_next_goes_on(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    """One for the log, and two for each batch of a file."""
    bot = Bot(tmp_path, wiki, batch_size="1", requests_per_run="10")
    told = bot.call()
    assert told.returncode == 0, told.stderr
    ended, summary = told.stdout.splitlines()
    assert ended == "ended: 10 requests were made; the next run goes on from here"
    assert " 4 listed = " in summary
    assert len(bot.outcomes()) == 4
    for _ in range(2):
        assert bot.call().returncode == 0
    assert len(bot.outcomes()) == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "what", [("--category", "No such"), ("--user", "Nobody"), ("--search", "x9")]
)
def test_who_may_have_misspelt_it_is_told(
    wiki: EmbeddedWiki, tmp_path: Path, what: tuple[str, str]
) -> None:
    told = Bot(tmp_path, wiki).call(*what)
    assert told.returncode == 0
    assert f"{what[1]}' is spelt" in told.stderr
    assert " 0 listed = 0" in told.stdout


@pytest.mark.slow
def test_on_a_terminal_there_is_a_bar_and_nothing_of_it_stays(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 100))
    bot = Bot(tmp_path, wiki).unwatched()
    with bot.start("--limit", "8", stderr=theirs) as process:
        os.close(theirs)
        out, _ = process.communicate(timeout=120)
    seen = _read(ours)
    assert process.returncode == 0, seen
    assert " 8 listed = " in out
    assert re.search(r"100% \|█+\| 8 files, \d suggested, [\d.]+/s \[\d\d:\d\d", seen)
    assert "Traceback" not in seen
    assert seen.rstrip("\r").endswith(" ")


def _read(terminal: int) -> str:
    """All that was written to a terminal, whose other end is closed."""
    seen = b""
    try:
        while some := os.read(terminal, 65536):
            seen += some
    except OSError:  # so Linux says that the other end is closed
        pass
    os.close(terminal)
    return seen.decode()
