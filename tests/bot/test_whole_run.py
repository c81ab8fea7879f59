"""The real command over the embedded wiki: pywikibot, linker, store."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from depicts_model.types import Failed, Mid, Skipped, SkipReason
from tests.bot import worlds
from tests.bot.command import Bot
from tests.model.store.looking import all_outcomes
from tests.sandbox import control
from tests.sandbox.app import Seen
from tests.sandbox.server import EmbeddedWiki

pytestmark = pytest.mark.slow


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(worlds.pictures(10))) as running:
        yield running


def images(wiki: EmbeddedWiki) -> list[str]:
    return [seen.path for seen in wiki.requests if seen.path.startswith("/images/")]


def queries(wiki: EmbeddedWiki, word: str) -> int:
    return sum(
        word in (s.action, s.params.get("list"), s.params.get("prop")) for s in wiki.requests
    )


def costly(wiki: EmbeddedWiki) -> list[Seen]:
    """Requests of the API that may step back: pywikibot lets those for metadata alone go ahead."""
    api = [seen for seen in wiki.requests if seen.path.endswith("/api.php")]
    pages = ("prop", "list", "generator")
    return [s for s in api if s.action != "query" or any(word in s.params for word in pages)]


def test_run_simulate_and_run_again(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot = Bot(tmp_path / "a", wiki)
    simulated = bot.call("--simulate")
    assert simulated.returncode == 0, simulated.stderr
    assert not (tmp_path / "a" / "store.sqlite").exists()

    first = bot.run()
    assert first.returncode == 0, first.stderr
    assert "10 listed = " in first.stdout.splitlines()[-1]
    with bot.store() as store:
        from depicts_bot.report import decision_line

        lines = {decision_line(s.file, s.outcome) for s in all_outcomes(store)}
    assert set(simulated.stdout.splitlines()[:-1]) == lines
    assert len(lines) == 10
    assert any("\tsuggested\t" in line for line in lines)

    before, asked = bot.outcomes(), len(images(wiki))
    second = bot.call()
    assert second.stdout.splitlines()[-1].endswith("0 listed = 0")
    assert (bot.outcomes(), len(images(wiki))) == (before, asked)
    # nothing of pywikibot's stays behind: no cookie, no password, no cache
    assert sorted(p.name.partition("-")[0] for p in (tmp_path / "a").iterdir()) == ["store.sqlite"]


def test_requests_are_counted_by_the_batch_name_us_and_step_back(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    result = Bot(tmp_path / "a", wiki, contact="mailto:tool@example.org").call()
    assert result.returncode == 0, result.stderr
    # 10 files in batches of 4, in a log of which one request brings up to 500 rows
    assert queries(wiki, "logevents") == 1
    assert queries(wiki, "imageinfo|revisions|info|categories") == 3
    assert queries(wiki, "wbgetentities") == 3
    agents = {seen.user_agent for seen in wiki.requests}
    assert all(a.startswith("suggest-depicts/") and "tool@example.org" in a for a in agents)
    written = {"wbeditentity", "wbsetclaim", "wbcreateclaim", "edit", "upload", "move", "delete"}
    assert written.isdisjoint(seen.action for seen in wiki.requests)
    # the wiki says so where its replicas lag by more seconds than that
    assert {seen.params.get("maxlag") for seen in costly(wiki)} == {"5"}
    assert {"query", "wbgetentities", "login"} <= {seen.action for seen in costly(wiki)}


@pytest.mark.parametrize("stuck", [1, 7])
def test_killed_anywhere_it_resumes_and_repeats_nothing(
    stuck: int, tmp_path: Path, undisturbed: dict[tuple[str, str], str]
) -> None:
    """SIGKILL while the picture of page ``stuck`` is on its way; batches of 2."""
    reached, released = threading.Event(), threading.Event()
    files = worlds.pictures(10)
    row, data = files[stuck - 1]

    def slow() -> bytes:
        reached.set()
        released.wait(250)
        return data()

    files[stuck - 1] = (row, slow)
    with EmbeddedWiki(worlds.world(files)) as wiki:
        bot = Bot(tmp_path / "killed", wiki, batch_size="2").unwatched()
        with bot.start() as process:
            assert reached.wait(200)
            process.kill()
            process.communicate()
        released.set()
        stored = bot.outcomes() if (tmp_path / "killed" / "store.sqlite").exists() else {}
        assert len(stored) == stuck - 1
        asked = len(images(wiki))
        assert bot.call().returncode == 0
        again = images(wiki)[asked:]
    assert bot.outcomes() == undisturbed
    assert len(bot.outcomes()) == 10
    assert len(again) == len(set(again)) == 10 - (stuck - 1)


def test_what_a_cache_of_embeddings_recalls_changes_no_outcome(
    wiki: EmbeddedWiki, tmp_path: Path, model_dir: Path
) -> None:
    """That the linker answers alike without one, tests/model/linker/test_linker_cached.py says."""
    cache = tmp_path / "cache.sqlite"
    cold, warm = (
        Bot(tmp_path / name, wiki, model_dir, embedding_cache=str(cache)) for name in ("a", "b")
    )
    for bot in (cold, warm):
        done = bot.call()
        assert done.returncode == 0, done.stderr
    assert warm.outcomes() == cold.outcomes()
    assert len(cold.outcomes()) == 10
    assert cache.stat().st_size > 10_000


def test_odd_files_are_one_outcome_each(tmp_path: Path, model_dir: Path) -> None:
    odd = worlds.odd_files()
    with EmbeddedWiki(worlds.world([made for _, made in odd.values()])) as wiki:
        control.apply(wiki.state, {"do": "delete", "title": "File:Picture 13.png"})
        control.apply(
            wiki.state,
            {"do": "move", "title": "File:Picture 14.png", "to": "File:Better name.png"},
        )
        control.apply(wiki.state, {"do": "suppress", "logid": 16, "hidden": ["action", "user"]})
        bot = Bot(tmp_path / "a", wiki, model_dir)
        result = bot.call("--simulate")
        assert result.returncode == 0, result.stderr
        simulated = dict(line.split("\t", 1) for line in result.stdout.splitlines()[:-1])
        assert bot.call().returncode == 0
    assert set(simulated) == {f"M{pageid}" for pageid in odd if pageid != 16}
    for pageid, (expected, _) in odd.items():
        if expected:
            told = simulated[f"M{pageid}"].split("\t", 2)[2]
            assert told.startswith(expected), (pageid, told)
    assert "File:Better name.png" in simulated["M14"]
    # fifty megapixels, of which the thumbnail is as good as any other
    for linked in ("M11", "M15"):
        assert simulated[linked].split("\t")[2] in ("suggested", "nothing"), simulated[linked]
    assert "larger than 40 megapixels" in simulated["M17"]
    with bot.store() as store:
        found = {s.file.mid: s.outcome for s in all_outcomes(store)}
    assert set(found) == set(simulated)
    assert found[Mid("M13")] == Skipped(SkipReason.DELETED)
    # what the server could not make or came spoilt may come right; what is too large never will
    again = {mid for mid, o in found.items() if isinstance(o, Failed) and o.retry_after}
    assert again == {"M1", "M3", "M12"}


def test_one_picture_at_a_time_and_one_question(tmp_path: Path) -> None:
    """Two connections to the host of the files are allowed, and the worker has the other one."""
    files: list[tuple[worlds.Row, worlds.Blob]] = [
        (row, partial(slowly, data)) for row, data in worlds.pictures(10)
    ]
    with EmbeddedWiki(worlds.world(files)) as wiki:
        result = Bot(tmp_path / "a", wiki).call()
        seen = dict(wiki.most_at_once)
    assert result.returncode == 0, result.stderr
    assert seen == {"images": 1, "others": 1}


def slowly(data: Callable[[], bytes]) -> bytes:
    time.sleep(0.2)
    return data()


def test_a_simulation_over_a_store_changes_nothing(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot = Bot(tmp_path / "a", wiki)
    assert bot.call("--limit", "4").returncode == 0
    path = tmp_path / "a" / "store.sqlite"
    before = path.read_bytes(), path.stat().st_mtime_ns
    result = bot.call("--simulate")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[-1].startswith("would store: 6 listed = ")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_simulation_onto_a_full_disk_is_one_line(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot = Bot(tmp_path / "a", wiki)
    result = bot.run("--simulate", prefix=("sh", "-c", 'exec "$@" >/dev/full', "sh"))
    assert result.returncode == 2
    last = result.stderr.splitlines()[-1]
    assert last == "error: standard output: No space left on device"
    assert "Traceback" not in result.stderr
    assert list((tmp_path / "a").iterdir()) == []


def _wrong_password(wiki: EmbeddedWiki, folder: Path, sound: Path) -> dict[str, str]:
    return {"wiki_password": "wrong-secret"}


def _no_such_path(wiki: EmbeddedWiki, folder: Path, sound: Path) -> dict[str, str]:
    return {"wiki_api": f"{wiki.url}/nowhere/api.php"}


def _no_model(wiki: EmbeddedWiki, folder: Path, sound: Path) -> dict[str, str]:
    return {"model": str(folder / "none")}


def _cut_model(wiki: EmbeddedWiki, folder: Path, sound: Path) -> dict[str, str]:
    cut = folder / "cut"
    for source in sound.rglob("*"):
        if source.is_file():
            target = cut / source.relative_to(sound)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    weights = cut / "vision" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    return {"model": str(cut)}


Fault = Callable[[EmbeddedWiki, Path, Path], dict[str, str]]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (_wrong_password, ["login-failed", "Incorrect username or password"]),
        (_no_such_path, ["no-answer", "/nowhere/api.php"]),
        (_no_model, ["none"]),
        (_cut_model, ["model.safetensors"]),
    ],
)
def test_what_all_files_need_is_missing(
    wiki: EmbeddedWiki, tmp_path: Path, model_dir: Path, fault: Fault, words: list[str]
) -> None:
    bot = Bot(tmp_path / "a", wiki, model_dir, **fault(wiki, tmp_path, model_dir))
    result = bot.unwatched().run()
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert [word for word in words if word not in line] == []
    assert "secret" not in line


def test_a_full_disk_ends_the_run_in_one_line_and_keeps_what_was(tmp_path: Path) -> None:
    """So many files that no slack in the pages of a small database holds them."""
    files = 80
    with EmbeddedWiki(worlds.world(worlds.pictures(files))) as wiki:
        bot = Bot(tmp_path / "a", wiki, batch_size="20")
        assert bot.call("--limit", "4").returncode == 0
        before = bot.outcomes()
        # the size that this database has is all that a file may have
        size = (tmp_path / "a" / "store.sqlite").stat().st_size
        # coverage's own file would meet the limit too, and say so after the bot
        result = bot.unwatched().run(prefix=("prlimit", f"--fsize={size}:{size}"))
        assert result.returncode == 2, result.stderr
        assert "store.sqlite" in result.stderr.splitlines()[-1]
        assert "Traceback" not in result.stderr
        assert bot.outcomes().items() >= before.items()
        assert bot.call().returncode == 0
    assert len(bot.outcomes()) == files


def test_the_items_of_a_file_can_be_read_as_pywikibot_reads_them(wiki: EmbeddedWiki) -> None:
    """In a process of its own, since pywikibot keeps one wiki a process."""
    script = """
import pywikibot, sys
from depicts_bot.site import connect
from depicts_model.settings import Settings
api, user, password = sys.argv[1:]
site = connect(Settings(wiki_api=api, wiki_username=user, wiki_password=password)).site
page = pywikibot.FilePage(site, "File:Picture 1.png")
print(site.user(), page.pageid, dict(page.data_item().get()["statements"]))
"""
    arguments = [sys.executable, "-c", script, wiki.api, worlds.BOT, worlds.PASSWORD]
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
    assert result.stdout == "DepictsBot 1 {}\n", result.stderr
