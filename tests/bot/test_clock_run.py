"""The bot's own clock is set, ahead and back, while a run is at work: it changes no outcome."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.faults_clock import COMPILER, HOUR, jump, movable
from tests.bot import worlds
from tests.bot.command import Bot
from tests.bot.faults import Fault, Sent, whole
from tests.bot.faulty import Faulty, Kind, Rule, once
from tests.mediawiki.upstream import Answer
from tests.sandbox.server import EmbeddedWiki

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which(COMPILER) is None, reason="needs a C compiler"),
]


def setting(clock: Path, seconds: int) -> Callable[[Answer], Sent]:
    """A sound answer, before which the clock is set."""

    def answer(sound: Answer) -> Sent:
        jump(clock, seconds)
        return whole(sound)

    return answer


@pytest.mark.parametrize("hours", [5, -5])
def test_a_clock_that_is_set_changes_no_outcome(
    tmp_path: Path, undisturbed: dict[tuple[str, str], str], hours: int
) -> None:
    """By ``hours`` as the list comes, and by twice as much the other way as the pictures come."""
    clock, environment = movable(tmp_path)
    rules = [
        Rule(Fault("ours is set", setting(clock, hours * HOUR)), (Kind.LIST,), once),
        Rule(Fault("and back", setting(clock, -hours * HOUR)), (Kind.THUMBNAIL,), once),
    ]
    with (
        EmbeddedWiki(worlds.world(worlds.pictures(10))) as wiki,
        Faulty(wiki.port, rules) as way,
    ):
        bot = Bot(tmp_path / "a", wiki, wiki_api=way.api).unwatched()
        bot.environment |= environment
        done = bot.run()
        assert sum(bool(seen.fault) for seen in way.seen) == len(rules)
    assert done.returncode == 0, done.stderr
    assert bot.outcomes() == undisturbed
