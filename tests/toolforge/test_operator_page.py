"""The operator's page: what runs, what is stopped, what waits, and what to type."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from depicts_model.settings import Settings
from depicts_model.switch import NOTE as SWITCH
from depicts_model.switch import Switch
from depicts_model.types import (
    Decision,
    Mid,
    NothingReason,
    NothingToSuggest,
    Pause,
    RefusalState,
    Verdict,
)
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from depicts_toolforge.switches import UNREAD, WORKER
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, UNKNOWN, Service
from tests.toolforge.gallery import OWN, Page
from tests.toolforge.telling import SHA1, now, text_of, words_of


def nothing() -> NothingToSuggest:
    return NothingToSuggest(NothingReason.NOT_SURE)


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
    assert said.count(UNKNOWN) == 2, "its name, and in the command"
    assert "Everything is stopped: mistakes <b>planes</b>." in said and "<b>" not in answer.text
    assert re.search(rf"dog {DOG} reverted too often 20% 5 of 24 .* depicts-bot resume {DOG}", said)
    assert re.search(rf" {UNKNOWN} no name – .* depicts-bot resume {UNKNOWN}", said)
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
    page = Page(service.client.get("/operator"))
    (files,) = page.links(f"aisha1={SHA1}")
    assert files.startswith(f"{OWN}/w/api.php?"), "the operator may look at the picture"
    assert f"{SHA1} {DOG}" not in said


def test_the_operator_sees_the_picture_that_a_no_is_about(service: Service) -> None:
    thumb = f"{OWN}/images/t.jpg"
    service.store.save_batch(1, V, [(replace(file_ref(6), thumb_url=thumb), nothing())])
    said = Decision(Mid("M6"), SHA1, CAT, Verdict.REJECTED, now())
    service.store.add_decisions("one", [said], V)
    for qid in (CAT, UNKNOWN):
        service.store.settle(SHA1, qid, RefusalState.WAITING, now())
    service.store.settle("b" * 40, DOG, RefusalState.WAITING, now())
    page = Page(service.client.get("/operator?lang=de"))
    assert page.links("/files/") == ["/files/M6?lang=de"] * 2
    shown = [a["src"] for tag, a in page.tags if tag == "img" and a["src"] == thumb]
    assert len(shown) == 2 and "Cat 6.jpg" in text_of(service, "/operator")
    assert len(page.links("aisha1=")) == 1, "of an unknown content the wiki is asked"


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
