"""What is switched off is not shown, no verdict is lost, and the store is not asked too often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depicts_model import switch
from depicts_model.switch import Switch
from depicts_model.types import (
    Mid,
    Noted,
    NothingReason,
    NothingToSuggest,
    Pause,
    Qid,
    RefusalState,
    Skipped,
    SkipReason,
    Verdict,
)
from depicts_toolforge import api, switches
from depicts_toolforge.api import IDLE_RETRY, LONGEST_RETRY, SOON, retry_after
from depicts_toolforge.switches import KEPT_SECONDS, WORKER, Switches
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, MAMMAL, Service
from tests.toolforge.test_nonsense import is_problem

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


pytestmark = pytest.mark.usefixtures("looked_up_each_time")


def throw(service: Service, thrown: Switch, ago: timedelta = timedelta()) -> None:
    """The bot read this on the page."""
    service.store.note(switch.NOTE, thrown.note(), datetime.now(UTC) - ago)


def test_while_it_is_stopped_nothing_is_suggested_or_queued(service: Service) -> None:
    throw(service, Switch(stopped=True, reason="too many reverts"))
    for number in (1, 2, 5):
        answer = service.ask(number)
        assert answer.status_code == 200
        assert answer.get_json() == {
            "mid": f"M{number}",
            "outcome": "paused",
            "reason": "too many reverts",
            "suggestions": [],
        }
        assert "Decision-Token" not in answer.headers
    assert service.store.queue_length() == 0
    throw(service, Switch())
    assert service.items(1) == [CAT]


def test_a_stop_without_a_reason_is_still_told(service: Service) -> None:
    throw(service, Switch(stopped=True))
    assert service.get(1)["reason"] == "no reason given"


def test_a_verdict_on_what_was_shown_is_taken_while_it_is_stopped(service: Service) -> None:
    token = service.token(1)
    throw(service, Switch(stopped=True, reason="maintenance"))
    assert service.post(1, token, {"item": CAT, "verdict": "accepted"}).status_code == 201


def test_a_paused_class_is_not_shown_nor_what_lies_below_it(service: Service) -> None:
    service.suggest(40, CAT, DOG, general=(FELIDAE, MAMMAL))
    throw(service, Switch(paused={FELIDAE: "mistaken for dogs"}))
    (shown,) = service.get(40)["suggestions"]
    assert shown["item"] == DOG
    assert [chip["item"] for chip in shown["more_general"]] == [MAMMAL]
    body = service.get(1)
    assert (body["outcome"], body["reason"]) == ("nothing", "paused")
    assert f'/wiki/{CAT}"' not in service.client.get("/gallery").text
    is_problem(service.client.get(f"/api/v1/items/{CAT}/neighbours"), 404, "unknown-item")
    throw(service, Switch())
    assert service.items(40) == [CAT, DOG]


def test_a_class_that_paused_itself_is_not_shown_until_it_is_resumed(service: Service) -> None:
    service.store.set_pause(Pause(FELIDAE, "reverts", 20, 3, AT))
    assert service.items(1) == []
    service.store.end_pause(FELIDAE)
    assert service.items(1) == [CAT]


def test_what_people_refused_for_a_content_is_shown_to_nobody(service: Service) -> None:
    service.suggest(41, CAT, DOG, general=(FELIDAE,))
    sha1 = file_ref(41).sha1
    for state in (RefusalState.WAITING, RefusalState.DISMISSED):
        service.store.settle(sha1, DOG, state, AT)
        assert service.items(41) == [CAT, DOG]
    service.store.settle(sha1, DOG, RefusalState.SHARED, AT)
    service.store.settle(sha1, FELIDAE, RefusalState.SHARED, AT)
    (shown,) = service.get(41)["suggestions"]
    assert (shown["item"], shown["more_general"]) == (CAT, [])
    assert f'/wiki/{DOG}"' not in service.client.get("/gallery").text
    service.store.settle(sha1, CAT, RefusalState.SHARED, AT)
    body = service.get(41)
    assert (body["outcome"], body["reason"]) == ("nothing", "refused")


def test_a_refusal_holds_for_its_content_alone(service: Service) -> None:
    service.store.settle("b" * 40, CAT, RefusalState.SHARED, AT)
    assert service.items(1) == [CAT]


def test_a_page_that_is_not_there_is_not_found(service: Service) -> None:
    service.store.save_batch(1, V, [(file_ref(42), Skipped(SkipReason.DELETED))])
    is_problem(service.ask(42), 404, "the wiki has no file M42")
    assert service.store.place(Mid("M42")) is None


def test_a_page_that_was_not_there_is_looked_for_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    unseen = replace(file_ref(42), sha1="", revision=-1)
    service.store.save_batch(1, V, [(unseen, Skipped(SkipReason.DELETED))])
    monkeypatch.setattr(api, "GONE_FOR", timedelta())
    service.ask(5)
    for _ in range(2):
        is_problem(service.ask(42), 404, "the wiki has no file M42")
    assert (service.store.queue_length(), service.store.place(Mid("M42"))) == (2, 2)
    service.suggest(42, CAT)
    assert service.items(42) == [CAT]


def test_what_is_not_there_never_fills_the_queue(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.store.save_batch(1, V, [(file_ref(42), Skipped(SkipReason.DELETED))])
    monkeypatch.setattr(api, "GONE_FOR", timedelta())
    monkeypatch.setattr(api, "LONGEST_QUEUE", 0)
    is_problem(service.ask(42), 404, "the wiki has no file M42")
    assert service.store.queue_length() == 0


def test_who_waits_behind_a_live_worker_asks_again_at_once(service: Service) -> None:
    assert service.ask(50).headers["Retry-After"] == str(IDLE_RETRY)
    service.store.note(WORKER, {}, datetime.now(UTC))
    assert [service.ask(n).headers["Retry-After"] for n in range(50, 50 + SOON)] == ["1"] * SOON
    assert service.ask(50 + SOON).headers["Retry-After"] == "1", "who asks last is first"
    assert service.ask(50).headers["Retry-After"] == "2"
    for seconds in (-11, 11):
        service.store.note(WORKER, {}, datetime.now(UTC) + timedelta(seconds=seconds))
        assert service.ask(50).headers["Retry-After"] == str(IDLE_RETRY)


def test_nobody_is_told_to_wait_longer_than_a_minute() -> None:
    assert retry_after(10_000, working=True) == LONGEST_RETRY
    waits = [retry_after(place, working=True) for place in range(1, 1000)]
    assert waits == sorted(waits) and min(waits) == 1


def test_a_switch_that_nobody_reads_any_more_is_told_to_the_monitor(service: Service) -> None:
    def told() -> object:
        return service.client.get("/healthz").get_json()["switch"]

    assert told() == "on", "no worker was ever there"
    service.store.note(WORKER, {}, AT)
    assert told() == "unread"
    throw(service, Switch(), ago=timedelta(minutes=9))
    assert told() == "on"
    throw(service, Switch(stopped=True))
    assert told() == "stopped"
    throw(service, Switch(), ago=timedelta(minutes=11))
    assert told() == "unread"


class Counting:
    """Notes that count who asks."""

    def __init__(self) -> None:
        self.asked = 0

    def noted(self, name: str) -> Noted | None:
        self.asked += 1
        return None

    def pauses(self) -> Mapping[Qid, object]:
        self.asked += 1
        return {}

    def last_inputs(self, kind: str) -> Mapping[str, object]:
        self.asked += 1
        return {}


def test_the_store_is_asked_every_ten_seconds_at_the_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(switches, "KEPT_SECONDS", KEPT_SECONDS)
    seconds, notes = [0.0], Counting()
    made = Switches(notes, clock=lambda: seconds[0])
    for second, asked in ((0, 4), (5, 4), (9.9, 4), (10, 8), (19, 8), (21, 12)):
        seconds[0] = second
        made.now()
        assert notes.asked == asked
    assert KEPT_SECONDS <= 10


def test_statistics_are_what_a_job_counted(service: Service) -> None:
    is_problem(service.client.get("/api/v1/statistics"), 404, "not-measured")
    service.post(1, service.token(1), {"item": CAT, "verdict": "accepted"})
    counted = service.store.statistics().to_json()
    service.store.note("statistics", counted, AT)
    answer = service.client.get("/api/v1/statistics")
    assert answer.get_json() == counted
    assert answer.get_json()["verdicts"]["accepted"] == 1
    service.store.note("statistics", {"at": "long ago"}, AT)
    is_problem(service.client.get("/api/v1/statistics"), 404, "not-measured")


def test_a_verdict_keeps_the_confidence_that_was_offered(service: Service) -> None:
    sent = {"item": CAT, "verdict": "accepted"}
    refused = service.post(1, service.token(1), {**sent, "confidence": 1.0})
    is_problem(refused, 400, "decisions[0]: unknown key 'confidence'")
    chip = {"item": FELIDAE, "verdict": "too-general"}
    assert service.post(1, service.token(1), sent, chip).status_code == 201
    kept = {d.qid: (d.verdict, d.confidence) for d in service.store.decisions(Mid("M1"))}
    assert kept == {CAT: (Verdict.ACCEPTED, 0.8), FELIDAE: (Verdict.TOO_GENERAL, None)}


def test_silence_stays_silence_whatever_is_paused(service: Service) -> None:
    throw(service, Switch(paused={MAMMAL: "why"}))
    service.store.save_batch(1, V, [(file_ref(43), NothingToSuggest(NothingReason.TOO_GENERAL))])
    assert service.get(43)["reason"] == "too-general"
