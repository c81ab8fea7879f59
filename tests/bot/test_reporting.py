"""The report as wikitext, and where it goes on a page that people write on too."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import mwparserfromhell
import pytest
from hypothesis import given
from hypothesis import strategies as st

from depicts_bot.marks import BEGIN, END, marked, placed
from depicts_bot.reporting import Report, escaped, wikitext
from depicts_model.errors import ConfigurationError
from depicts_model.statistics import BINS, Statistics, Tally
from depicts_model.types import Qid
from depicts_toolforge.reports import PLOTS

NOW = datetime(2026, 11, 21, 12, 5, tzinfo=UTC)
CAT, DOG = Qid("Q146"), Qid("Q144")
GOOD = Tally(
    **{"shown": 32, "accepted": 24, "rejected": 4, "skipped": 4},
    **{"confirmed": 20, "refuted": 3, "saved": 22, "judged": 20, "reverted": 3},
    **{"standing_7": 17, "changed_7": 1, "reverted_7": 2, "standing_30": 9, "reverted_30": 3},
)
TOTALS = {"files": 100, "suggested": 30, "nothing": 50, "skipped": 1234, "failed": 4}


def report(*classes: tuple[Qid, Tally], tally: Tally = GOOD, label: str = "house cat") -> Report:
    bins = (*(Tally(),) * (BINS - 1), tally)
    counted = Statistics(NOW, TOTALS, {}, bins, Tally(), (), classes)
    labels = {CAT: label}
    return Report(counted, None, "tiny-1", "https://x.test/", lambda qid: labels.get(qid))


def rows(text: str) -> list[list[str]]:
    """The tables' rows, each cell as a reader sees it."""
    code = mwparserfromhell.parse(text)
    found = []
    for table in code.filter_tags(matches=lambda tag: tag.tag == "table"):
        for row in table.contents.filter_tags(matches=lambda tag: tag.tag == "tr"):
            cells = row.contents.filter_tags(matches=lambda tag: tag.tag in ("td", "th"))
            found.append([" ".join(cell.contents.strip_code().split()) for cell in cells])
    return found


LASTING = [
    *("10% (2 of 20; 2%–30%)", "25% (3 of 12; 8%–53%)"),
    *("85% (17 of 20; 63%–94%)", "75% (9 of 12; 46%–91%)"),
]
ALL = ["32", "20", "62% (20 of 32; 45%–77%)", *LASTING]


def test_by_confidence_and_by_class_with_intervals() -> None:
    told = [row for row in rows(wikitext(report((CAT, GOOD)))) if len(row) == 8]
    assert told == [["90–100%", *ALL], ["all", *ALL], ["house cat", *ALL]]


def test_totals_model_and_time() -> None:
    text = wikitext(report())
    assert "Everything, counted on 21 November 2026, 12:05 UTC. Model: <code>tiny-1</code>." in text
    assert "files looked at: 37% <small>(30 of 80; 27%–48%)" in text
    assert "Files skipped: 1,234; failed: 4" in text
    assert "reverted: 15% <small>(3 of 20;" in text
    lately = replace(report(), since=NOW - timedelta(days=30))
    assert "What happened since 22 October 2026, counted on 21 November" in wikitext(lately)


def test_nothing_measured_yet_is_said() -> None:
    empty = replace(report(tally=Tally()), model=None)
    text = wikitext(replace(empty, counted=replace(empty.counted, totals={})))
    assert "By confidence: nothing is measured yet." in text
    assert "By class: nothing is measured yet." in text
    assert "files looked at: not measured yet" in text and "Model: none yet." in text
    assert "wikitable" not in text and "plots/" not in text


def test_a_class_without_a_label_is_left_out() -> None:
    assert "Q144" not in wikitext(report((CAT, GOOD), (DOG, GOOD)))


def test_what_was_refined_has_a_row_of_its_own() -> None:
    made = report()
    text = wikitext(replace(made, counted=replace(made.counted, unknown=Tally(saved=3))))
    assert rows(text)[2] != ["refined or searched", "0", "0", "not measured yet"]
    assert ["refined or searched", "0", "0", *["–"] * 5] in rows(text)


def test_links_lead_to_plots_that_the_service_draws() -> None:
    text = wikitext(report((CAT, GOOD)))
    named = re.findall(r"\[https://x\.test/plots/(\w+)\.svg ", text)
    assert named == ["acceptance", "kept", "reverts"] and set(named) <= PLOTS.keys()
    assert "[https://x.test/statistics " in text
    assert "reverts.svg" not in wikitext(report()), "no class was looked at again"
    assert "http" not in wikitext(replace(report(), service=""))


@pytest.mark.parametrize(
    "label",
    ["a]] b", "{{delete}}", "~~~~", "<script>", "|-", "''x''", "http://x.test", "x\n== y ==", END],
)
def test_a_label_is_no_wikitext(label: str) -> None:
    text = wikitext(report((CAT, GOOD), label=label))
    plain = wikitext(report((CAT, GOOD), label="X"))
    assert text.replace(f"|{escaped(label)}]]", "|X]]") == plain
    assert not re.search(r"[^\w &#;,.()-]", escaped(label).replace("\n", ""))


@given(st.text())
def test_escaped_words_are_read_as_they_were(label: str) -> None:
    import html

    found = escaped(label)
    assert not set(found) & set("[]{}|<>'=~_:*\n/")
    if all(c.isprintable() for c in label):
        assert html.unescape(found) == label


# --- marks ---

BLOCK = marked("new")
OLD = marked("old")


def test_an_empty_page_becomes_the_report() -> None:
    assert placed("", BLOCK, "T") == placed(" \n", BLOCK, "T") == BLOCK


@given(st.text(), st.text())
def test_what_people_wrote_stays_to_the_letter(before: str, after: str) -> None:
    page = placed(before + OLD + after, BLOCK, "T")
    assert page == before + BLOCK + after
    assert placed(page, BLOCK, "T") == page


@pytest.mark.parametrize(
    "page",
    ["Hello", f"Hello {BEGIN}", f"{END} x {BEGIN}", BLOCK + BLOCK, f"{BEGIN}{BEGIN}{END}"],
)
def test_a_page_without_its_two_marks_is_left_alone(page: str) -> None:
    with pytest.raises(ConfigurationError, match=r"T has text, and not once .* put both where"):
        placed(page, BLOCK, "T")
