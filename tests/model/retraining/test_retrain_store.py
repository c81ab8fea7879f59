"""``retrain`` of the store's decisions: what is new in it is seen by the next run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from depicts_model.cli import main
from depicts_model.dataset import manifest
from depicts_model.store import Store
from depicts_model.types import Decision, FileRef, Mid, Qid, Verdict

from . import places
from .conftest import Desk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
AT = datetime(2026, 1, 1, tzinfo=UTC)


def approved(desk: Desk, count: int) -> list[tuple[Decision, FileRef | None]]:
    """As many of the place's pictures, each approved once."""
    found: list[tuple[Decision, FileRef | None]] = []
    for number, (name, qid, sha1) in enumerate(places.rows_of(desk.place)[:count], 1):
        mid = Mid(f"M{number}")
        one = Decision(mid, sha1, Qid(qid), Verdict.ACCEPTED, AT, confirmed=True)
        found.append((one, FileRef(mid, name, sha1, number, AT, "")))
    return found


def retrained(desk: Desk, monkeypatch: pytest.MonkeyPatch, count: int) -> Result:
    """With so many decisions in the store."""
    url = f"sqlite:///{desk.folder}/store.sqlite"
    Store.open(url).close()
    config = desk.folder / "store.toml"
    config.write_text(f'database_url = "{url}"\ncontact = "a@example.org"\n')
    monkeypatch.setattr(Store, "confirmed_decisions", lambda _: approved(desk, count))
    words = desk.words("--dataset", "", "--model", desk.place.base(), "--config", config)
    at = words.index("--dataset")
    return CliRunner().invoke(main, words[:at] + words[at + 2 :])


def test_too_few_decisions_are_forgotten_once_there_are_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that ended with an error leaves its data set; it is of what the store held then."""
    few = retrained(desk, monkeypatch, 3)
    assert few.exit_code == 2 and "the data set is too small" in few.stderr, few.output
    assert ", at least 30 of 10 are needed; " in few.stderr.splitlines()[-1]
    assert not [*desk.work.glob("*/vectors")], "no picture is looked at"
    assert manifest.read(desk.work / "dataset").counts["decisions"] == 3
    again = retrained(desk, monkeypatch, 3)
    assert again.exit_code == 2 and f"{desk.work}/dataset: taken up again" in again.stderr
    more = retrained(desk, monkeypatch, 2_400)
    assert more.exit_code == 0 and "taken up again" not in more.stderr, more.output
    assert desk.served()


def test_a_damaged_data_set_of_decisions_is_made_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrained(desk, monkeypatch, 3)
    made = desk.work / "dataset" / "manifest.json"
    before = made.read_bytes()
    made.write_text("{")
    done = retrained(desk, monkeypatch, 3)
    assert done.exit_code == 2 and "the data set is too small" in done.stderr, done.output
    assert made.read_bytes() == before
