"""The pages that tell how it goes: what they say, what they must not, and what is not known yet."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from depicts_model.settings import Settings
from depicts_model.statistics import BINS, Statistics, Tally
from depicts_model.switch import NOTE as SWITCH
from depicts_model.switch import Switch
from depicts_model.types import (
    Claim,
    Decision,
    Latency,
    Mid,
    Pause,
    Qid,
    RefusalState,
    Suggested,
    Suggestion,
    Verdict,
)
from depicts_toolforge import latencies, plots, reports
from depicts_toolforge.api import STATISTICS
from depicts_toolforge.app import create_app
from depicts_toolforge.measured import model_of
from depicts_toolforge.parts import parts_of
from depicts_toolforge.switches import UNREAD, WORKER
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, MAMMAL, UNKNOWN, Service
from tests.toolforge.gallery import OWN, Page
from tests.toolforge.test_gallery import NASTY

SHA1 = "a" * 40
PAGES = ("/", "/gallery", "/files/M1", "/statistics", "/operator")
TALLY = Tally(shown=40, accepted=24, rejected=4, too_general=2, skipped=10, confirmed=20)


def now() -> datetime:
    return datetime.now(UTC)


def words_of(text: str) -> str:
    """What a page says, its cells and lines apart."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def text_of(service: Service, path: str) -> str:
    answer = service.client.get(path)
    assert answer.status_code == 200, answer.text
    return words_of(answer.text)


def decide(service: Service, *said: tuple[Qid, Verdict], sha1: str = SHA1) -> None:
    """One person each."""
    for number, (qid, verdict) in enumerate(said):
        made = Decision(Mid("M1"), sha1, qid, verdict, now())
        service.store.add_decisions(f"{sha1[0]}-{number}", [made], V)


def count(service: Service, tally: Tally = TALLY, *items: Qid) -> None:
    """Statistics as the harvest leaves them."""
    bins = (*(Tally(),) * (BINS - 1), tally)
    listed = tuple((qid, tally) for qid in items)
    made = Statistics(now(), {"claims": 20}, {}, bins, Tally(), listed)
    service.store.note(STATISTICS, made.to_json(), now())


# --- every page ---


@pytest.mark.parametrize("path", PAGES)
def test_every_page_leads_to_every_other_in_the_readers_language(
    service: Service, path: str
) -> None:
    page = Page(service.client.get(f"{path}?lang=ar"))
    assert ("html", {"lang": "en", "dir": "rtl"}) in page.tags
    for other in ("/?", "/gallery?", "/statistics?", "/operator?"):
        assert page.links(f"{other}lang=ar"), f"{path} does not lead to {other}"
    here = [a for tag, a in page.tags if tag == "a" and a.get("aria-current") == "page"]
    assert len(here) == (0 if path.startswith("/files") else 1)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_fenced_and_needs_no_script(service: Service, path: str) -> None:
    answer = service.client.get(path)
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    page = Page(answer)
    assert not [tag for tag, a in page.tags if tag in ("script", "style") or "style" in a]
    assert not [name for _, a in page.tags for name in a if name.startswith("on")]


@pytest.mark.parametrize("path", [*PAGES[2:], "/", "/plots/reliability.svg"])
def test_a_misspelt_key_is_a_page_that_says_so(service: Service, path: str) -> None:
    answer = service.client.get(f"{path}?lagn=de")
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "unknown key" in answer.text


# --- landing ---


def test_the_landing_page_says_how_and_what_is_kept(service: Service) -> None:
    said = text_of(service, "/")
    for words in ("In three steps", "Preferences", "What is stored", "No cookie", "No user name"):
        assert words in said
    preferences = f"{OWN}/w/index.php?title=Special:Preferences#mw-prefsection-gadgets"
    assert Page(service.client.get("/")).links("Special:Preferences") == [preferences] * 2


def test_the_landing_page_needs_no_database(service: Service, tmp_path: Path) -> None:
    service.store.close()
    (tmp_path / "web.sqlite").write_bytes(b"gone" * 1000)
    assert service.client.get("/gallery").status_code == 503
    assert service.client.get("/").status_code == 200


# --- a file ---


