"""The report: what it says, and that it needs nothing beside it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from depicts_model.linker.display_metrics import Shown, Verdict
from depicts_model.linker.experiments import report
from depicts_model.linker.experiments.displayed import Displayed
from depicts_model.linker.experiments.report_about import About, counts_of
from depicts_model.linker.experiments.report_items import best_and_worst, thumbnail, told_apart
from depicts_model.linker.experiments.report_plots import Series
from depicts_model.linker.experiments.results import Results
from depicts_model.linker.rules import RULES
from depicts_model.types import Qid

from .runs import run_of, runs
from .works import small_work

IMAGES = len(runs(1)[0].files)
ABOUT = About(
    "Of a test",
    {"date": "2026-11-22", "command": "depicts-model evaluate --test-csv <b>.csv"},
    counts_of(runs(), {("small", 0): 1234}),
    ("12 of 12 images are (nearly) ones that this model was made of",),
)
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
            verdicts = np.array([Verdict.EXACT] * 48 + [Verdict.WRONG] * (4 - at), np.uint8)
            count = len(verdicts)
            shown = Shown(IMAGES, np.arange(count) % IMAGES, np.full(count, 0.85), verdicts)
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
    return report.render(whole(), LABELS, picture, ABOUT)


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


def test_what_was_compared_stands_on_top(page: str) -> None:
    top = page[: page.index("<nav")]
    assert "12 of 12 images are (nearly) ones" in top
    assert "<dd>2026-11-22</dd>" in top and "--test-csv &lt;b&gt;.csv" in top
    assert '<td class="n">1,234</td>' in top, "training photos of the first seed"
    assert top.count(f'<td class="n">{IMAGES}</td>') == 2
    for name in ("MRR@100", "hP", "specificity", "rule"):
        assert f"<dt>{name}</dt>" in top


def test_curves_are_told_apart_without_colours(page: str) -> None:
    """Neighbours differ in their dashes, and each end bears the number of its legend."""
    dashes = [Series("", (), number).dash for number in range(12)]
    assert all(one != other for one, other in pairwise(dashes))
    drawing = re.findall(r'<svg role="img".*?</svg>', page, re.DOTALL)[0]
    assert {"1", "2", "3", "4", "5"} <= set(re.findall(r">(\d+)</text>", drawing))
    assert "<li><b>5</b>" in page


def test_a_figure_of_what_is_shown_says_how_sure_it_is(page: str) -> None:
    """48 of 52 are right; the rules that are only compared have no intervals."""
    found = re.findall(r'0\.923<span class="span">(0\.\d+)–(0\.\d+)</span>', page)
    assert found and all(0.8 < float(low) < 0.923 < float(high) < 1 for low, high in found)
    assert len(found) == 2, "precision and exact"
    assert "52 suggestions." in page


def test_of_few_suggestions_no_diagram_is_drawn() -> None:
    few = displayed()[-1]
    one = few.shown
    shown = Shown(IMAGES, one.image[:9], one.confidence[:9], one.verdict[:9])
    some = replace(few, shown=shown, items=few.items[:9], specificity=few.specificity[:9])
    page = report.render(Results(runs(1), [some]), LABELS, picture, ABOUT)
    assert page.count("<figure") == 1
    assert "No diagram: with 9 suggestions, fewer than 50" in page


def test_the_same_results_give_the_same_page(page: str) -> None:
    assert report.render(whole(), LABELS, picture, ABOUT) == page


def test_pictures_are_small_and_where_there_is_none_it_says_so(page: str) -> None:
    assert page.count("data:image/jpeg;base64,") + page.count("no picture at hand") == 20
    assert "no picture at hand" in page
    data = picture("0.jpg")
    assert data is not None and len(thumbnail(data)) < 5000
    assert thumbnail(b"no image") == ""
    assert thumbnail(data[: len(data) // 2]) == ""


def test_one_run_alone_has_a_report_too() -> None:
    alone = replace(runs(1)[0], system="model-1")
    page = report.render(Results([alone]), {}, lambda _: None, About("Of one"))
    assert "from ours" not in page and "Ours against" not in page
    assert "no picture at hand" in page


def test_without_runs_there_is_none() -> None:
    with pytest.raises(ValueError, match="no run"):
        report.render(Results([]), {}, picture, About("Of nothing"))


def test_nothing_shown_is_no_reliability() -> None:
    none = Shown(IMAGES, np.zeros(0, np.intp), np.zeros(0), np.zeros(0, np.uint8))
    silent = Displayed("small", 0, "ours", "climb", 0.9, none, (), np.zeros(0), chosen=True)
    page = report.render(Results(runs(1), [silent]), LABELS, picture, About("Of silence"))
    assert page.count("<figure") == 1 and "What would be shown" in page


def test_an_ablation_is_told_in_the_table_only() -> None:
    bare = run_of(small_work(), "ours bare", "ours", 0.4)
    page = report.render(Results([*runs(1), bare]), LABELS, picture, ABOUT)
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
