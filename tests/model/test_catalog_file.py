"""The catalog file: what is refused, what is written, what is read back."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from depicts_model.catalog import Catalog, writing
from depicts_model.catalog.builder import Content, Detail, Edge, Entry, Listed, build
from depicts_model.errors import ArtefactError
from depicts_model.types import Qid

LABELS = {
    "Q1": {"en": "animal", "de": "Tier"},
    "Q2": {"en": "mammal"},
    "Q3": {"en": "cat", "de": "Katze", "de-at": "Katz"},
    "Q4": {"en": "tabby cat", "fr": "chat tigré"},
    "Q5": {"en": "human"},
    "Q6": {"mul": "Felix"},
    "Q7": {},
    "Q8": {"en": "kitten"},
    "Q9": {"en": "cat"},
    "Q10": {"en": "pet"},
}
HIDDEN = {"Q5", "Q7", "Q9"}
EDGES = ["Q2>Q1", "Q3>Q2", "Q3>Q10", "Q10>Q1", "Q4>Q3", "Q5>Q2", "Q6>Q7", "Q7>Q3", "Q9>Q3", "Q8>Q7"]


def edge(text: str, kind: str = "p279") -> Edge:
    child, parent = text.split(">")
    return Edge(Qid(child), Qid(parent), kind)


def content(*more: Edge) -> Content:
    items = {Qid(q): Entry(n, bool(n), q not in HIDDEN) for q, n in LABELS.items()}
    listed = [
        Listed("never-suggest", Qid("Q5"), "a human"),
        Listed("withhold", Qid("Q5"), "a human"),
    ]
    edges = [*map(edge, EDGES), *more]
    return Content("2026-01-01", items, edges, listed, {Qid("Q9"): Qid("Q3")})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "small.sqlite"
    build(content(edge("Q3>Q2", "wordnet")), made)
    return made


def test_an_image_is_given_by_its_name(tmp_path: Path) -> None:
    details = {Qid("Q3"): Detail({}, image="Red cat.jpg"), Qid("Q2"): Detail({"en": "a mammal"})}
    build(replace(content(), details=details), tmp_path / "pictured.sqlite")
    with Catalog.open(tmp_path / "pictured.sqlite") as catalog:
        assert [catalog.image(Qid(q)) for q in ("Q3", "Q2", "Q1")] == ["Red cat.jpg", None, None]


def test_a_catalog_without_details_knows_no_image(path: Path) -> None:
    with Catalog.open(path) as catalog:
        assert catalog.image(Qid("Q3")) is None


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5000])


def cut_to_one_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:4096])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbage(path: Path) -> None:
    path.write_bytes(b"not a catalog at all\n" * 500)


def overwritten_inside(path: Path) -> None:
    whole = bytearray(path.read_bytes())
    whole[4096:-4096] = b"\xff" * (len(whole) - 8192)
    path.write_bytes(bytes(whole))


def gone(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def change(path: Path, *statements: str) -> None:
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def another_version(path: Path) -> None:
    change(path, "UPDATE manifest SET value = '999' WHERE key = 'schema_version'")


def rows_lost(path: Path) -> None:
    change(path, "DELETE FROM ancestor WHERE item = 4")


def another_database(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE cooking (recipe TEXT)")


def no_snapshot(path: Path) -> None:
    change(path, "DELETE FROM manifest WHERE key = 'snapshot'")


FAULTS: list[tuple[Callable[[Path], None], str]] = [
    (emptied, "empty"),
    (garbage, "not SQLite"),
    (cut_short, "malformed|damaged"),
    (cut_to_one_page, "malformed|damaged|not a whole"),
    (overwritten_inside, "malformed|damaged|not a whole"),
    (gone, "No such file"),
    (a_folder, "directory"),
    (another_version, "version 999; this program reads version 1"),
    (rows_lost, "table ancestor has"),
    (another_database, "no such table: manifest"),
    (no_snapshot, "names no snapshot"),
]


@pytest.mark.parametrize(("spoil", "fault"), FAULTS, ids=[f[0].__name__ for f in FAULTS])
def test_a_spoilt_file_is_one_clear_error(
    path: Path, spoil: Callable[[Path], None], fault: str
) -> None:
    spoil(path)
    with pytest.raises(ArtefactError, match=fault) as caught:
        Catalog.open(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_reader_never_writes(path: Path) -> None:
    with Catalog.open(path) as catalog, pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalog._connection.execute("DELETE FROM item")


@pytest.mark.parametrize(
    "spoiled",
    [
        Content("2026-01-01", {}, [edge("Q1>Q2")]),
        Content("2026-01-01", {Qid("Q1"): Entry({}, True, True)}, []),
        Content(
            "2026-01-01",
            {Qid("Q1"): Entry({"en": "human"}, True, True)},
            [],
            [Listed("never-suggest", Qid("Q1"), "no")],
        ),
        Content(
            "2026-01-01",
            {Qid(q): Entry({"en": "cat"}, True, True) for q in ("Q1", "Q2")},
            [],
            [],
            {Qid("Q2"): Qid("Q1")},
        ),
    ],
    ids=["unknown item", "no label", "never to be suggested", "duplicate"],
)
def test_contradictions_are_not_written(tmp_path: Path, spoiled: Content) -> None:
    with pytest.raises(ArtefactError, match="catalog content: Q"):
        build(spoiled, tmp_path / "new.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "_fill", full)
    with pytest.raises(ArtefactError, match="No space left on device"):
        build(content(), path)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"nowhere/new\.sqlite: the catalog cannot be written"):
        build(content(), tmp_path / "nowhere" / "new.sqlite")


def test_the_same_content_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    shuffled = content(edge("Q3>Q2", "wordnet"))
    items = dict(reversed(list(shuffled.items.items())))
    edges = list(reversed(list(shuffled.edges)))
    other = tmp_path / "other.sqlite"
    build(Content(shuffled.date, items, edges, shuffled.listed, shuffled.duplicates), other)
    assert other.read_bytes() == path.read_bytes()


def test_another_content_has_another_snapshot(path: Path, tmp_path: Path) -> None:
    with Catalog.open(path) as catalog:
        made = build(content(), tmp_path / "other.sqlite")
        assert made.snapshot != catalog.snapshot
        assert catalog.snapshot.startswith("2026-01-01-")


@pytest.mark.parametrize(
    ("qid", "language", "label", "found_in"),
    [
        ("Q3", "de-at", "Katz", "de-at"),
        ("Q3", "de-ch", "Katze", "de"),
        ("Q3", "DE", "Katze", "de"),
        ("Q3", "fr", "cat", "en"),
        ("Q3", "no-such-language", "cat", "en"),
        ("Q4", "fr", "chat tigré", "fr"),
        ("Q4", "mg", "chat tigré", "fr"),
        ("Q6", "ja", "Felix", "mul"),
        ("Q7", "en", None, None),
        ("Q999", "en", None, None),
    ],
)
def test_labels_follow_the_fallback_chain(
    path: Path, qid: str, language: str, label: str | None, found_in: str | None
) -> None:
    with Catalog.open(path) as catalog:
        assert catalog.label(Qid(qid), language) == label
        assert catalog.label_language(Qid(qid), language) == found_in


def test_descriptions_are_derived_from_the_nearest_labelled_kinds(path: Path) -> None:
    with Catalog.open(path) as catalog:
        described = {q: i.description for q in catalog.qids if (i := catalog.item(q))}
    assert described[Qid("Q4")] == "kind of cat"
    assert described[Qid("Q3")] == "kind of pet and mammal"
    assert described[Qid("Q8")] == "kind of cat"  # its parent has no label
    assert described[Qid("Q1")] == ""
    assert Qid("Q7") not in described


def test_the_hierarchy_is_read_back(path: Path) -> None:
    with Catalog.open(path) as catalog:
        assert catalog.qids == tuple(Qid(f"Q{n}") for n in range(1, 11))
        assert catalog.parents(Qid("Q3")) == ("Q2", "Q10")
        assert catalog.children(Qid("Q1")) == ("Q2", "Q10")
        assert catalog.ancestors(Qid("Q4")) == {"Q1", "Q2", "Q3", "Q10"}
        assert catalog.descendants(Qid("Q2")) == {"Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9"}
        assert catalog.visual_descendants(Qid("Q2")) == 4
        assert catalog.edge_kinds(Qid("Q3"), Qid("Q2")) == ("p279", "wordnet")
        assert catalog.edge_kinds(Qid("Q2"), Qid("Q3")) == ()
        assert catalog.representative(Qid("Q9")) == "Q3"
        assert catalog.representative(Qid("Q4")) == "Q4"
        assert catalog.never_suggest == catalog.withhold == {"Q5"}
        assert not catalog.visual & (catalog.never_suggest | {"Q7", "Q9"})


def test_nothing_is_known_of_an_unknown_item(path: Path) -> None:
    stranger = Qid("Q424242")
    with Catalog.open(path) as catalog:
        assert catalog.item(stranger) is None
        assert catalog.parents(stranger) == catalog.children(stranger) == ()
        assert not catalog.ancestors(stranger) | catalog.descendants(stranger)
        assert catalog.representative(stranger) == stranger


def test_closure_rows_name_every_pair_once(path: Path) -> None:
    with Catalog.open(path) as catalog:
        rows = list(catalog.closure_rows())
        wanted = {(q, a) for q in catalog.qids for a in {q, *catalog.ancestors(q)}}
        assert [(catalog.qids[i], catalog.qids[a]) for i, a in rows] == sorted(
            wanted, key=lambda p: (int(p[0][1:]), int(p[1][1:]))
        )


def test_cycles_are_condensed(tmp_path: Path) -> None:
    made = build(content(edge("Q2>Q3")), tmp_path / "cycle.sqlite")
    assert made.dropped_in_cycles == 2
    with Catalog.open(tmp_path / "cycle.sqlite") as catalog:
        assert catalog.ancestors(Qid("Q2")) == catalog.ancestors(Qid("Q3")) == {"Q1", "Q10"}
        assert catalog.parents(Qid("Q2")) == ("Q1",)


def test_search_finds_by_the_start_of_words_exact_labels_first(path: Path) -> None:
    with Catalog.open(path) as catalog:
        assert catalog.search("cat")[:2] == ("Q3", "Q9")
        assert catalog.search("tab")[0] == "Q4"
        assert catalog.search("CHAT TIGRE", "fr") == ("Q4",)
        assert catalog.search("chat tigré", "de") == ()
        assert len(catalog.search("cat", limit=1)) == 1


@pytest.mark.slow
@given(text=st.text(max_size=30), limit=st.integers(-1, 5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_search_survives_any_text(path: Path, text: str, limit: int) -> None:
    with Catalog.open(path) as catalog:
        assert len(catalog.search(text, limit=limit)) <= max(limit, 0)


def test_many_threads_read_one_catalog(path: Path) -> None:
    with Catalog.open(path) as catalog, ThreadPoolExecutor(8) as pool:
        wanted = [catalog.item(q, "de") for q in catalog.qids]
        found = list(pool.map(lambda q: catalog.item(q, "de"), catalog.qids * 40))
    assert found == wanted * 40


def test_what_a_killed_writer_left_is_swept_away_and_nobody_else_s(tmp_path: Path) -> None:
    ours = [f".c.abc_1234.part{end}" for end in ("", "-journal")]
    theirs = [".c.sqlite.abc_1234.part", ".d.abc_1234.part", ".c.work", ".c.abc.part"]
    for name in (*ours, *theirs):
        (tmp_path / name).touch()
    items = {Qid("Q1"): Entry({"en": "animal"}, True, True)}
    build(Content("2026-01-01", items, []), tmp_path / "c")
    assert {path.name for path in tmp_path.iterdir()} == {"c", *theirs}