def test_a_files_page_explains_each_suggestion(service: Service) -> None:
    made = Suggestion(Mid("M1"), CAT, 0.876, ("looks like cat (87%)",), (FELIDAE,), (MAMMAL,), V)
    dog = replace(made, qid=DOG, confidence=0.5, reasons=(), more_general=(), more_specific=())
    run = service.store.start_run("bot", V, {})
    service.store.save_batch(run, V, [(file_ref(6), Suggested((replace(made, mid=Mid("M6")),)))])
    two = tuple(replace(one, mid=Mid("M7")) for one in (made, dog))
    service.store.save_batch(run, V, [(file_ref(7), Suggested(two))])
    said = text_of(service, "/files/M7")
    for words in (
        "Cat 7.jpg",
        "cat 87%",
        "kind of Felis",
        "very likely",
        "Why looks like cat (87%)",
        "More general Felidae",
        "More specific mammal",
        "What people decided nobody yet",
        "dog 50%",
        "no reason was stored",
        "By the model tiny-1",
    ):
        assert words in said, words
    assert Page(service.client.get("/files/M7")).links("curid=7") == [f"{OWN}/w/index.php?curid=7"]


def test_what_people_decided_is_told_in_numbers(service: Service) -> None:
    decide(
        service,
        (CAT, Verdict.ACCEPTED),
        (CAT, Verdict.ACCEPTED),
        (CAT, Verdict.REJECTED),
        (FELIDAE, Verdict.SKIPPED),
    )
    decide(service, (CAT, Verdict.TOO_SPECIFIC), sha1="b" * 40)  # on an older picture
    service.store.add_claims([Claim(Mid("M1"), CAT, "M1$x", 1234, now(), V)])
    said = text_of(service, "/files/M1")
    assert "What people decided approved 2 said no 1 saved on the wiki" in said
    assert "too specific" not in said
    assert "Decided about, and not suggested now Felidae skipped 1" in said
    assert Page(service.client.get("/files/M1")).links("diff=1234")


def test_what_may_not_be_shown_is_not_named_by_verdicts_either(service: Service) -> None:
    listed = sorted(service.catalog.never_suggest)
    forbidden = next(q for q in listed if service.catalog.label(q))
    decide(service, (forbidden, Verdict.ACCEPTED), (UNKNOWN, Verdict.ACCEPTED))
    answer = service.client.get("/files/M1")
    assert forbidden not in answer.text and UNKNOWN not in answer.text
    assert f">{service.catalog.label(forbidden)}<" not in answer.text


def test_what_two_people_refused_is_not_suggested_on_the_page_either(service: Service) -> None:
    service.store.settle(SHA1, CAT, RefusalState.SHARED, now())
    said = text_of(service, "/files/M1")
    assert "Nothing to suggest" in said and "80%" not in said


def test_a_switch_that_is_off_is_told_where_suggestions_stand(service: Service) -> None:
    for path in ("/gallery", "/files/M1"):
        assert "Switched off" not in text_of(service, path)
    service.store.note(SWITCH, Switch(True, "mistakes <b>planes</b>").note(), now())
    app = create_app(parts_of(service.app).settings)  # it reads the switch anew
    for path in ("/gallery", "/files/M1"):
        answer = app.test_client().get(path)
        assert "Switched off on the wiki." in answer.text and "<b>" not in answer.text
    parts_of(app).close()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2, "Nothing to suggest What is sure is too general"),
        (3, "Skipped It is an artwork"),
        (4, "Could not be looked at The wiki asked for fewer requests"),
    ],
)
def test_silence_says_why_on_a_page_of_its_own(service: Service, number: int, words: str) -> None:
    assert words in text_of(service, f"/files/M{number}")


def test_a_file_that_nobody_looked_at_is_not_found_and_not_asked_for(service: Service) -> None:
    answer = service.client.get("/files/M5")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Nobody has looked at M5 yet: the gadget asks" in words_of(answer.text)
    assert service.store.queue_length() == 0, "a page that is looked at puts nobody to work"
    service.store.request(Mid("M5"))
    assert "number 1 in the queue" in service.client.get("/files/M5").text
    assert service.client.get("/files/x").status_code == 400


def test_markup_and_controls_are_text_on_a_files_page(service: Service) -> None:
    made = Suggestion(Mid("M7"), CAT, 0.9, (NASTY,), (), (), V)
    file = replace(file_ref(7), title=f"File:{NASTY}", thumb_url="javascript:alert(1)")
    service.store.save_batch(1, V, [(file, Suggested((made,)))])
    answer = service.client.get("/files/M7")
    assert "<script" not in answer.text and "javascript:" not in answer.text
    assert words_of(answer.text).count('<script>alert("1")</script>') == 3  # title, h1, reason


# --- statistics ---


def test_statistics_say_plainly_what_is_not_measured_yet(service: Service) -> None:
    said = text_of(service, "/statistics")
    for words in (
        "Not measured yet: no harvest has counted the verdicts.",
        "Not measured yet: no item has verdicts.",
        "No class is paused.",
        "How many saved statements are still there after a month is not measured yet.",
        "Not measured yet: the first counts",
        "No run of the bot has ended yet.",
    ):
        assert words in said, words
    for name in ("acceptance", "crawl", "latency"):
        assert service.client.get(f"/plots/{name}.svg").status_code == 404


