"""A catalog of a whole table of items."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from depicts_model.catalog import Catalog
from depicts_model.claims import HUMAN
from depicts_model.cli import main

TABLE = """qid,label,visual,p31,p279,broader_wordnet,broader_other
Q35120,entity,1,,,,
Q5,human,1,,Q7377,,
Q7377,mammal,1,,Q35120,,
Q146,cat,1,,Q7377,,
Q900001,white cat,1,,Q146,,
Q900002,lone rock,1,,,,
Q900003,idea,0,,Q146,,
Q900004,Somebody,1,Q5,,,
"""


def test_all_that_a_photo_can_show_is_in_and_a_human_is_for_words_alone(tmp_path: Path) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "c.sqlite"
    table.write_text(TABLE)
    words = ["catalog", "build", "--source", "csv", str(table), "--out", str(out)]
    told = CliRunner().invoke(main, words)
    assert (told.exit_code, told.stderr) == (0, "")
    with Catalog.open(out) as opened:
        assert set(opened.qids) == {"Q5", "Q7377", "Q146", "Q900001", "Q900002", "Q900004"}
        assert {"Q146", "Q900001", "Q900002"} <= opened.visual
        assert opened.people == {"Q900004"}
        assert not opened.people & (opened.visual | opened.depictable | opened.never_suggest)
        assert HUMAN in opened.never_suggest & opened.personal
        assert opened.ancestors(opened.qids[1]) == {"Q7377"}
        assert opened.snapshot.startswith("undated-")
    for qid, when in (("Q900004", "only where words name them"), (HUMAN, "no"), ("Q146", "yes")):
        shown = CliRunner().invoke(main, ["catalog", "show", qid, "--catalog", str(out)])
        assert f"may be suggested: {when}\n" in shown.stdout


def test_a_bad_row_is_named(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(TABLE + "X1,bad,1,,,,\n")
    words = ["catalog", "build", "--source", "csv", str(table), "--out", str(tmp_path / "c")]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 2
    assert told.stderr == f"error: {table}: line 10: not an item id: 'X1'\n"
    assert list(tmp_path.iterdir()) == [table]
