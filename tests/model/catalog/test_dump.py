"""A catalog from a dump: what never gets in, what damage does, what a kill does."""

from __future__ import annotations

import bz2
import gzip
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depicts_model.catalog import Catalog
from depicts_model.catalog.dump import Made, Options, build_dump
from depicts_model.catalog.dump_work import Work
from depicts_model.cli import main
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid
from tests.model.catalog import dumps
from tests.model.catalog.dumps import CAT, FELIDAE, HUMAN, LION, MAMMAL, SOMEBODY, TABBY


def q(number: int) -> Qid:
    return Qid(f"Q{number}")


def made(folder: Path, text: str, name: str = "d.json", every: int = 7) -> tuple[Path, Made]:
    source, out = folder / name, folder / "c.sqlite"
    source.write_text(text, encoding="utf-8")
    return out, build_dump(source, out, Options(("en", "de"), 1, every))


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("known"), dumps.dump(dumps.known()))[0]


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "number",
    [
        dumps.ENTITY,
        dumps.DISAMBIGUATION,
        dumps.HUMAN_DISAMBIGUATION,
        900007,
        900008,
        900009,
        dumps.TOPIC,
        900012,
    ],
)
def test_what_no_picture_shows_is_not_in(catalog: Path, number: int) -> None:
    with Catalog.open(catalog) as opened:
        assert q(number) not in opened.qids


def test_what_the_tables_name_is_in_even_as_a_metaclass(tmp_path: Path) -> None:
    """Else nothing would be below *profession*, and the jobs there would be suggested."""
    profession, job, metaclass = 28640, 900020, 19361238
    entities = [
        dumps.item(profession, "profession", [dumps.to("P31", metaclass)], image=False),
        dumps.item(job, "baker", [dumps.to("P279", profession)]),
        dumps.item(900021, "class of things", [dumps.to("P31", metaclass)]),
    ]
    out, _ = made(tmp_path, dumps.dump([*dumps.known(), *entities]))
    with Catalog.open(out) as opened:
        assert opened.ancestors(q(job)) == {q(profession)}
        assert q(job) in opened.never_suggest - opened.visual
        assert q(900021) not in opened.qids


