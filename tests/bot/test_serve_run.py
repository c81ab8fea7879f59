"""The real worker in processes of its own, over the embedded wiki, with the real pywikibot."""

from __future__ import annotations

import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from depicts_model import switch
from depicts_model.settings import Settings
from depicts_model.store import BOT_RUN
from depicts_model.types import Mid, Skipped, SkipReason
from tests.bot import worlds
from tests.bot.command import Bot
from tests.bot.test_whole_run import images, slowly
from tests.model.store.looking import all_outcomes
from tests.sandbox import control
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow

PAGE = Settings().switch_page
FILES = 4
HURRY = 2.0
"""Seconds of the lease and between two readings of the switch, in place of tens."""


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(worlds.pictures(FILES))) as running:
        yield running


@pytest.fixture
def bot(wiki: EmbeddedWiki, tmp_path: Path) -> Bot:
    return hurried(Bot(tmp_path / "bot", wiki))


def hurried(bot: Bot) -> Bot:
    bot.environment["BOT_HURRY"] = str(HURRY)
    return bot


@contextmanager
def serving(bot: Bot) -> Iterator[subprocess.Popen[str]]:
    """A worker; one that was not killed inside must end by SIGTERM, and say nothing bad."""
    with bot.start(word="serve") as process:
        try:
            yield process
        finally:
            killed = process.poll() == -signal.SIGKILL
            process.terminate()
            out, err = process.communicate(timeout=60)
        if not killed:
            assert process.returncode == 0, err
            assert out.splitlines()[-1:] == ["worker: ended"]
        assert "Traceback" not in err


def until(done: Callable[[], object], seconds: float = 200.0) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.2)


def ask(bot: Bot, *pageids: int) -> None:
    with bot.store() as store:
        for pageid in pageids:
            store.request(Mid(f"M{pageid}"))


def waiting(bot: Bot) -> int:
    with bot.store() as store:
        return store.queue_length()


def test_it_answers_what_is_asked_and_ends_when_told(bot: Bot, wiki: EmbeddedWiki) -> None:
    ask(bot, 2, 3, 77)
    with serving(bot):
        until(lambda: not waiting(bot))
        with bot.store() as store:
            found = {s.file.mid: s for s in all_outcomes(store)}
            until(lambda: store.noted("worker"))
            noted, inputs = store.noted(switch.NOTE), store.last_inputs(BOT_RUN)
    assert set(found) == {"M2", "M3", "M77"}
    assert found[Mid("M77")].outcome == Skipped(SkipReason.DELETED)
    assert found[Mid("M2")].file.uploaded == worlds.UPLOADED + timedelta(minutes=2)
    assert noted and switch.noted(noted.value) == switch.ON
    assert inputs["serving"] is True
    assert len(images(wiki)) == 2
    written = {"wbeditentity", "wbsetclaim", "wbcreateclaim", "edit", "upload", "move", "delete"}
    assert written.isdisjoint(seen.action for seen in wiki.requests)
    with bot.store() as store:
        assert store.hold("worker", "the next", all_outcomes(store)[0].at, 1), (
            "the lease is given back"
        )
        runs = store.counts()["runs"]
    assert runs == 1


def test_a_session_that_expires_is_renewed(bot: Bot, wiki: EmbeddedWiki) -> None:
    ask(bot, 1)
    with serving(bot):
        until(lambda: not waiting(bot))
        control.apply(wiki.state, {"do": "expire_sessions"})
        ask(bot, 2)
        until(lambda: not waiting(bot))
    assert len(images(wiki)) == 2


@pytest.mark.parametrize("step", ["take", "look", "save", "drop"])
def test_killed_at_any_step_the_next_one_takes_it_up(
    step: str, bot: Bot, tmp_path: Path, undisturbed: dict[tuple[str, str], str]
) -> None:
    halted = tmp_path / "halted"
    ask(bot, 1, 2, 3)
    usual = bot.unwatched().environment
    bot.environment = usual | {"BOT_HALT_AT": step, "BOT_HALTED": str(halted)}
    with serving(bot) as process:
        until(halted.exists)
        process.kill()
        process.wait()
    assert len(bot.outcomes()) == (3 if step == "drop" else 0)
    bot.environment = usual
    ask(bot, 4)
    with serving(bot):
        until(lambda: not waiting(bot))
    first = {f"M{pageid}" for pageid in range(1, FILES + 1)}
    assert bot.outcomes() == {key: told for key, told in undisturbed.items() if key[0] in first}
    with bot.store() as store:
        counts = store.counts()
    assert (counts["files"], counts["suggested"] + counts["nothing"]) == (FILES, FILES)