def test_statistics_show_shares_with_what_they_are_shares_of(service: Service) -> None:
    count(service, TALLY, CAT, UNKNOWN)
    said = text_of(service, "/statistics")
    assert "90–100% 60% 24 of 40 80% 24 of 30 2 0 20" in said
    assert "cat 80% 24 of 30" in said
    assert "Suggestions judged by people 30" in said and "Statements found on the wiki 20" in said
    assert UNKNOWN not in said, "an item without a label is not named"


def test_nobody_decided_is_not_nobody_counted(service: Service) -> None:
    count(service, Tally())
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
    count(service, TALLY, CAT)
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


# --- the operator's page ---


def test_an_operator_without_anything_is_told_what_would_do_it(service: Service) -> None:
    said = text_of(service, "/operator")
    for words in (
        "Switch never read",
        "Worker never seen",
        "Files waiting 0",
        "No class is paused.",
        "None waits.",
        "depicts-bot serve was never started",
        "depicts-bot harvest does it",
    ):
        assert words in said, words


def test_the_operator_sees_what_is_paused_and_how_to_resume_it(service: Service) -> None:
    service.store.set_pause(Pause(DOG, "reverted too often", 24, 5, now()))
    service.store.set_pause(Pause(UNKNOWN, "no name", 0, 0, now()))
    switch = Switch(True, "mistakes <b>planes</b>", {CAT: "asked for"})
    service.store.note(SWITCH, switch.note(), now())
    answer = service.client.get("/operator")
    said = words_of(answer.text)
    assert "Everything is stopped: mistakes <b>planes</b>." in said and "<b>" not in answer.text
    assert re.search(rf"dog {DOG} reverted too often 20% 5 of 24 .* depicts-bot resume {DOG}", said)
    assert re.search(rf"{UNKNOWN} {UNKNOWN} no name – .* depicts-bot resume {UNKNOWN}", said)
    assert f"cat {CAT} asked for – – take it off the switch’s page" in said
    assert "Gadget-SuggestDepicts-switch.json" in said
    assert "20% 5 of 24" in text_of(service, "/statistics"), "reverts are published"


@pytest.mark.parametrize("value", [None, {}, [], {"stopped": False, "reason": "", "paused": 3}])
def test_a_switch_that_nobody_understands_is_told_as_stopped(
    service: Service, value: object
) -> None:
    service.store.note(SWITCH, value, now())
    said = text_of(service, "/operator")
    assert "Switch stopped" in said and "of another version" in said
    assert service.get(1)["outcome"] == "paused", "and nothing is offered"


def test_the_operator_sees_the_refusals_that_wait(service: Service) -> None:
    service.store.settle(SHA1, CAT, RefusalState.WAITING, now())
    service.store.settle(SHA1, DOG, RefusalState.SHARED, now())
    said = text_of(service, "/operator")
    assert f"depicts-bot refusals --share {SHA1} {CAT}" in said
    assert f"depicts-bot refusals --dismiss {SHA1} {CAT}" in said
    assert f"{SHA1} {DOG}" not in said


def test_the_operator_is_warned_of_a_worker_and_a_switch_that_are_late(service: Service) -> None:
    late = now() - UNREAD - timedelta(minutes=1)
    service.store.note(WORKER, {}, late)
    said = text_of(service, "/operator")
    assert "Nobody has read the page of the switch" in said and "no sign of life" in said
    service.store.note(WORKER, {}, now())
    service.store.note(SWITCH, Switch().note(), now())
    said = text_of(service, "/operator")
    assert "Nobody has read" not in said and "no sign of life" not in said
    assert "Worker at work" in said and "Switch on" in said


def test_a_service_without_a_page_for_the_switch_says_so(settings: Settings) -> None:
    app = create_app(replace(settings, switch_page=""))
    said = words_of(app.test_client().get("/operator").text)
    parts_of(app).close()
    assert "nothing can be stopped from the wiki" in said


def test_the_operator_sees_the_last_runs(service: Service) -> None:
    run = service.store.start_run("bot", V, {})
    service.store.finish_run(run, {"listed": 1234, "nothing:not-sure": 2})
    service.store.start_run("harvest", V, {})
    said = text_of(service, "/operator")
    assert "1,234 listed, 2 nothing:not-sure" in said
    assert "harvest tiny-1" in said and "not yet, or killed" in said
