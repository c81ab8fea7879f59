"""The real bot over files that people on a real MediaWiki did everything with: each is named."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Request

from depicts_bot import overwrites
from depicts_bot.report import kind
from depicts_model.settings import Settings
from depicts_model.types import Outcome, SkipReason
from tests.bot import model, worlds
from tests.bot.command import Bot
from tests.model.store.looking import all_outcomes
from tests.sandbox.app import Seen

from . import deeds, robots, scene
from .deeds import DEEDS, Expected, Photo, Stage, looked_at, skipped
from .imported import put
from .installed import ADMIN
from .packages import MissingError

pytestmark = pytest.mark.slow

NAME = "DepictsBot"
OPT_OUT_PAGE = "MediaWiki:Gadget-SuggestDepicts-optout.json"
EXTENSIONS = ["png", "gif", "jpg", "jpeg", "svg", "pdf"]
USUAL = {"batch_size": "10", "upload_delay_hours": "0", "contact": "mailto:tool@example.org"}
READS = {"query", "wbgetentities", "login"}


def stored(bot: Bot) -> dict[tuple[str, str], Outcome]:
    with bot.store() as store:
        return {(one.file.mid, one.file.sha1): one.outcome for one in all_outcomes(store)}


@dataclass
class Played:
    """A wiki on which all was done, and the first run over it."""

    stage: Stage
    account: dict[str, str]
    expected: dict[str, Expected]
    bot: Bot
    told: subprocess.CompletedProcess[str]
    asked: list[Seen]
    most: dict[str, int]
    before: Any
    after: Any

    def another(self, folder: Path, model_dir: Path | None = None, **settings: str) -> Bot:
        """The bot with a store of its own; without a model it has the fake linker."""
        usual = USUAL | self.account | settings
        return Bot(folder, self.stage.wiki.proxy, model_dir, **usual)


def history(wiki: scene.Wiki) -> Any:
    """All that ever changed on the wiki; a log-in is in no log."""
    admin = wiki.session(ADMIN)
    changes = admin.query(list="recentchanges", rclimit="max", rcprop="ids|user|loginfo|title")
    logs = admin.query(list="logevents", lelimit="max", leprop="ids|user|type|title")
    return changes, logs


@pytest.fixture(scope="module")
def wiki() -> Iterator[scene.Wiki]:
    """A wiki with an account that opted out, and the page that says so; skipped loudly."""
    try:
        with scene.wiki(worlds.world([])) as made:
            made.mediawiki.settings(wgFileExtensions=EXTENSIONS)
            robots.join(made, ADMIN, "suppress")
            robots.person(made, deeds.WARY)
            made.session(ADMIN).edit(OPT_OUT_PAGE, json.dumps(deeds.OPTED_OUT))
            yield made
    except MissingError as error:
        pytest.skip(f"no MediaWiki: {error}")


@pytest.fixture(scope="module")
def played(wiki: scene.Wiki, tmp_path_factory: pytest.TempPathFactory) -> Played:
    account = robots.robot(wiki, NAME)
    stage = Stage(wiki)
    expected = {deed.__name__: deed(stage) for deed in DEEDS}
    bot = Bot(tmp_path_factory.mktemp("run"), wiki.proxy, None, **USUAL | account)
    before, begin = history(wiki), len(wiki.proxy.requests)
    wiki.proxy.at_once.most.clear()
    told = bot.run()
    asked, most = wiki.proxy.requests[begin:], dict(wiki.proxy.at_once.most)
    return Played(stage, account, expected, bot, told, asked, most, before, history(wiki))


@pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
def test_what_the_run_made_of(played: Played, deed: Callable[[Stage], Expected]) -> None:
    found = stored(played.bot)
    expected = played.expected[deed.__name__]
    assert {key: found.get(key) for key in expected} == expected


def test_it_made_nothing_of_anything_else(played: Played) -> None:
    """Of redirects, of hidden rows, of what was there before somebody overwrote it."""
    keys = {key for expected in played.expected.values() for key in expected}
    assert set(stored(played.bot)) == keys


def test_it_tells_of_all_it_listed(played: Played) -> None:
    assert (played.told.returncode, played.told.stderr) == (0, "")
    # two rows are hidden: they count as deleted, and there is nothing to store for them
    listed = len(stored(played.bot)) + 2
    assert f": {listed} listed = " in played.told.stdout.splitlines()[-1]


def test_the_run_changed_nothing_on_the_wiki(played: Played) -> None:
    assert played.after == played.before
    assert {seen.action for seen in played.asked if seen.path == "/w/api.php"} == READS
    mine = played.stage.admin.query(list="usercontribs", ucuser=NAME)["usercontribs"]
    assert mine == []


def test_each_request_names_us_and_steps_back_where_the_wiki_lags(played: Played) -> None:
    agents = {seen.user_agent for seen in played.asked}
    assert all(a.startswith("suggest-depicts/") and "tool@example.org" in a for a in agents), agents
    # of what costs no database pywikibot leaves it out: who we are, and what wiki this is
    about = [one for one in played.asked if one.path == "/w/api.php" and "prop" in one.params]
    about += [one for one in played.asked if one.params.get("list") or one.action == "login"]
    assert len(about) > 9
    assert {seen.params.get("maxlag") for seen in about} == {"5"}


def test_one_question_at_a_time_and_one_picture(played: Played) -> None:
    assert played.most == {"images": 1, "others": 1}


def test_pictures_of_the_same_content_are_fetched_once(played: Played) -> None:
    images = [seen.path for seen in played.asked if seen.path.startswith("/images/")]
    twins = played.expected[deeds.the_same_content_under_two_names.__name__]
    linked = sum(kind(one)[0] != "skipped" for one in stored(played.bot).values())
    assert len(twins) == 2
    assert len(images) == len(set(images)) == linked - 1


def test_the_real_model_looks_at_the_same_files(played: Played, tmp_path: Path) -> None:
    model.save(tmp_path / "random")
    bot = played.another(tmp_path / "bot", tmp_path / "random")
    done = bot.unwatched().run()
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    kinds = {"suggested": "looked at", "nothing": "looked at"}
    got, want = (
        {key: kinds.get(kind(one)[0], one) for key, one in stored(run).items()}
        for run in (bot, played.bot)
    )
    assert got == want


def test_a_fresh_upload_waits(played: Played, tmp_path: Path) -> None:
    """48 hours, where nobody says otherwise."""
    wiki = played.stage.wiki
    young, old = ({"Young.png": worlds.picture(8000)}, {"Old.png": worlds.picture(8001)})
    for files, age in ((young, 47), (old, 49)):
        put(wiki.mediawiki, files, datetime.now(UTC) - timedelta(hours=age))
    bot = played.another(tmp_path / "bot", upload_delay_hours=str(Settings().upload_delay_hours))
    done = bot.call()
    assert done.returncode == 0, done.stderr
    (key,) = stored(bot)
    assert key[1] == sha1(old["Old.png"]).hexdigest()


# --- the next run ---


def test_what_happens_between_two_runs(played: Played, tmp_path: Path) -> None:
    """Nothing that has its outcome is looked at again, whatever became of it meanwhile."""
    stage, bot = played.stage, played.another(tmp_path / "bot")
    kept = [stage.upload() for _ in range(3)]
    assert bot.call().returncode == 0
    first = stored(bot)
    stage.move(kept[0], f"File:Later {kept[0].name}")
    stage.admin.post(action="delete", title=kept[1].title)
    stage.admin.edit(kept[2].title, "{{nobots}}")
    fresh = looked_at(stage.upload())
    gone = stage.upload()
    stage.admin.post(action="delete", title=gone.title)
    images = len([one for one in stage.wiki.proxy.requests if "/images/" in one.path])
    done = bot.call()
    assert done.returncode == 0, done.stderr
    assert stored(bot) == first | fresh | skipped(gone, SkipReason.DELETED)
    seen = [one for one in stage.wiki.proxy.requests if "/images/" in one.path]
    assert len(seen) == images + 1


def test_what_is_told_of_a_file_is_about_what_it_shows_now(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that was looked at, overwritten, looked at again, and put back."""
    # ten minutes, which nobody waits for here: the wiki's clock is ours
    monkeypatch.setattr(overwrites, "LATE", timedelta(0))
    stage, bot = played.stage, played.another(tmp_path / "bot")
    first = stage.upload()
    told = [looked_at(first) == latest(bot, first)]
    for change in (stage.overwrite, stage.put_back):
        told.append(looked_at(change(first)) == latest(bot, first))
    assert told == [True, True, True]