def test_of_two_workers_one_works(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    first, second = (hurried(Bot(tmp_path / "bot", wiki)) for _ in range(2))
    with first.store():
        pass
    with serving(first) as one, serving(second) as two:
        for pageid in range(1, FILES + 1):
            ask(first, pageid)
            until(lambda: not waiting(first))
        with first.store() as store:
            assert store.counts()["runs"] == 1, "the other has not even begun"
        # whichever works is killed, the other goes on
        worker = one if _works(one) else two
        worker.kill()
        worker.wait()
        ask(first, 77)
        until(lambda: not waiting(first))
        with first.store() as store:
            assert store.counts()["runs"] == 2
    assert len(images(wiki)) == FILES


def _works(process: subprocess.Popen[str]) -> bool:
    """Whether this one said that it began: its stderr is read without waiting."""
    assert process.stderr is not None
    ready, _, _ = select.select([process.stderr], [], [], 0.0)
    return bool(ready)


def throw(wiki: EmbeddedWiki, text: str) -> None:
    control.apply(wiki.state, {"do": "edit", "title": PAGE, "text": text, "user": "Admin"})


def noted(bot: Bot) -> switch.Switch | None:
    with bot.store() as store:
        found = store.noted(switch.NOTE)
    return switch.noted(found.value) if found else None


def test_the_switch_stops_the_worker_and_starts_it_again(bot: Bot, wiki: EmbeddedWiki) -> None:
    throw(wiki, '{"stopped": true, "reason": "a test"}')
    ask(bot, 1)
    with serving(bot):
        until(lambda: noted(bot) == switch.Switch(True, "a test"))
        time.sleep(HURRY)
        assert waiting(bot) == 1
        throw(wiki, "{}")
        until(lambda: not waiting(bot))
        throw(wiki, "what?")
        until(lambda: (noted(bot) or switch.ON).stopped)
        ask(bot, 2)
        time.sleep(HURRY)
        assert waiting(bot) == 1
        throw(wiki, "{}")
        until(lambda: not waiting(bot))


def test_the_switch_stops_a_run_before_it_looks(bot: Bot, wiki: EmbeddedWiki) -> None:
    throw(wiki, '{"stopped": true, "reason": "a test"}')
    for arguments in ((), ("--simulate",)):
        result = bot.call(*arguments)
        assert result.returncode == 0, result.stderr
        assert result.stdout == f"stopped by {PAGE}: a test\n"
    assert images(wiki) == []
    throw(wiki, "{}")
    assert "4 listed = " in bot.call().stdout


def test_the_switch_stops_a_run_that_is_under_way(
    tmp_path: Path, undisturbed: dict[tuple[str, str], str]
) -> None:
    """Pictures come slowly, one a batch; the page is read before each is stored."""
    files: list[tuple[worlds.Row, worlds.Blob]] = [
        (row, partial(slowly, data)) for row, data in worlds.pictures(10)
    ]
    with EmbeddedWiki(worlds.world(files)) as wiki:
        bot = Bot(tmp_path / "bot", wiki, batch_size="1")
        bot.environment["BOT_HURRY"] = "0"
        with bot.start() as process:
            until(lambda: len(images(wiki)) >= 3)
            throw(wiki, '{"stopped": true}')
            out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert out.splitlines()[0] == f"stopped by {PAGE}: no reason given"
        stopped = bot.outcomes()
        assert 1 <= len(stopped) < 10
        throw(wiki, "{}")
        assert bot.call().returncode == 0
    assert bot.outcomes() == undisturbed


def test_lists_that_change_are_obeyed_without_a_new_start(bot: Bot, wiki: EmbeddedWiki) -> None:
    title = Settings().lists_page
    ask(bot, 1)
    with serving(bot):
        until(lambda: not waiting(bot))
        control.apply(
            wiki.state,
            {"do": "edit", "title": title, "text": '{"never_suggest": {"Q146": "x"}}'},
        )
        with bot.store() as store:
            until(lambda: store.last_inputs(BOT_RUN)["lists"]["never_suggest"] == ["Q146"])
        ask(bot, 2)
        until(lambda: not waiting(bot))


def test_a_worker_that_hangs_is_replaced_and_ends_itself(bot: Bot, tmp_path: Path) -> None:
    halted, usual = tmp_path / "halted", dict(bot.environment)
    ask(bot, 1, 2)
    bot.environment |= {"BOT_HALT_AT": "look", "BOT_HALTED": str(halted), "BOT_HUNG": "10"}
    with bot.start(word="serve") as hanging:
        until(halted.exists)
        bot.environment = usual
        with serving(bot):
            until(lambda: not waiting(bot))
            _, err = hanging.communicate(timeout=100)
    assert hanging.returncode == 1
    assert "nothing came to an end for" in err and "Traceback" not in err
