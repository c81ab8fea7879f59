"""The schema is shown, and taken back with what an older program knows still there."""

from __future__ import annotations

import pytest

from depicts_model.store import Store
from depicts_model.store.__main__ import main
from depicts_model.store.engine import migrate, open_engine
from depicts_model.types import Mid, Verdict
from tests.model.store.values import decision

FIRST, NEWEST = "0001", "0005"


@pytest.fixture
def database(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Without any schema: a server's database is left at the newest one by the test before."""
    monkeypatch.setenv("DEPICTS_DATABASE_URL", url)
    engine = open_engine(url)
    migrate(engine, "base", up=False)
    engine.dispose()
    return url


@pytest.mark.slow
def test_down_keeps_what_the_older_schema_knows_and_up_comes_by_itself(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show"]) == 0
    assert capsys.readouterr().out == f"schema missing; this program knows {NEWEST}\n"
    with Store.open(database) as store:
        store.add_decisions("key", [decision("Q146", Verdict.ACCEPTED)], "v")
    assert main(["down", FIRST]) == 0
    assert capsys.readouterr().out == f"schema {FIRST}; this program knows {NEWEST}\n"
    with Store.open(database) as store:
        assert [one.mid for one in store.decisions(Mid("M1"))] == ["M1"]
    assert main(["show"]) == 0
    assert capsys.readouterr().out == f"schema {NEWEST}; this program knows {NEWEST}\n"


@pytest.mark.slow
@pytest.mark.parametrize("revision", ["nowhere", "0006"])
def test_a_revision_that_is_not_below_changes_nothing(
    database: str, revision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(database):
        pass
    assert main(["down", revision]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("error: ") and len(told.err.splitlines()) == 1
    assert main(["show"]) == 0
    assert capsys.readouterr().out.startswith(f"schema {NEWEST}; ")
