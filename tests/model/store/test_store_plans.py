"""Questions asked every hour are answered from an index, and not from what strangers sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from depicts_model.store import files, refusals
from depicts_model.store.engine import open_engine
from tests.model.store.values import SAID, V

QUESTIONS: dict[str, tuple[Callable[[sa.Connection], object], str]] = {
    "confirmed no": (
        lambda connection: refusals._in_question(connection, 9),
        "COVERING INDEX ix_decision_refused (verdict=? AND confirmed=?)",
    ),
    "failures": (
        lambda connection: files.due_failures(connection, V, SAID, 9),
        "INDEX ix_outcome_due (kind=? AND model_version=?)",
    ),
    "revisions": (
        lambda connection: refusals._clear_older(connection, SAID),
        "INDEX ix_decision_revision (revision>?)",
    ),
}


@pytest.mark.parametrize(("ask", "expected"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_how_sqlite_goes_about_it(
    tmp_path: Path, ask: Callable[[sa.Connection], object], expected: str
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/s.sqlite")
    said: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *words: said.append(words[2:4]))
    with engine.connect() as connection:
        ask(connection)
        # before it, what begins a transaction
        asked = said[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1]).all()
    engine.dispose()
    assert expected in str(plan[0])
