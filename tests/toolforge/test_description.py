"""The description of the API is a valid one, is served, and describes what there is."""

from __future__ import annotations

import json

import pytest
from flask import Flask, Response, jsonify
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from depicts_model.types import NothingReason, SkipReason, Verdict
from depicts_toolforge.answers import NO_LABEL, PAUSED, REFUSED
from depicts_toolforge.asked import MOST_FOUND, MOST_ITEMS
from depicts_toolforge.items import MOST_NEIGHBOURS
from tests.toolforge.conftest import Service
from tests.toolforge.held import Held, description


def test_it_is_valid_and_served_as_shipped(service: Service) -> None:
    answer = service.client.get("/api/v1/openapi.json")
    assert answer.get_json() == description()
    assert description()["openapi"].startswith("3.1.")
    validate(description(), cls=OpenAPIV31SpecValidator)


def test_every_endpoint_is_described_and_every_described_one_exists(service: Service) -> None:
    rules = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in service.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method) for path, methods in description()["paths"].items() for method in methods
    }
    assert rules == described


def test_its_words_and_numbers_are_those_of_the_code() -> None:
    schemas = description()["components"]["schemas"]
    reasons = {*NothingReason, NO_LABEL, REFUSED, PAUSED}
    assert set(schemas["Nothing"]["properties"]["reason"]["enum"]) == reasons
    # a page that is gone is a 404
    skipped = set(SkipReason) - {SkipReason.DELETED}
    assert set(schemas["Skipped"]["properties"]["reason"]["enum"]) == skipped
    assert schemas["Verdict"]["enum"] == list(Verdict)
    assert schemas["Neighbours"]["properties"]["more_general"]["maxItems"] == MOST_NEIGHBOURS
    assert schemas["Found"]["properties"]["items"]["maxItems"] == MOST_FOUND
    have = description()["components"]["parameters"]["have"]["schema"]
    assert f"{{0,{MOST_ITEMS - 1}}}" in have["pattern"]


GOOD: dict[str, object] = {
    "mid": "M1", "title": "File:A.jpg", "sha1": None, "revision": 7, "model_version": "v",
    "outcome": "nothing", "reason": "not-sure", "suggestions": [],
}  # fmt: skip
TAG = {"ETag": 'W/"0a"', "Cache-Control": "private, no-cache"}
UNLIKE: dict[str, tuple[object, int, dict[str, str], str]] = {
    "as described": (GOOD, 200, TAG, ""),
    "another status": (GOOD, 206, TAG, "206 is not described"),
    "no ETag": (GOOD, 200, {"Cache-Control": "private, no-cache"}, "no header ETag"),
    "kept by all": (GOOD, 200, {**TAG, "Cache-Control": "public"}, "Cache-Control"),
    "a token inside": ({**GOOD, "token": "t"}, 200, TAG, "not valid under any"),
    "an invented reason": ({**GOOD, "reason": "why not"}, 200, TAG, "not valid under any"),
    "half a pending": ({"mid": "M1"}, 202, {"Retry-After": "1"}, "required property"),
    "retry at once": (
        {"mid": "M1", "outcome": "pending", "position": 1}, 202, {"Retry-After": "0"}, "minimum",
    ),
    "a plain problem": ({"code": "x"}, 404, {}, "application/json is not described"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNLIKE)
def test_an_answer_that_is_not_as_described_is_found(case: str) -> None:
    body, status, headers, fault = UNLIKE[case]
    app = Flask("a service that errs")
    app.test_client_class = Held

    @app.get("/api/v1/files/M1/suggestions")
    def answered() -> Response:
        response = jsonify(body)
        response.status_code = status
        response.headers.update(headers)
        return response

    if not fault:
        assert json.loads(app.test_client().get("/api/v1/files/M1/suggestions").data) == body
        return
    with pytest.raises(AssertionError, match=fault):
        app.test_client().get("/api/v1/files/M1/suggestions")
