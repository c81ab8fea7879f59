"""Before suggestions of a backfill are stored the wiki is asked, as a run asks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from depicts_bot import context
from depicts_bot.backfill import asking, importing, shards
from depicts_bot.backfill.planning import Plan
from depicts_bot.budget import Budgeted
from depicts_model.errors import WikiError
from depicts_model.linker.columns import embedded, row_of
from depicts_model.settings import Settings
from depicts_model.types import (
    Failed,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)
from tests.bot import worlds
from tests.bot.command import Bot
from tests.sandbox import control
from tests.sandbox.server import EmbeddedWiki

V = "v1"
OPT_OUTS = Settings().opt_out_page
SWITCH = Settings().switch_page
NOTHING = NothingToSuggest(NothingReason.NOT_SURE)


def worlds_files() -> list[tuple[worlds.Row, worlds.Blob]]:
    odd = [file for _, file in worlds.odd_files().values()]
    return [
        *odd,
        worlds.file(21, user="Some body"),
        worlds.file(22, wikitext="{{nobots}}"),
        worlds.file(23, wikitext="[[Category:Postcards of X]]"),
        worlds.file(24),
    ]


def edit(wiki: EmbeddedWiki, title: str, said: dict[str, Any]) -> None:
    order = {"do": "edit", "title": title, "text": json.dumps(said), "user": "Admin"}
    control.apply(wiki.state, order)


@pytest.fixture
def wiki() -> Iterator[EmbeddedWiki]:
    with EmbeddedWiki(worlds.world(worlds_files())) as running:
        control.apply(running.state, {"do": "delete", "title": "File:Picture 13.png"})
        edit(
            running, OPT_OUTS, {"users": {"Some body": "x"}, "categories": {"Postcards of X": "x"}}
        )
        yield running


def suggested(mid: str) -> Suggested:
    return Suggested((Suggestion(Mid(mid), Qid("Q146"), 0.9, ("x",), (), (), V),))


def line(row: worlds.Row, outcome: Outcome | None = None, **changes: Any) -> dict[str, Any]:
    mid = f"M{row['pageid']}"
    told = {"mid": mid, "sha1": row["sha1"], "title": row["title"], "revision": row["revid"]}
    told |= {"uploaded": datetime.fromisoformat(row["timestamp"]), "key": bytes(16)}
    return {**told, **row_of(outcome or suggested(mid)), **changes}


def backfilled(folder: Path, lines: Iterable[dict[str, Any]], size: int = 10) -> Path:
    rows, out = [*lines], folder / "out"
    Plan("abc", len(rows), size, V, "space", "5 40").agree(out)
    for start in range(0, len(rows), size):
        some = [{"thumb_url": None, "vector": None, **row} for row in rows[start : start + size]]
        batch = pa.RecordBatch.from_pylist(some, embedded(3))
        shards.write(out, f"part-{start // size:08}", [batch], embedded(3), V)
    return out


def skips(outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    return {mid: one for mid, one in outcomes.items() if isinstance(one, Skipped)}


def told(bot: Bot, mids: Sequence[str]) -> dict[str, Outcome]:
    with bot.store() as store:
        found = {mid: store.latest(Mid(mid)) for mid in mids}
    return {mid: one.outcome for mid, one in found.items() if one}


def queries(wiki: EmbeddedWiki, word: str) -> int:
    return sum(word in (seen.action, seen.params.get("prop", "")) for seen in wiki.requests)


def test_an_import_passes_over_what_a_run_passes_over(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    rows = [row for row, _ in worlds_files()]
    mids = [f"M{row['pageid']}" for row in rows]
    run, bot = Bot(tmp_path / "run", wiki), Bot(tmp_path / "import", wiki)
    (tmp_path / "run" / "list").write_text("\n".join(mids))
    assert run.call("--files", "list").returncode == 0
    done = bot.call(str(backfilled(tmp_path, map(line, rows))), word="import")
    assert done.returncode == 0, done.stderr
    ours, theirs = told(bot, mids), told(run, mids)
    assert skips(ours) == skips(theirs)
    assert {one.reason for one in skips(ours).values() if isinstance(one, Skipped)} >= {
        SkipReason.OPTED_OUT,
        SkipReason.HAS_DEPICTS,
        SkipReason.ARTWORK,
        SkipReason.ANIMATED,
        SkipReason.DELETED,
    }
    assert ours["M24"] == suggested("M24")
    assert f"{len(skips(ours))} skipped" in done.stdout and "3 opted-out" in done.stdout
    with bot.store() as store:
        inputs = store.last_inputs("import")
    assert inputs is not None and inputs["wiki"] == wiki.api
    with run.store() as store:
        theirs_told = store.last_inputs("bot")
    assert theirs_told is not None and inputs["opt_outs"] == theirs_told["opt_outs"]
    assert inputs["opt_outs"]["users"] == 1


def test_only_files_with_suggestions_are_asked_about_and_once(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    rows = [row for row, _ in worlds_files()]
    bot = Bot(tmp_path / "bot", wiki)
    out = backfilled(tmp_path, [line(row, NOTHING) for row in rows[:-1]] + [line(rows[-1])])
    assert bot.call(str(out), word="import").returncode == 0
    (asked,) = [seen for seen in wiki.requests if seen.action == "wbgetentities"]
    assert asked.params["ids"] == "M24"
    assert told(bot, ["M21"]) == {"M21": NOTHING}
    again = bot.call(str(out), word="import")
    assert f"{len(rows)} already done" in again.stdout
    assert queries(wiki, "wbgetentities") == 1


def test_an_overwritten_file_gets_nothing_of_its_older_version(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-1]
    done = bot.call(str(backfilled(tmp_path, [line(row, sha1="e" * 40)])), word="import")
    assert "1 listed = 1 failed (1 overwritten)" in done.stdout
    assert isinstance(told(bot, ["M24"])["M24"], Failed)


def test_what_is_stored_is_the_file_as_it_is_now(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-1]
    out = backfilled(tmp_path, [line(row, title="Old name.png", revision=1)])
    assert bot.call(str(out), word="import").returncode == 0
    with bot.store() as store:
        found = store.latest(Mid("M24"))
    assert found is not None
    assert (found.file.title, found.file.revision) == (row["title"], row["revid"])
    assert found.file.thumb_url.startswith(wiki.url)


def test_the_switch_stops_an_import(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-1]
    edit(wiki, SWITCH, {"stopped": True, "reason": "too many owls"})
    done = bot.call(str(backfilled(tmp_path, [line(row)])), word="import")
    assert (done.returncode, done.stdout) == (0, f"stopped by {SWITCH}: too many owls\n")
    assert told(bot, ["M24"]) == {}


def test_the_switch_stops_an_import_between_two_pieces(
    wiki: EmbeddedWiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row for row, _ in worlds_files()][-4:]
    bot, whole = Bot(tmp_path / "bot", wiki), context.describe

    def thrown(*given: Any) -> Any:
        edit(wiki, SWITCH, {"stopped": True, "reason": "too many owls"})
        return whole(*given)

    monkeypatch.setattr(asking, "describe", thrown)
    monkeypatch.setattr(importing, "RUN_SECONDS", 0.0)
    done = bot.call(str(backfilled(tmp_path, map(line, rows))), word="import")
    assert done.returncode == 0
    assert done.stdout.endswith(f"0 listed = 0\nstopped by {SWITCH}: too many owls\n")
    assert told(bot, ["M21", "M22", "M23", "M24"]) == {}


def test_a_wiki_that_breaks_halfway_leaves_what_was_stored_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, whole, asked = worlds.pictures(60), context.describe, [0]

    def breaks(*given: Any) -> Any:
        asked[0] += 1
        if asked[0] == 2:
            raise WikiError("http-500", "the wiki is on fire")
        return whole(*given)

    monkeypatch.setattr(asking, "describe", breaks)
    with EmbeddedWiki(worlds.world(files)) as wiki:
        bot = Bot(tmp_path / "bot", wiki, batch_size="50")
        out = backfilled(tmp_path, [line(row) for row, _ in files], size=60)
        first = bot.call(str(out), word="import")
        assert first.returncode == 2 and "the wiki is on fire" in first.stderr
        assert "50 listed = 50 suggested\n" in first.stdout
        second = bot.call(str(out), word="import")
    assert "60 listed = 10 suggested + 50 already done" in second.stdout


def test_what_the_store_knows_of_a_newer_version_stays(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-1]
    assert bot.call(str(backfilled(tmp_path / "new", [line(row)])), word="import").returncode == 0
    old = line(row, sha1="e" * 40, revision=row["revid"] - 1)
    done = bot.call(str(backfilled(tmp_path / "old", [old])), word="import")
    assert "1 listed = 1 already done" in done.stdout
    assert told(bot, ["M24"]) == {"M24": suggested("M24")}


def test_a_row_of_the_list_that_could_not_be_judged_is_not_held_against_its_file(
    wiki: EmbeddedWiki, tmp_path: Path
) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-1]
    bad = line(row, Failed("bad-row: not an item id: 'cat'"))
    large = line(row, mid=f"M{2**31}")
    done = bot.call(str(backfilled(tmp_path, [bad, large])), word="import")
    assert "2 listed = 2 failed (2 bad-row)\n" in done.stdout
    assert told(bot, ["M24"]) == {}
    assert queries(wiki, "wbgetentities") == 0


def test_who_is_out_of_requests_goes_on_another_time(tmp_path: Path) -> None:
    files = worlds.pictures(60)
    with EmbeddedWiki(worlds.world(files)) as wiki:
        bot = Bot(tmp_path / "bot", wiki, batch_size="10", requests_per_run="10")
        out = backfilled(tmp_path, [line(row) for row, _ in files], size=60)
        first = bot.call(str(out), word="import")
        assert first.returncode == 0
        assert "50 listed = 50 suggested" in first.stdout
        assert "ended: 10 requests were made; the same command goes on from here" in first.stdout
        second = bot.call(str(out), word="import")
    assert "60 listed = 10 suggested + 50 already done" in second.stdout


def test_who_has_too_few_requests_for_anything_is_told_so(
    wiki: EmbeddedWiki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-1]
    monkeypatch.setattr(importing, "Budgeted", lambda wiki, _: Budgeted(wiki, 1))
    done = bot.call(str(backfilled(tmp_path, [line(row)])), word="import")
    told_so = "ended: 1 requests were made; nothing was stored: raise requests_per_run\n"
    assert (done.returncode, done.stdout.splitlines(True)[-1]) == (0, told_so)


def test_nobody_is_asked_where_the_list_is_trusted(wiki: EmbeddedWiki, tmp_path: Path) -> None:
    bot, (row, _) = Bot(tmp_path / "bot", wiki), worlds_files()[-4]
    done = bot.call("--as-listed", str(backfilled(tmp_path, [line(row)])), word="import")
    assert done.returncode == 0 and "1 suggested" in done.stdout
    assert not [seen for seen in wiki.requests if seen.path.endswith("api.php")]
