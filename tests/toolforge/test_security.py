"""The list: CORS, CSRF, headers, path traversal, SSRF by thumbnails, forging, replay, limits."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import product

import pytest
from itsdangerous import URLSafeSerializer

from depicts_model.settings import Settings
from depicts_model.types import Mid, Suggested, Suggestion
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from depicts_toolforge.tokens import LIFE_SECONDS, Tokens
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, ORIGIN, Service, seed
from tests.toolforge.held import Held
from tests.toolforge.test_nonsense import is_problem

READ, WRITE = "/api/v1/files/M1/suggestions", "/api/v1/files/M1/decisions"
KEY = "the key of this very test, and of no other"
PATHS = (READ, WRITE, "/api/v1/items?search=cat", f"/api/v1/items/{CAT}/neighbours",
         "/api/v1/statistics", "/api/v1/openapi.json", "/healthz", "/livez", "/gallery", "/nowhere",
         "/api/v1/files/x/suggestions", "/static/pages.css")  # fmt: skip


@contextmanager
def serving(settings: Settings) -> Iterator[Service]:
    """A service with these settings."""
    app = create_app(settings)
    app.test_client_class = Held
    parts = parts_of(app)
    made = Service(app, app.test_client(), parts.store, parts.catalog)
    try:
        seed(made)
        yield made
    finally:
        parts.close()


# --- CORS ---


FOREIGN = (
    "https://evil.test", "null", f"{ORIGIN}.evil.test", f"{ORIGIN}:444", ORIGIN.upper(),
    ORIGIN.replace("https", "http"), f"{ORIGIN}/", "*", "",
)  # fmt: skip


@pytest.mark.slow
def test_cors_only_pages_of_the_wiki_may_read(service: Service) -> None:
    for path, method in product(PATHS, ("GET", "OPTIONS", "POST")):
        for origin in FOREIGN:
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = service.client.open(path, method=method, headers=asked)
            assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
            assert "Origin" in answer.vary
        ours = service.client.open(path, method=method, headers={"Origin": ORIGIN})
        assert ours.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Access-Control-Allow-Credentials" not in ours.headers


# --- CSRF ---


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_csrf_what_a_form_can_send_is_refused(service: Service, media: str | None) -> None:
    """A form sends three media types without asking; anything else asks first, and is not let."""
    token = service.token(1)
    body = json.dumps({"token": token, "decisions": [{"item": CAT, "verdict": "accepted"}]})
    headers = {"Origin": "https://evil.test", "Cookie": "session=stolen"}
    answer = service.client.post(WRITE, data=body, content_type=media, headers=headers)
    is_problem(answer, 415, "unsupported-media-type")
    assert service.store.decisions(Mid("M1")) == []
    assert "Set-Cookie" not in answer.headers


def test_csrf_no_question_changes_what_people_decided(service: Service) -> None:
    token = service.token(1)
    query = {"token": token, "item": CAT, "verdict": "accepted"}
    assert service.client.get(WRITE, query_string=query).status_code == 405
    assert service.store.counts()["decisions"] == 0


# --- headers ---


def test_headers_every_answer_is_fenced(service: Service) -> None:
    for path in PATHS:
        for method in ("GET", "POST", "BREW"):
            answer = service.client.open(path, method=method, headers={"If-None-Match": "*"})
            headers = answer.headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'") and "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy
            assert headers["Cache-Control"] and "Set-Cookie" not in headers
            assert "Server" not in headers or "Python" not in headers["Server"]


# --- path traversal ---


NAMES = (
    "../app.py", "..%2fapp.py", "%2e%2e/app.py", "..%5capp.py", "....//app.py", "/etc/passwd",
    "%2fetc%2fpasswd", "pages.css/../../app.py", "pages.css%00.svg", "../templates/base.html",
    "../openapi.json", "..%252fapp.py", "\\..\\app.py",
)  # fmt: skip


def test_path_traversal_nothing_but_the_listed_files_is_served(service: Service) -> None:
    for start, name in product(("/static/", "/api/v1/", "/"), NAMES):
        answer = service.client.get(start + name)
        assert answer.status_code in (308, 404), (start, name, answer.text)
        assert "import" not in answer.text and "root:" not in answer.text
    assert service.client.get("/static/pages.css").status_code == 200


# --- SSRF through thumbnails ---


THUMBNAILS = (
    "http://169.254.169.254/latest/meta-data", "http://localhost:1/secret", "http://[::1]/secret",
    "file:///etc/secret", "gopher://127.0.0.1/secret", "//evil.test/secret.jpg",
    "javascript:alert('secret')", "http://127.0.0.1:1@evil.test/secret.jpg",
    "data:image/svg+xml,secret", "http://127.0.0.1:2/secret.jpg", "http://[::1/secret",
)  # fmt: skip


def test_ssrf_the_service_opens_no_connection_and_shows_no_foreign_picture(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, url in enumerate(THUMBNAILS, 60):
        file = replace(file_ref(number), thumb_url=url)
        made = Suggestion(file.mid, CAT, 0.8, ("pixels",), (), (), V)
        service.store.save_batch(1, V, [(file, Suggested((made,)))])

    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert "secret" not in service.client.get("/gallery").text
    for number in range(60, 60 + len(THUMBNAILS)):
        answer = service.ask(number)
        assert answer.status_code == 200 and "secret" not in answer.text


# --- forging ---


def forged(serializer: URLSafeSerializer, **changes: object) -> str:
    payload = {"mid": "M1", "sha1": "a" * 40, "version": V, "items": [CAT, DOG], "key": "k" * 16,
               "expires": int(time.time()) + 60, **changes}  # fmt: skip
    return str(serializer.dumps(list(payload.values())))


def serializer(key: str, salt: str = "suggest-depicts/decisions/1") -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=salt, signer_kwargs={"digest_method": hashlib.sha256})


def test_forging_only_our_key_signs(settings: Settings) -> None:
    with serving(replace(settings, secret_key=KEY)) as service:
        good = service.token(1)
        payload, _, signature = good.rpartition(".")
        longer = forged(serializer(KEY)).rpartition(".")[0]
        tokens = {
            "another key": forged(serializer("x" * 40)),
            "no key": forged(serializer("")),
            "another salt": forged(serializer(KEY, "other")),
            "no digest of ours": forged(URLSafeSerializer(KEY, salt="suggest-depicts/decisions/1")),
            "another payload under our signature": f"{longer}.{signature}",
            "no signature": f"{payload}.",
            "a payload alone": payload,
            "cut": good[:-1],
            "longer": f"{good}A",
            "an array": "[]",
            "half a payload": str(serializer(KEY).dumps(["M1", "a" * 40])),
            "of another shape": str(serializer(KEY).dumps({"mid": "M1"})),
        }
        for what, token in tokens.items():
            answer = service.post(1, token, {"item": CAT, "verdict": "accepted"})
            is_problem(answer, 403, "token-invalid")
            assert service.store.decisions(Mid("M1")) == [], what
        unoffered = service.post(1, good, {"item": DOG, "verdict": "accepted"})
        is_problem(unoffered, 400, "was not offered")
        # the test can fail: the same with our key is taken
        ours = service.post(1, forged(serializer(KEY)), {"item": DOG, "verdict": "accepted"})
        assert ours.status_code == 201


# --- replay ---


def ago(seconds: float) -> float:
    """The time then, in seconds since 1970."""
    return time.time() - seconds


def test_replay_changes_nothing_and_a_late_one_is_refused(settings: Settings) -> None:
    with serving(replace(settings, secret_key=KEY)) as service:
        token, sent = service.token(1), {"item": CAT, "verdict": "rejected", "revision": 9}
        answers = [service.post(1, token, sent) for _ in range(5)]
        assert [one.status_code for one in answers] == [201, 200, 200, 200, 200]
        assert len(service.store.decisions(Mid("M1"))) == 1
        is_problem(service.post(2, token, sent), 403, "token-invalid")
        for age, code in ((LIFE_SECONDS - 60, ""), (LIFE_SECONDS + 1, "token-expired")):
            old = Tokens(KEY, partial(ago, age)).make(Mid("M1"), "a" * 40, V, [CAT])
            answer = service.post(1, old, sent)
            if code:
                is_problem(answer, 403, code)
            else:
                assert answer.status_code == 201
        assert len(service.store.decisions(Mid("M1"))) == 2


# --- limits ---


def test_limits_by_page_whoever_asks(settings: Settings) -> None:
    with serving(replace(settings, page_requests_per_minute=3)) as service:
        for number in range(3):
            told = {"X-Forwarded-For": f"203.0.113.{number}", "Cookie": f"a={number}"}
            assert service.ask(1, **told).status_code == 200
        answer = service.ask(1, **{"X-Forwarded-For": "203.0.113.99"})
        is_problem(answer, 429, "limited")
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
        assert service.ask(2).status_code == 200


def test_a_limit_does_not_last_where_the_clock_is_set_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead, clock = [3600.0], time.time
    monkeypatch.setattr(time, "time", lambda: clock() + ahead[0])
    with serving(replace(settings, page_requests_per_minute=3)) as service:
        assert [service.ask(1).status_code for _ in range(4)] == [200] * 3 + [429]
        ahead[0] = 0.0
        assert [service.ask(1).status_code for _ in range(4)] == [200] * 3 + [429]
        assert 1 <= int(service.ask(1).headers["Retry-After"]) <= 60


def test_limits_strangers_do_not_keep_a_verdict_out(settings: Settings) -> None:
    limited = replace(settings, page_requests_per_minute=5, requests_per_minute=9)
    with serving(limited) as service:
        token, sent = service.token(1), {"item": CAT, "verdict": "accepted"}
        for _ in range(20):
            assert service.post(1, "junk", sent).status_code == 403
        for _ in range(5):
            service.ask(1)
        assert service.post(1, token, sent).status_code == 201


def test_limits_leave_alone_what_a_browser_asks_before_a_verdict(settings: Settings) -> None:
    with serving(replace(settings, requests_per_minute=1, page_requests_per_minute=1)) as service:
        assert [service.ask(1).status_code for _ in range(2)] == [200, 429]
        assert [service.client.options(WRITE).status_code for _ in range(3)] == [204] * 3


def test_limits_hold_for_our_pages_apart_from_the_api(settings: Settings) -> None:
    with serving(replace(settings, requests_per_minute=3)) as service:
        paths = ("/gallery?confidence=1", "/statistics", "/operator", "/files/M1", "/")
        answers = [service.client.get(path) for path in paths]
        assert [one.status_code for one in answers] == [200] * 3 + [429] * 2
        assert answers[-1].mimetype == "text/html"
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        assert service.client.get("/static/pages.css").status_code == 200
        assert service.ask(1).status_code == 200
        assert service.client.get("/healthz").status_code == 200


def test_limits_by_token_and_not_for_who_has_another(settings: Settings) -> None:
    with serving(replace(settings, token_requests_per_minute=2)) as service:
        tokens, sent = [service.token(1) for _ in range(2)], {"item": CAT, "verdict": "accepted"}
        statuses = [service.post(1, tokens[0], sent).status_code for _ in range(4)]
        assert statuses == [201, 200, 429, 429]
        assert service.post(1, tokens[1], sent).status_code == 201


def test_limits_have_a_ceiling_that_leaves_the_monitor_alone(settings: Settings) -> None:
    with serving(replace(settings, requests_per_minute=12)) as service:
        statuses = [service.ask(number).status_code for number in range(100, 114)]
        assert statuses == [202] * 12 + [429] * 2
        is_problem(service.client.get("/api/v1/items?search=cat"), 429, "limited")
        for path in ("/healthz", "/livez"):
            assert service.client.get(path).status_code == 200
        assert service.store.queue_length() == 12
