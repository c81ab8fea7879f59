"""Bad input, one row a case: one clear answer, no traceback, nothing stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from depicts_model.settings import Settings
from depicts_model.types import Mid
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from depicts_toolforge.problems import Problem
from depicts_toolforge.tokens import LIFE_SECONDS, Tokens
from tests.model.store.values import V
from tests.toolforge.conftest import CAT, DOG, UNKNOWN, Service

READ, WRITE = "/api/v1/files/M1/suggestions", "/api/v1/files/M1/decisions"
SEARCH = "/api/v1/items"
M1 = Mid("M1")

GETS: dict[str, tuple[str, int, str]] = {
    "no page": ("/files", 404, "not-found"),
    "no endpoint": ("/api/v1/files/M1/suggestion", 404, "not-found"),
    "an older api": ("/api/v0/files/M1/suggestions", 404, "not-found"),
    "a title": ("/api/v1/files/Cat.jpg/suggestions", 400, "not a MediaInfo id: 'Cat.jpg'"),
    "an item": ("/api/v1/files/Q146/suggestions", 400, "not a MediaInfo id"),
    "zero": ("/api/v1/files/M0/suggestions", 400, "not a MediaInfo id"),
    "leading zero": ("/api/v1/files/M01/suggestions", 400, "not a MediaInfo id"),
    "huge": (f"/api/v1/files/M{'9' * 500}/suggestions", 400, "not a MediaInfo id"),
    "a line break": ("/api/v1/files/M1%0A/suggestions", 400, "not a MediaInfo id"),
    "other digits": ("/api/v1/files/M%D9%A1/suggestions", 400, "not a MediaInfo id"),
    "broken utf-8": ("/api/v1/files/M%ff/suggestions", 400, "not a MediaInfo id"),
    "markup": ("/api/v1/files/<script>/suggestions", 400, "not a MediaInfo id"),
    "language": (f"{READ}?lang=Deutsch!", 400, "lang: not a language code: 'Deutsch!'"),
    "empty language": (f"{READ}?lang=", 400, "lang: not a language code"),
    "long language": (f"{READ}?lang={'a' * 7000}", 400, "lang: not a language code"),
    "long query": (f"{READ}?lang={'a' * 9000}", 414, "query: 9005 bytes, more than 8000"),
    "two languages": (f"{READ}?lang=de&lang=fr", 400, "lang is given 2 times"),
    "have": (f"{READ}?have=Q1|cat", 400, "have: not an item id: 'cat'"),
    "have, commas": (f"{READ}?have=Q1,Q2", 400, "have: not an item id"),
    "have, a gap": (f"{READ}?have=Q1||Q2", 400, "have: not an item id: ''"),
    "have, too many": (f"{READ}?have={'|'.join(['Q1'] * 501)}", 400, "501 items, more than 500"),
    "content": (f"{READ}?sha1=abc", 400, "sha1: must be 40 hexadecimal digits, not 'abc'"),
    "no content": (f"{READ}?sha1=", 400, "sha1: must be 40 hexadecimal digits, not ''"),
    "two contents": (f"{READ}?sha1=a&sha1=b", 400, "sha1 is given 2 times"),
    "content of neighbours": (
        f"/api/v1/items/{CAT}/neighbours?sha1={'a' * 40}",
        400,
        "unknown key 'sha1'",
    ),
    "misspelt key": (f"{READ}?haev=Q146", 400, "unknown key 'haev'; the nearest one is 'have'"),
    "health, misspelt": ("/health", 404, "not-found"),
    "around no item": ("/api/v1/items/cat/neighbours", 400, "not an item id: 'cat'"),
    "around the unknown": (f"/api/v1/items/{UNKNOWN}/neighbours", 404, "unknown-item"),
    "no words": (f"{SEARCH}?search=", 400, "search: must have 1 to 100 characters, not 0"),
    "blanks": (f"{SEARCH}?search=%20%09", 400, "1 to 100 characters, not 0"),
    "a novel": (f"{SEARCH}?search={'a' * 101}", 400, "1 to 100 characters, not 101"),
    "search, misspelt": (f"{SEARCH}?serach=cat", 400, "the nearest one is 'search'"),
    "none at all": (f"{SEARCH}?search=cat&limit=0", 400, "limit: must be a number from 1 to 50"),
    "too many at once": (f"{SEARCH}?search=cat&limit=51", 400, "limit: must be a number from 1"),
    "limit, other digits": (f"{SEARCH}?search=cat&limit=%D9%A3", 400, "limit: must be a number"),
    "nothing was counted": ("/api/v1/statistics", 404, "not-measured"),
    "statistics of a class": ("/api/v1/statistics?item=Q146", 400, "query: unknown key 'item'"),
}
METHODS = {
    "posting suggestions": ("POST", READ),
    "getting decisions": ("GET", WRITE),
    "deleting": ("DELETE", WRITE),
    "an invented method": ("BREW", READ),
    "posting health": ("POST", "/healthz"),
}


def is_problem(answer: TestResponse, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = json.loads(answer.text)
    assert body["status"] == status
    assert {"type", "title", "detail", "code"} <= set(body)
    assert words in body["detail"] or words == body["code"], body
    assert len(body["detail"]) < 300 and "Traceback" not in body["detail"]


@pytest.mark.parametrize("case", GETS)
def test_a_question_that_makes_no_sense(service: Service, case: str) -> None:
    path, status, words = GETS[case]
    is_problem(service.client.get(path), status, words)
    assert service.store.counts()["requests"] == 0


@pytest.mark.parametrize("case", METHODS)
def test_a_method_that_is_not_for_this(service: Service, case: str) -> None:
    method, path = METHODS[case]
    answer = service.client.open(path, method=method)
    is_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"]


def good(token: str) -> dict[str, object]:
    return {"token": token, "decisions": [{"item": CAT, "verdict": "accepted"}]}


def with_one(**changed: object) -> Callable[[str], bytes]:
    one = {"item": CAT, "verdict": "accepted", **changed}
    return lambda token: json.dumps({"token": token, "decisions": [one]}).encode()


def with_body(**changed: object) -> Callable[[str], bytes]:
    return lambda token: json.dumps({**good(token), **changed}).encode()


def raw(body: bytes) -> Callable[[str], bytes]:
    return lambda token: body


BODIES: dict[str, tuple[Callable[[str], bytes], int, str]] = {
    "nothing": (raw(b""), 400, "body: not JSON"),
    "not JSON": (raw(b"{'token'"), 400, "body: not JSON"),
    "not UTF-8": (raw(b'{"token": "\xff\xfe"}'), 400, "body: not JSON"),
    "deep": (raw(b"[" * 60_000), 400, "body: not JSON"),
    "a long number": (raw(b"9" * 60_000), 400, "body: not JSON"),
    "a list": (raw(b"[]"), 400, "body: must be an object"),
    "null": (raw(b"null"), 400, "body: must be an object, not None"),
    "too large": (raw(b" " * (64 * 1024 + 1)), 413, "request-entity-too-large"),
    "no token": (with_body(token=None), 400, "token must be a text"),
    "a user name": (with_body(user="Alice"), 400, "body: unknown key 'user'"),
    "no decisions": (with_body(decisions=[]), 400, "decisions must be a list"),
    "decisions, a text": (with_body(decisions="yes"), 400, "decisions must be a list"),
    "a decision, a text": (with_body(decisions=["yes"]), 400, "decisions[0]: must be an object"),
    "unknown key": (with_one(verdit="x"), 400, "unknown key 'verdit'; the nearest one is 'ver"),
    "not offered": (with_one(item=DOG), 400, f"item '{DOG}' was not offered"),
    "item, a number": (with_one(item=146), 400, "item 146 was not offered"),
    "item, a list": (with_one(item=[CAT]), 400, "was not offered"),
    "item, surrogates": (with_one(item="\ud800"), 400, "was not offered"),
    "unknown verdict": (
        with_one(verdict="maybe"),
        400,
        "one of accepted, rejected, too-general, too-specific, skipped, not-shown, not 'maybe'",
    ),
    "verdict, a list": (with_one(verdict=[]), 400, "verdict must be one of"),
    "revision, a text": (with_one(revision="7"), 400, "decisions[0]: revision must be the id"),
    "revision, true": (with_one(revision=True), 400, "revision must be the id"),
    "revision, zero": (with_one(revision=0), 400, "revision must be the id"),
    "revision, huge": (with_one(revision=10**30), 400, "revision must be the id"),
    "twice": (with_body(decisions=[{"item": CAT, "verdict": "skipped"}] * 2), 400, "named twice"),
    "foreign token": (raw(json.dumps(good("a.b.c")).encode()), 403, "token-invalid"),
    "empty token": (raw(json.dumps(good("")).encode()), 403, "token-invalid"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", BODIES)
def test_decisions_that_make_no_sense(service: Service, case: str) -> None:
    make, status, words = BODIES[case]
    body = make(service.token(1))
    answer = service.client.post(WRITE, data=body, content_type="application/json")
    is_problem(answer, status, words)
    assert service.store.counts()["decisions"] == 0


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp"]
)
def test_another_media_type_is_refused(service: Service, media: str) -> None:
    body = json.dumps(good(service.token(1)))
    is_problem(service.client.post(WRITE, data=body, content_type=media), 415, media)
    assert service.store.counts()["decisions"] == 0


def test_one_bad_decision_stores_none_of_the_request(service: Service) -> None:
    answer = service.post(
        1,
        service.token(1),
        {"item": CAT, "verdict": "accepted"},
        {"item": "dog", "verdict": "accepted"},
    )
    is_problem(answer, 400, "decisions[1]: item 'dog' was not offered")
    assert service.store.counts()["decisions"] == 0


def test_a_token_serves_its_own_file_alone(service: Service) -> None:
    service.suggest(9, CAT)
    answer = service.post(9, service.token(1), {"item": CAT, "verdict": "accepted"})
    is_problem(answer, 403, "the token is for M1, not for M9")


def test_an_altered_token_is_refused(service: Service) -> None:
    token = service.token(1)
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    altered = token[:middle] + other + token[middle + 1 :]
    answer = service.post(1, altered, {"item": CAT, "verdict": "accepted"})
    is_problem(answer, 403, "token-invalid")


def test_a_token_of_last_week_is_refused_by_its_name(settings: Settings) -> None:
    key = "k" * 40
    app = create_app(
        Settings(wiki_api=settings.wiki_api, database_url=settings.database_url, secret_key=key)
    )
    token = Tokens(key, clock=lambda: 1.0).make(M1, "a" * 40, V, [CAT])
    answer = app.test_client().post(WRITE, json=good(token))
    is_problem(answer, 403, "token-expired")
    parts_of(app).close()


def test_a_token_lasts_seven_days_to_the_second() -> None:
    now = [0.0]
    tokens = Tokens("k" * 40, clock=lambda: now[0])
    token = tokens.make(M1, "a" * 40, V, [CAT])
    now[0] = LIFE_SECONDS - 1
    assert tokens.read(token, M1).items == (CAT,)
    now[0] = LIFE_SECONDS
    with pytest.raises(Problem, match="expired"):
        tokens.read(token, M1)


def test_a_store_that_is_gone_is_said_and_shown_as_nothing_else(
    service: Service, tmp_path: Path
) -> None:
    token = service.token(1)
    service.store.close()
    for path in tmp_path.glob("web.sqlite*"):
        path.write_bytes(b"overwritten by somebody" * 400)
    answers = [
        service.client.get("/healthz"),
        service.client.get(READ),
        service.client.post(WRITE, json=good(token)),
    ]
    for answer in answers:
        is_problem(answer, 503, "unavailable")
        assert str(tmp_path) not in answer.text
        assert int(answer.headers["Retry-After"]) > 0
    # or Toolforge would end a process that lives, and could not start it again
    assert service.client.get("/livez").get_json() == {"status": "alive"}


def test_a_fault_of_ours_shows_no_traceback(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(service.catalog.__class__, "item", fail)
    answer = service.client.get(READ)
    is_problem(answer, 500, "internal-error")
    assert "secret detail" not in answer.text


def place_of(service: Service, number: int) -> int:
    answer = service.client.get(f"/api/v1/files/M{number}/suggestions")
    assert answer.status_code == 202, answer.text
    return int(answer.get_json()["position"])


@pytest.mark.slow
def test_who_still_waits_comes_before_a_crowd_of_invented_files(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("depicts_toolforge.api.LONGEST_QUEUE", 20)
    assert [place_of(service, number) for number in range(100, 130)] == [1] * 30
    assert service.store.queue_length() == 20, "the last were forgotten"
    assert place_of(service, 50) == 1
    assert [place_of(service, number) for number in range(200, 210)] == [1] * 10
    assert place_of(service, 50) == 11, "asked a moment ago"
    monkeypatch.setattr("depicts_toolforge.api.RENEWED", timedelta())
    assert place_of(service, 50) == 1
    (first,) = service.store.take_requests(1, datetime.now(UTC), timedelta(minutes=1))
    assert first == ("M50", 1)
    assert [place_of(service, number) for number in range(300, 330)] == [1] * 30
    assert place_of(service, 50) == 1, "forgotten, and asked for anew"
    assert service.store.queue_length() == 20