def test_a_human_is_known_and_for_words_alone(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.people == {q(SOMEBODY), q(dumps.BAKER)}, "whatever class is preferred"
        assert q(dumps.NO_HUMAN) in opened.visual, "it was said in error"
        assert q(SOMEBODY) not in opened.never_suggest
        assert q(HUMAN) in opened.never_suggest & opened.personal
        assert q(SOMEBODY) not in opened.visual | opened.depictable
        assert q(HUMAN) in opened.ancestors(q(SOMEBODY))


def test_deprecated_statements_and_cut_classes_lead_nowhere(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.ancestors(q(CAT)) == {q(MAMMAL), q(dumps.ANIMAL)}
        assert opened.ancestors(q(TABBY)) == {q(CAT), q(MAMMAL), q(dumps.ANIMAL)}
        assert opened.edge_kinds(q(TABBY), q(CAT)) == ("p31",)


def test_a_class_without_label_still_leads_up(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.ancestors(q(LION)) == {q(FELIDAE), q(MAMMAL), q(dumps.ANIMAL)}
        assert q(FELIDAE) not in opened.visual
        assert {q(LION), q(CAT), q(TABBY)} <= opened.visual
        assert opened.label(q(CAT), "de") == "Katze"


def test_the_best_statement_counts(catalog: Path) -> None:
    query = "SELECT image, latitude, longitude, commons_category, taxon_name, sitelinks FROM detail"
    assert rows(catalog, f"{query} WHERE item = {TABBY}") == [
        ("best.jpg", 1.5, -2.25, "Tabby cats", None, 2)
    ]
    assert rows(catalog, f"{query} WHERE item = {LION}")[0][4] == "Panthera leo"
    assert rows(catalog, f"SELECT language, description FROM description WHERE item = {CAT}") == [
        ("en", "thing 146")
    ]


def test_other_names_are_kept_each_once(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.aliases(q(CAT)) == ("also 1", "also 146")
        assert opened.aliases(q(CAT), "de") == ()
    with Catalog.open() as starter:
        assert starter.aliases(q(CAT)) == ()
    told = CliRunner().invoke(main, ["catalog", "show", "Q146", "--catalog", str(catalog)])
    assert "also called: also 1, also 146" in told.stdout.splitlines()


def test_other_names_are_searched_after_labels(catalog: Path) -> None:
    with Catalog.open(catalog) as opened:
        assert opened.search("also 146") == (q(CAT),)
        assert q(CAT) in opened.search("ALSO 14")
        assert opened.search("also 146", "nb") == (q(CAT),), "through the fallback chain"
        every = opened.search("also", limit=99)
        assert len(every) == len(set(every)) > 1
        label = opened.label(q(CAT))
        assert label and opened.search(label)[0] == q(CAT)


def test_a_catalog_without_an_index_of_other_names_is_searched_by_labels(
    catalog: Path, tmp_path: Path
) -> None:
    older = tmp_path / "older.sqlite"
    shutil.copyfile(catalog, older)
    with sqlite3.connect(older) as connection:
        connection.execute("DROP TABLE alias_words")
    connection.close()
    with Catalog.open(older) as opened:
        assert opened.search("also 146") == ()
        assert opened.search(opened.label(q(CAT)) or "")[0] == q(CAT)


def test_the_manifest_says_where_from(catalog: Path) -> None:
    manifest = {str(r[0]): r[1] for r in rows(catalog, "SELECT key, value FROM manifest")}
    assert manifest["source"] == "dump"
    assert manifest["languages"] == "de,en"
    assert manifest["date"] == "2026-05-04"
    assert manifest["source_items"] == "18"
    assert manifest["source_others"] == "3"


DAMAGE = [
    "{broken",
    '"text"',
    '{"type": "item"}',
    '{"type": "item", "id": "X1"}',
    '{"type": "item", "id": "Q1", "claims": {"P18": [{}]}}',
    '{"type": "item", "id": "Q1", "labels": {"en": 7}}',
    '{"type": "item", "id": "Q1", "labels": {"en": {"value": "\\ud800"}}}',
    "[" * 100_000,
]


@pytest.mark.parametrize("line", DAMAGE, ids=lambda line: line[:40])
def test_a_damaged_line_is_named_and_the_rest_kept(
    tmp_path: Path, catalog: Path, line: str
) -> None:
    text = dumps.dump(dumps.known()).replace("[\n", f"[\n{line},\n", 1)
    out, done = made(tmp_path, text)
    assert [number for number, _ in done.damaged] == [2]
    assert rows(out, "SELECT * FROM ancestor") == rows(catalog, "SELECT * FROM ancestor")


def test_a_second_line_of_an_item_counts_for_nothing_and_is_told(
    tmp_path: Path, catalog: Path
) -> None:
    again = dumps.item(CAT, "hat", [dumps.to("P31", FELIDAE)])
    out, done = made(tmp_path, dumps.dump([*dumps.known(), again]))
    assert done.damaged == ((23, f"Q{CAT} again: an earlier line counts"),)
    assert (done.items, done.others) == (18, 3)
    assert rows(out, "SELECT * FROM label") == rows(catalog, "SELECT * FROM label")


def no_end(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


@pytest.mark.parametrize(
    ("name", "pack"),
    [("d.json", bytes), ("d.json.gz", gzip.compress), ("d.json.bz2", bz2.compress)],
)
def test_a_dump_cut_short_is_an_error_and_no_catalog(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes]
) -> None:
    source = tmp_path / name
    source.write_bytes(no_end(pack(dumps.dump(dumps.many(300, 1)).encode())))
    for _ in range(2):  # the second run takes up the first one's work, and is not fooled
        with pytest.raises(ArtefactError, match=rf"{name}: cut short") as caught:
            build_dump(source, tmp_path / "c.sqlite", Options(every=1))
        assert "line" in str(caught.value)
    assert not (tmp_path / "c.sqlite").exists()


def test_garbage_in_a_compressed_file_is_an_error(tmp_path: Path) -> None:
    for name in ("d.json.gz", "d.json.bz2"):
        (tmp_path / name).write_bytes(b"no archive")
        with pytest.raises(ArtefactError, match="cannot be read after line 0"):
            build_dump(tmp_path / name, tmp_path / "c.sqlite", Options())


@pytest.mark.parametrize("text", ["", "[\n]\n", '{"type": "property", "id": "P1"}\n'])
def test_a_dump_without_items_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ArtefactError, match=r"d\.json: no item"):
        made(tmp_path, text)


def on_the_lines_of_entities(text: str) -> str:
    """Brackets before the first entity and after the last one."""
    return text.replace("[\n", "[", 1).removesuffix("\n]\n") + "]\n"


def test_brackets_on_the_lines_of_entities_cost_none(tmp_path: Path, catalog: Path) -> None:
    out, done = made(tmp_path, on_the_lines_of_entities(dumps.dump(dumps.known())))
    assert (done.items, done.others, done.damaged) == (18, 3, ())
    assert [rows(out, f"SELECT * FROM {t}") for t in TABLES] == [
        rows(catalog, f"SELECT * FROM {t}") for t in TABLES
    ]


def test_a_line_cut_where_a_list_ends_is_no_last_line(tmp_path: Path) -> None:
    text = on_the_lines_of_entities(dumps.dump(dumps.known()))
    with pytest.raises(ArtefactError, match="cut short: no closing ]"):
        made(tmp_path, text[: text.rindex("}]") - 200].rpartition("}]")[0] + "}]")


def test_a_packed_dump_is_known_by_its_bytes(tmp_path: Path) -> None:
    text = dumps.dump(dumps.known()).encode()
    for name, pack in (("d.json.GZ", gzip.compress), ("d.BZ2", bz2.compress), ("d", gzip.compress)):
        (tmp_path / name).write_bytes(pack(text))
        assert build_dump(tmp_path / name, tmp_path / "c.sqlite", Options()).items == 18


def test_all_packings_give_the_same_items(tmp_path: Path) -> None:
    text = dumps.dump([*dumps.known(), *dumps.many(200, 2)])
    found = []
    for name, pack in (("d.json", bytes), ("d.gz", gzip.compress), ("d.bz2", bz2.compress)):
        (tmp_path / name).write_bytes(pack(text.encode()))
        build_dump(tmp_path / name, tmp_path / "c.sqlite", Options())
        found.append([rows(tmp_path / "c.sqlite", f"SELECT * FROM {t}") for t in TABLES])
    assert found[0] == found[1] == found[2]


TABLES = ("item", "label", "edge", "ancestor", "listed", "description", "detail", "alias")

KILLED = """
import os, signal, sys
from pathlib import Path
from depicts_model.catalog.dump import Options, build_dump
left = int(sys.argv[3])
def progress(step, done, total):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
build_dump(Path(sys.argv[1]), Path(sys.argv[2]), Options(every=20), progress)
"""


@pytest.mark.parametrize("packed", [False, True])
def test_a_killed_run_is_taken_up_to_the_same_bytes(tmp_path: Path, packed: bool) -> None:
    data = dumps.dump([*dumps.known(), *dumps.many(300, 3)]).encode()
    source = tmp_path / ("d.json.gz" if packed else "d.json")
    source.write_bytes(gzip.compress(data) if packed else data)
    whole, resumed = tmp_path / "whole.sqlite", tmp_path / "resumed.sqlite"
    build_dump(source, whole, Options(every=20))
    for calls in (5, 20):  # in the first pass of 17 commits; then, taken up, in the second
        command = [sys.executable, "-c", KILLED, str(source), str(resumed), str(calls)]
        ended = subprocess.run(command, check=False, env=os.environ | {"PYTHONPATH": paths()})
        assert ended.returncode == -signal.SIGKILL
        assert not resumed.exists()
    steps: list[int] = []
    build_dump(source, resumed, Options(every=20), lambda step, *_: steps.append(step))
    assert 1 not in steps
    assert len(steps) < 12
    assert resumed.read_bytes() == whole.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        (source.name, whole.name, resumed.name)
    )


def paths() -> str:
    return os.pathsep.join(sys.path)


def test_work_for_another_dump_is_not_taken_up(tmp_path: Path) -> None:
    text = dumps.dump(dumps.many(100, 4))
    with pytest.raises(ArtefactError, match="cut short"):
        made(tmp_path, text.removesuffix("]\n"))
    again, _ = made(tmp_path, dumps.dump(dumps.known()))
    with Catalog.open(again) as opened:
        assert q(CAT) in opened.qids
        assert q(1_000_001) not in opened.qids


def test_a_folder_that_is_not_there_is_not_called_in_use(tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(dumps.dump(dumps.known()), encoding="utf-8")
    with pytest.raises(ArtefactError, match=r"gone: no such folder, named by --out"):
        build_dump(tmp_path / "d.json", tmp_path / "gone" / "c.sqlite", Options())


def test_two_runs_never_share_a_work_file(tmp_path: Path) -> None:
    first = Work(tmp_path / ".c.sqlite.work", "of another run")
    with pytest.raises(ArtefactError, match=r"\.c\.sqlite\.work: in use.*locked"):
        made(tmp_path, dumps.dump(dumps.known()))
    first.commit(first.state)  # still there, and still the first one's
    first.close()


def test_a_damaged_work_file_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / ".c.sqlite.work").write_bytes(b"not a database" * 100)
    out, _ = made(tmp_path, dumps.dump(dumps.known()))
    with Catalog.open(out) as opened:
        assert q(CAT) in opened.visual


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000), shuffle=st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_byte(
    tmp_path: Path, seed: int, shuffle: random.Random
) -> None:
    entities = [*dumps.known(), *dumps.many(60, seed)]
    first = made(tmp_path, dumps.dump(entities))[0].read_bytes()
    shuffle.shuffle(entities)
    assert made(tmp_path, dumps.dump(entities))[0].read_bytes() == first


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
def test_the_closure_is_what_the_edges_reach_and_no_peer_in_a_cycle(
    tmp_path: Path, seed: int
) -> None:
    entities = dumps.many(80, seed, ("P279", "P171", "P171"))
    reach = {Qid(e["id"]): reached(Qid(e["id"]), dumps.parents(entities)) for e in entities}
    out, _ = made(tmp_path, dumps.dump(entities))
    with Catalog.open(out) as opened:
        for qid in opened.qids:
            assert opened.ancestors(qid) == {a for a in reach[qid] if qid not in reach[a]}


def reached(start: Qid, parents: Mapping[Qid, set[Qid]]) -> set[Qid]:
    found: set[Qid] = set()
    waiting = [start]
    while waiting:
        fresh = parents[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


def test_the_command_says_what_it_read_and_what_not(tmp_path: Path) -> None:
    source = tmp_path / "d.json"
    source.write_text(dumps.dump(dumps.known()).replace("[\n", "[\n{broken,\n", 1))
    out = tmp_path / "c.sqlite"
    words = ["catalog", "build", "--source", "dump", str(source), "--out", str(out)]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 0
    assert "18 items and 3 others read, 5 dropped, 1 damaged lines; peak memory" in told.stdout
    assert f"warning: {source}: line 2: left out:" in told.stderr
    assert f"pass 2 of 2: {source.stat().st_size} of" in told.stderr
    gone = CliRunner().invoke(main, [*words[:4], str(tmp_path / "gone"), *words[5:]])
    assert (gone.exit_code, gone.stderr.count("\n")) == (2, 1)


def test_an_empty_file_is_one_line_of_error(tmp_path: Path) -> None:
    source = tmp_path / "d.json"
    source.touch()
    words = ["catalog", "build", "--source", "dump", str(source), "--out", str(tmp_path / "c")]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 2
    assert told.stderr.splitlines()[-1] == f"error: {source}: no item in 0 lines"
