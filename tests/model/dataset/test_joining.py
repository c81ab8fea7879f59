"""One file, one row: nothing counts twice, and a shared "no" takes off what others say."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from depicts_model.dataset.decisions import Decisions
from depicts_model.dataset.joining import instead, repeated
from depicts_model.dataset.mediainfo import MediaInfoDump
from depicts_model.dataset.progress import silent
from depicts_model.dataset.published import Published
from depicts_model.dataset.reading import Dataset, open_dataset
from depicts_model.dataset.rows import Row, Told, mark
from depicts_model.dataset.shards import SPLITS
from depicts_model.dataset.staging import STAGE, stage, staged
from depicts_model.types import Decision, Mid, Refusal, RefusalState, Verdict
from tests.model.dataset.sources import (
    built,
    depicts,
    dump,
    entity,
    parquet,
    qids,
    row,
    sample,
)

CAT, DOG, TABBY = 146, 144, 1124
A, B = "a" * 40, "b" * 40
AT = datetime(2026, 11, 2, tzinfo=UTC)


def one_of(*rows: Row) -> Row:
    """What these become, which are one file's."""
    (found,) = [one for one in instead(rows, {mark(row.file) for row in rows}).values() if one]
    return found


def all_rows(opened: Dataset) -> list[Row]:
    return [one for split in SPLITS for one in opened.rows(split)]


def dumped(folder: Path, *items: int, files: int = 60) -> MediaInfoDump:
    """Files from 1 on which all depict these items."""
    path = folder / "dump.json"
    shown = [depicts(f"Q{item}") for item in items]
    path.write_text(dump([entity(number, *shown) for number in range(1, files + 1)]))
    return MediaInfoDump(path, silent)


def accepted(number: int, item: int, verdict: Verdict = Verdict.ACCEPTED) -> Decision:
    (qid,) = qids(item)
    return Decision(Mid(f"M{number}"), f"{number:040x}", qid, verdict, AT, confirmed=True)


# --- what must not be ---


def test_a_file_of_two_sources_counts_once(tmp_path: Path) -> None:
    said = Decisions([(accepted(number, DOG), None) for number in range(1, 61)])
    made = built(tmp_path / "d", dumped(tmp_path, CAT), said)
    rows = all_rows(open_dataset(tmp_path / "d"))
    assert len(rows) == len({one.file for one in rows}) == made.counts["files kept"] == 60
    assert made.counts["files read"] == 60
    assert made.counts["rows joined to another of the same file"] == 60
    assert {one.things for one in rows} == {(qids(CAT), qids(DOG))}
    assert all(one.sha1 for one in rows), "the decisions know the content"


def test_what_is_said_twice_is_not_used_twice(tmp_path: Path) -> None:
    """Fewer than ten uses are rare: six files are, whoever says it of them."""
    said = Decisions([(accepted(number, TABBY), None) for number in range(1, 7)])
    table = dumped(tmp_path, TABBY, files=6)
    others = [row(f"M{number}", CAT) for number in range(10, 40)]
    made = built(tmp_path / "d", table, said, *others, profile="vel2024")
    assert (made.counts["items used"], made.counts["items rare"]) == (2, 1)


def test_what_two_people_refused_is_taken_off_whoever_says_it(tmp_path: Path) -> None:
    refused = accepted(1, CAT, Verdict.REJECTED)
    no = Refusal(refused.sha1, refused.qid, RefusalState.SHARED, AT)
    built(tmp_path / "d", dumped(tmp_path, CAT, DOG), Decisions([(refused, None)], [no]))
    things = {one.file: one.things for one in all_rows(open_dataset(tmp_path / "d"))}
    assert things["M1"] == (qids(DOG),)
    assert things["M2"] == (qids(CAT), qids(DOG))


