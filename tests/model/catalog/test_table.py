"""A catalog of a whole table of items."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
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


DETAILED = """qid,label,visual,p31,p279,p171,broader_wordnet,broader_other,{columns}
Q7377,mammal,1,,,,,,{nothing}
Q146,cat,1,,,Q7377,,,{values}
"""


def built(folder: Path, columns: str, values: str) -> list[tuple[object, ...]]:
    """The rows of details and descriptions of a table with these columns."""
    table, out = folder / "t.csv", folder / "c.sqlite"
    nothing = "," * columns.count(",")
    table.write_text(DETAILED.format(columns=columns, values=values, nothing=nothing))
    words = ["catalog", "build", "--source", "csv", str(table), "--out", str(out)]
    told = CliRunner().invoke(main, words)
    assert (told.exit_code, told.stderr) == (0, "")
    with closing(sqlite3.connect(out)) as connection:
        kind = connection.execute("SELECT kind FROM edge").fetchone()[0]
        assert kind == "p171"
        found = connection.execute("SELECT * FROM detail").fetchall()
        return found + connection.execute("SELECT * FROM description").fetchall()


def test_details_come_in_where_the_table_has_them(tmp_path: Path) -> None:
    columns = "description,image_p18,p625,p373,p225,sitelinks"
    values = "small | furry,Red_cat.jpg|Cat.jpg,Point(13.5 -52.25),Cats,Felis catus,230"
    assert built(tmp_path, columns, values) == [
        (146, "Red cat.jpg", -52.25, 13.5, "Cats", "Felis catus", 230),
        (7377, None, None, None, None, None, 0),
        (146, "en", "small | furry"),
    ]


def test_a_table_may_have_some_of_the_columns(tmp_path: Path) -> None:
    assert built(tmp_path, "p18", "Cat.jpg")[0] == (146, "Cat.jpg", None, None, None, None, 0)


@pytest.mark.parametrize(
    ("columns", "value", "fault"),
    [
        ("p625", "52.25 13.5", "p625: not Point(longitude latitude): '52.25 13.5'"),
        ("p625", "Point(13.5 95)", "p625: no place on Earth: latitude 95, longitude 13.5"),
        ("p625", "Point(nan nan)", "p625: no place on Earth: latitude nan, longitude nan"),
        ("p625", "Point(1e999 2)", "p625: no place on Earth: latitude 2, longitude inf"),
        ("p625", "<http://x> Point(1 2)", "p625: not on Earth: '<http://x> Point(1 2)'"),
        ("p625", "Point(a b)", "p625: not Point(longitude latitude): 'Point(a b)'"),
        ("sitelinks", "-1", "sitelinks: not a count: '-1'"),
        ("sitelinks", "9" * 10, "sitelinks: not a count: '9999999999'"),
    ],
)
def test_a_bad_detail_is_named(tmp_path: Path, columns: str, value: str, fault: str) -> None:
    table = tmp_path / "t.csv"
    table.write_text(DETAILED.format(columns=columns, values=value, nothing=""))
    words = ["catalog", "build", "--source", "csv", str(table), "--out", str(tmp_path / "c")]
    told = CliRunner().invoke(main, words)
    assert (told.exit_code, told.stderr) == (2, f"error: {table}: line 3: {fault}\n")
    assert list(tmp_path.iterdir()) == [table]


PAGES = """Q900010,Smith,1,Q101352,,,
Q900011,Anna,1,Q202444,,,
Q900012,cats (disambiguation),1,Q4167410,,,
Q900013,list of cats,1,Q900014,,,
Q900014,list of animals,1,,Q13406463,,
Q900015,Category:Cats,1,Q4167836,,,
Q900016,grey cat,1,,Q146|Q999999,,
"""


def test_pages_about_pages_and_names_are_dropped_and_counted(tmp_path: Path) -> None:
    table, out = tmp_path / "t.csv", tmp_path / "c.sqlite"
    table.write_text(TABLE + PAGES)
    words = ["catalog", "build", "--source", "csv", str(table), "--out", str(out)]
    told = CliRunner().invoke(main, words)
    assert "  rows: 15, of which dropped as in a dump: 7\n" in told.stdout  # and Q35120, entity
    assert "  edges to items that are no row: 6\n" in told.stdout
    with closing(sqlite3.connect(out)) as connection:
        manifest = dict(connection.execute("SELECT key, value FROM manifest"))
    assert (manifest["source_items"], manifest["source_dropped"]) == ("15", "7")
    assert manifest["edges_to_unknown"] == "6"
    with Catalog.open(out) as opened:
        assert not set(opened.qids) & {f"Q9000{n}" for n in range(10, 16)}
        assert "Q900016" in opened.visual


def test_a_second_row_of_an_item_is_an_error(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(TABLE + "Q146,feline,1,,,,\n")
    words = ["catalog", "build", "--source", "csv", str(table), "--out", str(tmp_path / "c")]
    told = CliRunner().invoke(main, words)
    assert (told.exit_code, told.stderr) == (2, f"error: {table}: line 10: a second row of Q146\n")
    assert list(tmp_path.iterdir()) == [table]
