"""What goes with every answer: ETags, compression, sizes, one line of JSON in the log."""

from __future__ import annotations

import gzip
import io
import json
import logging
from pathlib import Path

import pytest

from depicts_toolforge.logs import JsonLines, tell
from depicts_toolforge.sizes import LARGEST_HEADERS
from tests.toolforge.conftest import CAT, DOG, MAMMAL, ORIGIN, Service
from tests.toolforge.test_nonsense import is_problem

ROOT = Path(__file__).parents[2]
SUGGESTIONS = "/api/v1/files/M1/suggestions"


def test_who_has_the_body_gets_a_new_token_and_no_body(service: Service) -> None:
    first = service.ask(1, "lang=en")
    again = service.ask(1, "lang=en", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    tokens = [one.headers["Decision-Token"] for one in (first, again)]
    assert tokens[0] != tokens[1]
    sent = {"item": CAT, "verdict": "accepted"}
    assert [service.post(1, token, sent).status_code for token in tokens] == [201, 201]


def test_another_body_has_another_tag(service: Service) -> None:
    tag = service.ask(1).headers["ETag"]
    assert service.ask(1, f"have={MAMMAL}", **{"If-None-Match": tag}).status_code == 200
    service.suggest(1, CAT)
    assert service.ask(1, **{"If-None-Match": tag}).status_code == 304, "nothing is new"
    assert service.ask(1, **{"If-None-Match": '"other"'}).status_code == 200


def test_no_cache_between_keeps_a_token(service: Service) -> None:
    assert service.ask(1).headers["Cache-Control"] == "private, no-cache"
    assert service.ask(5).headers["Cache-Control"] == "no-store"


def test_a_page_of_the_wiki_may_read_token_and_tag(service: Service) -> None:
    exposed = service.ask(1, Origin=ORIGIN).headers["Access-Control-Expose-Headers"]
    assert exposed.split(", ") == ["Decision-Token", "ETag", "Retry-After"]


def test_what_is_large_is_sent_as_gzip_to_whoever_takes_it(service: Service) -> None:
    plain = service.client.get("/gallery")
    packed = service.client.get("/gallery", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    for answer in (plain, packed):
        assert {"Origin", "Accept-Encoding"} <= set(answer.vary)
    assert "Content-Encoding" not in plain.headers
    tag = service.client.get("/api/v1/openapi.json").headers["ETag"]
    headers = {"Accept-Encoding": "gzip", "If-None-Match": tag}
    assert service.client.get("/api/v1/openapi.json", headers=headers).status_code == 304


def test_headers_that_are_too_large_are_refused(service: Service) -> None:
    answer = service.ask(1, **{"X-Long": "a" * LARGEST_HEADERS})
    is_problem(answer, 431, "headers-too-large")
    assert service.ask(1, **{"X-Long": "a" * (LARGEST_HEADERS // 2)}).status_code == 200


def test_five_hundred_items_fit_into_a_line_of_gunicorn(service: Service) -> None:
    items = "%7C".join(f"Q{n}" for n in range(130_000_000, 130_000_500))
    path = f"{SUGGESTIONS}?lang=de-formal&have={items}"
    assert service.client.get(path).status_code == 200
    values: dict[str, object] = {}
    exec((ROOT / "gunicorn.conf.py").read_text(encoding="utf-8"), values)
    assert isinstance(values["limit_request_line"], int)
    assert len(f"GET {path} HTTP/1.1") < values["limit_request_line"]


def test_every_request_is_one_line_of_json(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    (handler,) = service.app.logger.handlers
    assert isinstance(handler, logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", stream)
    for path in (f"{SUGGESTIONS}?have={DOG}", "/Alice", "/healthz"):
        service.client.get(path)
    service.client.open("/healthz", method="BREW")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    asked = [(line["method"], line["route"], line["status"]) for line in lines]
    assert asked == [
        ("GET", "/api/v1/files/<mid>/suggestions", 200),
        ("GET", "(no route)", 404),
        ("GET", "/healthz", 200),
        ("(method)", "(no route)", 405),
    ]
    for line in lines:
        assert set(line) == {"at", "level", "method", "route", "status", "ms"}
        assert line["level"] == "info" and line["ms"] >= 0


def test_a_fault_is_one_line_too() -> None:
    stream = io.StringIO()
    logger, handler = logging.Logger("of this test"), logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger.addHandler(handler)
    try:
        raise ValueError("first\nsecond")
    except ValueError as error:
        logger.error("un%s", "expected", exc_info=error)
    tell(logger, "said", key="line\nbreak")
    fault, told = map(json.loads, stream.getvalue().splitlines())
    assert (fault["level"], fault["message"]) == ("error", "unexpected")
    assert fault["fault"].endswith("ValueError: first\nsecond")
    assert told["key"] == "line\nbreak" and "message" not in told
