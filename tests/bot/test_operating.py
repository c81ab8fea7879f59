"""The operator's commands: retention, pauses, refusals; nonsense is one line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from depicts_bot import operating
from depicts_bot.cli import main
from depicts_model.catalog import Catalog
from depicts_model.store import Store
from depicts_model.types import Claim, Decision, Mid, Qid, RefusalState, Verdict

CAT, DOG = Qid("Q146"), Qid("Q144")
SHA1 = "ab" * 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path}/store.sqlite") as opened:
        yield opened


def command(folder: Path, *arguments: str) -> Result:
    environment = {"DEPICTS_DATABASE_URL": f"sqlite:///{folder}/store.sqlite"}
    return CliRunner().invoke(main, [*arguments], env=environment)


def test_a_class_is_paused_and_resumed(tmp_path: Path, store: Store) -> None:
    with Catalog.open() as catalog:
        label, below = catalog.label(CAT), len(catalog.descendants(CAT))
    result = command(tmp_path, "pause", CAT, "--reason", "they are\n foxes")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{CAT} paused: {label} and {below} items below\n"
    assert store.pauses()[CAT].reason == "they are foxes"
    result = command(tmp_path, "resume", CAT)
    assert (result.exit_code, result.stdout) == (0, f"{CAT} resumed\n")
    assert store.pauses() == {}


def test_refusals_that_wait_are_listed_and_decided(tmp_path: Path, store: Store) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    for qid in (CAT, DOG):
        store.settle(SHA1, qid, RefusalState.WAITING, at)
    result = command(tmp_path, "refusals")
    with Catalog.open() as catalog:
        expected = [f"{SHA1}\t{qid}\t{catalog.label(qid)}\t2026-11-21" for qid in (DOG, CAT)]
    assert result.stdout.splitlines() == expected
    decided = ("--share", SHA1, CAT, "--dismiss", SHA1, DOG)
    result = command(tmp_path, "refusals", *decided)
    assert result.exit_code == 0, result.output
    assert store.refused(SHA1) == {CAT}
    assert store.waiting(10) == []
    result = command(tmp_path, "refusals")
    assert (result.stdout, result.stderr) == ("", "0 waiting\n")


@pytest.mark.slow
def test_a_shared_no_is_listed_and_taken_back(tmp_path: Path, store: Store) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    # more than a list has: each is found by itself
    for number in range(operating.LISTED + 1):
        store.settle(f"{number:040x}", DOG, RefusalState.WAITING, at)
    store.settle(SHA1, CAT, RefusalState.SHARED, at + timedelta(days=1))
    result = command(tmp_path, "refusals", "--shared")
    with Catalog.open() as catalog:
        assert result.stdout == f"{SHA1}\t{CAT}\t{catalog.label(CAT)}\t2026-11-22\n"
    assert result.stderr == "1 shared\n"
    again = command(tmp_path, "refusals", "--share", SHA1, CAT)
    assert again.exit_code == 2 and "is shared already" in again.stderr
    last = f"{operating.LISTED:040x}"
    result = command(tmp_path, "refusals", "--dismiss", SHA1, CAT, "--share", last, DOG)
    assert result.exit_code == 0, result.output
    assert store.refused(SHA1) == set()
    assert store.refused(last) == {DOG}
    # what was dismissed stays so
    assert command(tmp_path, "refusals", "--share", SHA1, CAT).exit_code == 2


def test_prune_leaves_confirmed_verdicts_and_takes_the_rest(tmp_path: Path, store: Store) -> None:
    old = datetime.now(UTC) - timedelta(days=100)
    verdicts = {"Q1": Verdict.SKIPPED, "Q2": Verdict.REJECTED, "Q3": Verdict.ACCEPTED}
    made = [
        Decision(Mid("M1"), SHA1, Qid(q), verdict, old, 9, issued=old)
        for q, verdict in verdicts.items()
    ]
    store.add_decisions("key", made, "model")
    store.add_claims([Claim(Mid("M1"), Qid("Q3"), "M1$1", 9, old, "model")])
    # nothing of it was ever found: it is forgotten after a month, and deleted after all
    invented = Decision(Mid("M1"), SHA1, CAT, Verdict.ACCEPTED, old, 10, issued=old)
    store.add_decisions("invented", [invented], "model")
    result = command(tmp_path, "prune", "--keep-days", "200")
    assert result.stdout == "run 1, deleted: nothing\n"
    result = command(tmp_path, "prune", "--keep-days", "90")
    assert result.stdout == "run 2, deleted: 2 decisions\n"
    assert [one.qid for one in store.decisions(Mid("M1"))] == ["Q2", "Q3"]


NONSENSE = {
    "no item": (["pause", "cat", "--reason", "x"], "not an item id: 'cat'"),
    "unknown item": (["pause", "Q999999999999", "--reason", "x"], "Q999999999999 is not in"),
    "no reason": (["pause", "Q146", "--reason", " "], "--reason must say why"),
    "long reason": (["pause", "Q146", "--reason", "x" * 1001], "--reason has 1001 characters"),
    "no report page": (["report", "--post"], "report_page is not set: --post edits the page that"),
    "not paused": (["resume", "Q146"], "Q146 is not paused; paused: none"),
    "no sha1": (["refusals", "--share", "xyz", "Q146"], "not a SHA-1, 40 digits 0-9 a-f: 'xyz'"),
    "no refusal": (["refusals", "--dismiss", SHA1, "Q146"], f"no refusal waits for {SHA1} and"),
}


@pytest.mark.parametrize(("arguments", "fault"), NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense_is_one_line_and_changes_nothing(
    tmp_path: Path, store: Store, arguments: list[str], fault: str
) -> None:
    result = command(tmp_path, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ") and fault in line
    assert store.pauses() == {}


@pytest.mark.parametrize(
    "arguments",
    [["prune"], ["prune", "--keep-days", "0"], ["pause"], ["pause", "Q1"], ["resume"]],
    ids=lambda words: " ".join(words),
)
def test_bad_usage(tmp_path: Path, arguments: list[str]) -> None:
    assert command(tmp_path, *arguments).exit_code == 2