def latest(bot: Bot, photo: Photo) -> Expected:
    """What is told of a file after one more run, which leaves the second that it begins in."""
    deeds.wait_for_another_second()
    done = bot.call()
    assert done.returncode == 0, done.stderr
    with bot.store() as store:
        found = store.latest(photo.mid)
    assert found
    return {(found.file.mid, found.file.sha1): found.outcome}


# --- accounts ---


def test_a_wrong_password(played: Played, tmp_path: Path) -> None:
    bot = played.another(tmp_path / "bot", wiki_password="wrongpasswordof32lettersanddigit")
    refused(bot.run(), "login-failed", "Incorrect username or password")
    assert stored(bot) == {}


def test_a_blocked_bot_does_nothing(played: Played, tmp_path: Path) -> None:
    admin = played.stage.admin
    bot = played.another(tmp_path / "bot")
    admin.block(NAME)
    try:
        done = bot.run()
    finally:
        admin.unblock(NAME)
    refused(done, "blocked", f"{NAME} is blocked by {ADMIN}: test")
    assert stored(bot) == {}


def test_a_bot_that_is_blocked_meanwhile_ends(played: Played, tmp_path: Path) -> None:
    """At the next question; what was stored until then stays."""
    wiki, admin = played.stage.wiki, played.stage.admin

    def block(request: Request, _: dict[str, str]) -> None:
        if "/images/" in request.path:
            wiki.proxy.before = None
            admin.block(NAME)

    bot = played.another(tmp_path / "bot", batch_size="4")
    wiki.proxy.before = block
    try:
        done = bot.run()
    finally:
        wiki.proxy.before = None
        admin.unblock(NAME)
    before = len(stored(bot))
    assert before < len(stored(played.bot))
    refused(done, "blocked", f"{NAME} is blocked by {ADMIN}: test", f": {before} listed = ")


def refused(done: subprocess.CompletedProcess[str], code: str, why: str, summary: str = "") -> None:
    """In one line, which tells no secret; ``summary``: of what was stored until then."""
    assert done.returncode == 2
    assert summary in done.stdout if summary else done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: {code}: ") and why in line, line
    assert robots.PASSWORD not in line
