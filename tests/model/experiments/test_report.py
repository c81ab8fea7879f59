"""The report: what it says, and that it needs nothing beside it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depicts_model.linker.display_metrics import Shown, Verdict
from depicts_model.linker.experiments import report
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.report_items import best_and_worst, thumbnail, told_apart
from depicts_model.linker.experiments.results import Results
from depicts_model.linker.rules import RULES
from depicts_model.types import Qid

from .runs import run_of, runs
from .works import small_work

LABELS = {qid: f"kind <{at}>" for at, qid in enumerate(small_work().items)}


def picture(file: str) -> bytes | None:
    """A picture for every second file."""
    if int(re.sub(r"\D", "", file)) % 2:
        return None
    data = io.BytesIO()
    Image.new("RGB", (400, 200), "teal").save(data, "PNG")
    return data.getvalue()


def displayed() -> list[Displayed]:
    found = []
    for rule in RULES:
        for at, target in enumerate((0.8, 0.9)):
            verdicts = np.array([Verdict.EXACT] * 8 + [Verdict.WRONG] * (2 - at), np.uint8)
            count = len(verdicts)
            shown = Shown(20, np.arange(count), np.full(count, 0.85), verdicts)
            bits = np.full(count, 5.0 - at)
            items = (Qid("Q1"),) * count
            point = ("small", 0, "ours", rule, target, shown, items, bits)
            found.append(Displayed(*point))
    return [*found, replace(found[4], target=0.88, chosen=True)]


def whole() -> Results:
    tables = {"topics, of a test": [{"label": "cat & dog", "auc": 0.75, "n": 3}]}
    return Results(runs(), displayed(), tables, [{"system": "mlp-256", "trial": 0, "R@1": 0.5}])


@pytest.fixture(scope="module")
def page() -> str:
    return report.render(whole(), LABELS, picture, "Of a test")


class Foreign(HTMLParser):
    """What a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            said = value or ""
            if name in ("src", "href", "xlink:href") and not said.startswith(("#", "data:image/")):
                self.found.append(said)
            if name.startswith("on"):
                self.found.append(name)
            if name == "id":
                self.ids.append(said)
        if tag in ("script", "link", "iframe", "object"):
            self.found.append(tag)


def test_it_fetches_nothing_runs_nothing_and_names_nothing_twice(page: str) -> None:
    parser = Foreign()
    parser.feed(page)
    assert parser.found == []
    assert len(parser.ids) == len(set(parser.ids))
    assert "url(http" not in page and "@import" not in page


def test_no_label_is_taken_for_markup(page: str) -> None:
    assert "kind &lt;0&gt;" in page and "<0>" not in page
    assert "cat &amp; dog" in page


def test_every_system_and_figure_is_there(page: str) -> None:
    for words in ("ours", "mlp-256", "v2v", "knn", "mAP@10", "DivR@10", "min(k, |G|)"):
        assert words in page
    assert "1.5*" in page, "the fit that the clock cut short"
    assert len(re.findall("<figure", page)) == 3


def test_colours_are_the_page_s_own(page: str) -> None:
    drawings = "".join(re.findall(r'<svg role="img".*?</svg>', page, re.DOTALL))
    assert "var(--ink)" in drawings and "var(--s0)" in drawings
    assert set(re.findall(r"#[0-9a-f]{6}\b", drawings)) <= {"#000000"}


def test_the_same_results_give_the_same_page(page: str) -> None:
    assert report.render(whole(), LABELS, picture, "Of a test") == page


def test_pictures_are_small_and_where_there_is_none_it_says_so(page: str) -> None:
    assert page.count("data:image/jpeg;base64,") + page.count("no picture at hand") == 20
    assert "no picture at hand" in page
    data = picture("0.jpg")
    assert data is not None and len(thumbnail(data)) < 5000
    assert thumbnail(b"no image") == ""
    assert thumbnail(data[: len(data) // 2]) == ""


def test_one_run_alone_has_a_report_too() -> None:
    alone = replace(runs(1)[0], system="model-1")
    page = report.render(Results([alone]), {}, lambda _: None, "Of one")
    assert "from ours" not in page and "Ours against" not in page
    assert "no picture at hand" in page


def test_without_runs_there_is_none() -> None:
    with pytest.raises(ValueError, match="no run"):
        report.render(Results([]), {}, picture, "Of nothing")


def test_nothing_shown_is_no_reliability() -> None:
    none = Shown(20, np.zeros(0, np.intp), np.zeros(0), np.zeros(0, np.uint8))
    silent = Displayed("small", 0, "ours", "climb", 0.9, none, (), np.zeros(0), chosen=True)
    page = report.render(Results(runs(1), [silent]), LABELS, picture, "Of silence")
    assert page.count("<figure") == 1 and "What would be shown" in page


def test_an_ablation_is_told_in_the_table_only() -> None:
    bare = run_of(small_work(), "ours bare", "ours", 0.4)
    page = report.render(Results([*runs(1), bare]), LABELS, picture, "Of a test")
    assert page.count("ours bare") == 1


def test_items_of_one_label_are_told_apart() -> None:
    labels = {Qid("Q1"): "crane", Qid("Q2"): "crane", Qid("Q3"): "dog"}
    assert list(told_apart(labels).values()) == ["crane (Q1)", "crane (Q2)", "dog"]


def test_best_and_worst_items_by_hand() -> None:
    """Kind 0 is always right, kind 1 always taken for kind 2, which has too few images."""
    run = runs(1)[0]
    truths = tuple((frozenset({row}),) for row in [0] * 5 + [1] * 6 + [2] * 4)
    first = np.array([0] * 5 + [2] * 5 + [9] + [2] * 4)
    top = np.array([[row, *(set(range(20)) - {row})] for row in first.tolist()])
    run = replace(run, top=top, truths=truths, files=tuple(map(str, range(15))))
    best, worst = best_and_worst([run], LABELS)
    assert [(one.qid, one.images, one.at_1, one.instead) for one in best] == [("Q1", 5, 1, "")]
    assert [(o.qid, o.images, o.at_1, o.instead) for o in worst] == [("Q2", 6, 0, "kind <2>")]
    assert worst[0].at_10 == 1


def test_a_report_is_whole_or_not_there(tmp_path: Path) -> None:
    report.write("<p>", tmp_path / "new" / "report.html")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["report.html"]
