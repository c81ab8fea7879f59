"""The statistics' page and its plots: what is told, and what is not known yet."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from depicts_model.settings import Settings
from depicts_model.statistics import Tally
from depicts_model.types import Latency, Pause
from depicts_toolforge import latencies, plots, reports
from depicts_toolforge.api import STATISTICS
from depicts_toolforge.app import create_app
from depicts_toolforge.measured import model_of
from depicts_toolforge.parts import parts_of
from tests.model.store.values import V
from tests.toolforge.conftest import CAT, DOG, MAMMAL, UNKNOWN, Service
from tests.toolforge.gallery import Page
from tests.toolforge.telling import LASTING, TALLY, count, now, text_of


def test_statistics_say_plainly_what_is_not_measured_yet(service: Service) -> None:
    said = text_of(service, "/statistics")
    for words in (
        "Not measured yet: no harvest has counted the verdicts.",
        "Not measured yet: no item has verdicts.",
        "No class is paused.",
        "Not measured yet: no class has verdicts on two of its items.",
        "Not measured yet: no saved statement was looked at again.",
        "Not measured yet: the first counts",
        "No run of the bot has ended yet.",
    ):
        assert words in said, words
    for name in ("acceptance", "kept", "reverts", "crawl", "latency"):
        assert service.client.get(f"/plots/{name}.svg").status_code == 404


def test_statistics_show_shares_with_what_they_are_shares_of(service: Service) -> None:
    count(service.store, TALLY, CAT, UNKNOWN)
    said = text_of(service, "/statistics")
    assert "90–100% 50% 20 of 40 80% 20 of 25 2 0 20" in said
    assert "cat 80% 20 of 25" in said
    assert "Suggestions judged by people 25" in said and "Statements found on the wiki 20" in said
    assert UNKNOWN not in said, "an item without a label is not named"


def test_classes_are_told_with_all_below_them(service: Service) -> None:
    more = replace(TALLY, confirmed=5, refuted=20)
    count(service.store, TALLY, CAT, classes=((MAMMAL, more), (UNKNOWN, TALLY)))
    said = text_of(service, "/statistics")
    assert "of an item and of all below it together" in said
    assert "By class" in said and "mammal 20% 5 of 25" in said and "By item" in said
    assert UNKNOWN not in said
    page = Page(service.client.get("/statistics"))
    assert page.links(f"wikidata.org/wiki/{MAMMAL}") and not page.links(f"item={MAMMAL}")


def test_statistics_of_before_there_were_classes_are_told_still(service: Service) -> None:
    count(service.store, TALLY, CAT)
    noted = service.store.noted(STATISTICS)
    assert noted and noted.value.pop("classes") == []
    service.store.note(STATISTICS, noted.value, now())
    assert "cat 80% 20 of 25" in text_of(service, "/statistics")


def test_reverts_are_told_of_what_was_looked_at_again(service: Service) -> None:
    one, more = replace(TALLY, saved=30, **LASTING), replace(TALLY, saved=9)
    count(service.store, one, CAT, classes=((MAMMAL, one), (DOG, more), (UNKNOWN, one)))
    said = text_of(service, "/statistics")
    lasting = "20% 5 of 24 79% 19 of 24 50% 3 of 6"
    assert f"90–100% {lasting} all {lasting}" in said
    assert f"mammal Q7377 {lasting}" in said
    after = said.partition("Stands after 30 days")[2].partition("Paused classes")[0]
    assert "dog" not in after, "nothing of it was looked at again"
    bar = 5 / 24 * (plots.BOTTOM - plots.TOP)
    drawn = ElementTree.fromstring(service.client.get("/plots/reverts.svg").data)
    # the last two are the legend's
    (height,) = [float(e.attrib["height"]) for e in drawn.iter() if "rect" in str(e.tag)][:-2]
    assert height == pytest.approx(bar, abs=0.1)


def test_paused_classes_are_told_with_their_figures(service: Service) -> None:
    service.store.set_pause(Pause(DOG, "by hand", 0, 0, now()))
    service.store.set_pause(Pause(CAT, "reverted too often", 24, 5, now()))
    said = text_of(service, "/statistics")
    assert re.search(r"dog Q144 – .* cat Q146 20% 5 of 24", said)
    assert service.client.get("/plots/reverts.svg").status_code == 404, "classes paused, not judged"


def test_nobody_decided_is_not_nobody_counted(service: Service) -> None:
    count(service.store, Tally())
    assert "nobody has decided about a suggestion" in text_of(service, "/statistics")


def test_statistics_of_another_version_are_as_if_there_were_none(service: Service) -> None:
    values: tuple[object, ...] = ({}, [], {"at": "x"}, None)
    for value in values:
        service.store.note(STATISTICS, value, now())
        assert "no harvest has counted" in text_of(service, "/statistics")


def test_the_models_own_table_is_shown(service: Service) -> None:
    model = model_of("")
    assert model and model.demo and model.reliability
    said = text_of(service, "/statistics")
    assert model.version in said and "small model of the demonstration" in said
    assert "the limit was chosen so that at least 88% of what it offers is right" in said
    row = model.reliability[-1]
    assert f"90–100% {row.count} " in said


@pytest.mark.parametrize(
    ("manifest", "calibration"),
    [
        (None, None),
        ("{", "{}"),
        ("[]", "{}"),
        ('{"version": "x"}', '{"reliability": [{}]}'),
        ('{"version": "x"}', '{"reliability": 3}'),
    ],
)
def test_a_model_that_cannot_be_read_costs_a_section_only(
    settings: Settings, tmp_path: Path, manifest: str | None, calibration: str | None
) -> None:
    if manifest and calibration:
        (tmp_path / "manifest.json").write_text(manifest)
        (tmp_path / "calibration.json").write_text(calibration)
    app = create_app(replace(settings, model=str(tmp_path)))
    answer = app.test_client().get("/statistics")
    drawn = app.test_client().get("/plots/reliability.svg")
    parts_of(app).close()
    assert answer.status_code == 200 and "folder cannot be read" in answer.text
    assert drawn.status_code == 404


def test_a_model_without_a_table_says_so(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "big-1"}))
    (tmp_path / "calibration.json").write_text("{}")
    app = create_app(replace(settings, model=str(tmp_path)))
    text = app.test_client().get("/statistics").text
    parts_of(app).close()
    assert "brings no reliability table" in text


def fill_plots(service: Service) -> None:
    lasting = replace(TALLY, saved=30, **LASTING)
    count(service.store, lasting, CAT, classes=((MAMMAL, lasting),))
    run = service.store.start_run("bot", V, {})
    service.store.finish_run(run, {"suggested": 3, "nothing:not-sure": 2})
    service.store.count_latencies([Latency(now(), "/api/v1/x", 2, 7)])


@pytest.mark.parametrize("name", sorted(reports.PLOTS))
def test_each_plot_is_a_picture_with_a_table_beside(service: Service, name: str) -> None:
    fill_plots(service)
    page = Page(service.client.get("/statistics"))
    (shown,) = [a for tag, a in page.tags if tag == "img" and f"/plots/{name}" in str(a["src"])]
    assert len(shown["alt"] or "") > 40 and shown["width"] == str(plots.WIDTH)
    answer = service.client.get(str(shown["src"]))
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Content-Security-Policy"] == plots.POLICY
    root = ElementTree.fromstring(answer.data)
    tags = {str(element.tag).partition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "style", "path", "text", "rect", "circle", "polyline"}
    assert "prefers-color-scheme" in answer.text
    assert answer.data == service.client.get(str(shown["src"])).data


def test_runs_and_latencies_are_told(service: Service) -> None:
    fill_plots(service)
    said = text_of(service, "/statistics")
    assert re.search(r"\d+ \w{3} 3 2 0 0 all files 1 1 1 1", said)
    assert "/api/v1/x 7 up to 5 ms up to 5 ms" in said
    for path in ("/plots/nothing.svg", "/plots/../app.py", "/plots/acceptance.png"):
        assert service.client.get(path).status_code == 404


def test_answers_are_counted_by_the_app_itself(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(latencies, "FLUSH_SECONDS", 0.0)
    app = create_app(settings)
    app.test_client().get("/files/M77").close()
    (row,) = parts_of(app).store.latencies(now() - timedelta(hours=2))
    parts_of(app).close()
    assert (row.route, row.count) == ("/files/<mid>", 1), "the route, and not the file"