def test_a_file_of_which_all_is_refused_shows_nothing(tmp_path: Path) -> None:
    refused = accepted(1, CAT, Verdict.REJECTED)
    no = Refusal(refused.sha1, refused.qid, RefusalState.SHARED, AT)
    made = built(tmp_path / "d", dumped(tmp_path, CAT), Decisions([(refused, None)], [no]))
    assert "M1" not in {one.file for one in all_rows(open_dataset(tmp_path / "d"))}
    assert made.counts["files that show nothing any more"] == 1


def test_versions_of_a_file_are_not_one() -> None:
    rows = [row("M1", CAT, sha1=A), row("M1", DOG, sha1=B)]
    assert instead(rows, {mark("M1")}) == {}


@pytest.mark.parametrize("newer", [A, B])
def test_who_knows_no_version_speaks_of_the_newest(newer: str) -> None:
    times = {sha1: AT + timedelta(sha1 == newer) for sha1 in (A, B)}
    rows = [row("M1", DOG), *(row("M1", CAT, sha1=sha1, time=times[sha1]) for sha1 in (A, B))]
    found = one_of(*rows)
    assert (found.sha1, found.things) == (newer, (qids(DOG), qids(CAT)))


# --- how rows become one ---


def test_alternatives_are_settled_by_who_names_fewer() -> None:
    either, other = row("f", (CAT, DOG), (DOG, TABBY)), row("f", CAT, (TABBY, DOG))
    assert one_of(either, other).things == ((*qids(DOG, TABBY),), qids(CAT))


def test_a_refused_alternative_leaves_the_other() -> None:
    found = one_of(row("f", (CAT, DOG)), row("f", refused=qids(DOG)))
    assert (found.things, found.refused) == ((qids(CAT),), qids(DOG))


FULL: dict[str, Any] = {"sha1": A, "uploader": "0" * 24, "time": AT, "location": "File:f"}


def test_each_value_is_of_the_first_that_has_one_and_the_picture_keeps_its_place() -> None:
    rows = [
        row("f", CAT, texts={"en": "cat"}, source="a"),
        row("g", CAT),
        row("f", CAT, texts={"en": "no", "de": "Katze"}, source="b", **FULL),
        row("f", CAT, location="zip!f", hash=5, source="c"),
    ]
    found = instead(rows, {mark("f")})
    assert {number: one is None for number, one in found.items()} == {0: True, 2: True, 3: False}
    more = {**FULL, "location": "zip!f", "texts": {"en": "cat", "de": "Katze"}}
    assert found[3] == row("f", CAT, hash=5, source="c", **more)


def test_the_picture_stays_with_its_row(tmp_path: Path) -> None:
    parquet(tmp_path / "p" / "0.parquet", [sample(n, [DOG]) for n in range(1, 61)])
    sources = dumped(tmp_path, CAT), Published(tmp_path / "p", silent)
    built(tmp_path / "d", *sources, embed=True)
    rows = all_rows(open_dataset(tmp_path / "d"))
    assert len(rows) == 60
    assert all(one.image == sample(int(one.file[1:]), [])["jpg"] for one in rows)
    assert {one.things for one in rows} == {(qids(DOG), qids(CAT))}


def test_the_order_is_the_sources_and_rows_alone_are_as_they_were(tmp_path: Path) -> None:
    rows = [row("a", CAT, image=b"a"), row("b", CAT), row("c", DOG), row("b", DOG)]
    seen = stage(rows, tmp_path / STAGE, Told())
    back = list(staged(tmp_path / STAGE))
    assert back == [rows[0], row("b", CAT, DOG), rows[2]]
    assert (len(seen.files), dict(seen.uses)) == (3, {qids(CAT)[0]: 2, qids(DOG)[0]: 2})
    assert [path.name for path in tmp_path.iterdir()] == [STAGE]


def test_only_what_is_repeated_is_held() -> None:
    assert repeated(array("Q", [5, 2**64 - 1, 7, 5, 2**64 - 1])) == {5, 2**64 - 1}
    assert repeated(array("Q")) == frozenset()
