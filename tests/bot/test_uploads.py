"""The upload log: rows as a real wiki writes them, rows that name nothing, and checkpoints."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depicts_bot.uploads import Checkpoint, crawl, hexadecimal, parse_timestamp, read_row
from depicts_bot.wiki import Json
from depicts_model.errors import StoreError
from tests.bot.conftest import ScriptedWiki

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)
LATER = EPOCH + timedelta(days=60)
# sha1sum of the recorded files, as imageinfo gives it
CAT = "df9eb3dbf4887aa5f75fdcbae5facea0522ca15f"


def base36(value: int) -> str:
    digits = ""
    while value:
        value, rest = divmod(value, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits.rjust(31, "0")


def test_the_recorded_sha1_becomes_that_of_imageinfo(recorded: dict[str, Json]) -> None:
    row = recorded["upload_log_first"]["query"]["logevents"][0]
    assert read_row(row).sha1 == CAT


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=2**160 - 1))
def test_every_sha1_survives_base_36(value: int) -> None:
    assert hexadecimal(base36(value)) == f"{value:040x}"


@pytest.mark.parametrize("text", ["", "-1", "1_0", "ZZ", " 12", "z" * 31, "é"])
def test_what_is_no_base_36_sha1_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-1"):
        hexadecimal(text)


def test_the_crawl_follows_continue_and_keeps_the_order(recorded: dict[str, Json]) -> None:
    second = {k: v for k, v in recorded["upload_log_second"].items() if k != "continue"}
    wiki = ScriptedWiki([recorded["upload_log_first"], second])
    uploads = list(crawl(wiki, Checkpoint(EPOCH), LATER))
    assert [u.logid for u in uploads] == [6, 8, 10, 12, 14, 16]
    assert [u.pageid for u in uploads] == [2, 3, 4, 5, 6, 7]
    assert wiki.asked[1]["lecontinue"] == "20261121090118|12"
    assert {a["leaction"] for a in wiki.asked} == {"upload/upload"}


def test_nothing_up_to_the_checkpoint_comes_back(recorded: dict[str, Json]) -> None:
    """Several rows bear one second: the number of the row decides among them."""
    last = {k: v for k, v in recorded["upload_log_first"].items() if k != "continue"}
    after = Checkpoint(parse_timestamp("2026-11-21T09:01:17Z"), 8)
    assert [u.logid for u in crawl(ScriptedWiki([last]), after, LATER)] == [10]


def test_no_request_where_the_delay_has_not_passed() -> None:
    wiki = ScriptedWiki([])
    assert list(crawl(wiki, Checkpoint(LATER), EPOCH)) == []
    assert wiki.asked == []


ROW: Json = {"logid": 5, "timestamp": "2026-11-21T09:01:17Z"}


@pytest.mark.parametrize(
    ("extra", "gone", "pageid"),
    [
        pytest.param({}, True, 0, id="suppressed: no title, no page, no details"),
        pytest.param({"title": "File:A.png", "pageid": 0, "params": []}, True, 0, id="deleted"),
        pytest.param({"title": "File:A.png", "pageid": 9, "logpage": 4}, False, 4, id="moved"),
        pytest.param({"title": "File:A.png", "pageid": 9, "logpage": 0}, False, 9, id="old wiki"),
        pytest.param(
            {"title": "File:A.png", "pageid": 9, "params": {"img_sha1": "?"}},
            False,
            9,
            id="no sha1",
        ),
    ],
)
def test_rows_of_files_that_changed_since(extra: Json, gone: bool, pageid: int) -> None:
    upload = read_row(ROW | extra)
    assert (upload.gone, upload.pageid) == (gone, pageid)


def test_a_checkpoint_survives_the_store() -> None:
    checkpoint = Checkpoint(EPOCH, 7)
    assert Checkpoint.parse(str(checkpoint)) == checkpoint


@pytest.mark.parametrize("text", ["", "7", "2026-11-01T00:00:00Z", "2026-11-01|7", "x|y"])
def test_a_spoilt_checkpoint_is_one_line(text: str) -> None:
    with pytest.raises(StoreError, match="not a checkpoint"):
        Checkpoint.parse(text)
