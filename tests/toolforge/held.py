"""A client whose every answer is held against the description of the API."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

Json = dict[str, Any]


class Held(FlaskClient):
    """Fails where an answer of the API is not as described."""

    def open(self, *arguments: Any, **named: Any) -> TestResponse:
        """As werkzeug's; the answer is judged on its way back."""
        answer = super().open(*arguments, **named)
        for faults in faults_of(answer):
            raise AssertionError(f"{answer.request.method} {answer.request.path}: {faults}")
        return answer


@cache
def description() -> Json:
    """The description, as it is shipped."""
    text = (files("depicts_toolforge") / "openapi.json").read_text(encoding="utf-8")
    found: Json = json.loads(text)
    return found


def faults_of(answer: TestResponse) -> list[str]:
    """What is not as described; nothing where the address or the method is not described."""
    operation = _operation(answer.request.method, answer.request.path)
    if operation is None:
        return []
    stated = operation["responses"].get(str(answer.status_code))
    if stated is None:
        return [f"status {answer.status_code} is not described"]
    response = _resolved(stated)
    return [*_headers(response, answer), *_body(response, answer)]


def _operation(method: str, path: str) -> Json | None:
    for template, operations in description()["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in operations:
            found: Json = operations[method.lower()]
            return found
    return None


def _resolved(value: Json) -> Json:
    if "$ref" not in value:
        return value
    found: Any = description()
    for part in value["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _resolved(found)


def _headers(response: Json, answer: TestResponse) -> list[str]:
    faults = []
    for name, stated in response.get("headers", {}).items():
        header, value = _resolved(stated), answer.headers.get(name)
        if value is None:
            faults += [f"no header {name}"] if header.get("required") else []
            continue
        typed = int(value) if header["schema"].get("type") == "integer" else value
        faults += [f"{name}: {error.message}" for error in _errors(header["schema"], typed)]
    return faults


def _body(response: Json, answer: TestResponse) -> list[str]:
    contents = response.get("content")
    if contents is None:
        return [] if answer.data == b"" else ["a body where none is described"]
    if answer.mimetype not in contents:
        return [f"{answer.mimetype} is not described"]
    body = json.loads(answer.data)
    return [error.message for error in _errors(contents[answer.mimetype]["schema"], body)]


def _errors(schema: Json, value: Any) -> list[Any]:
    whole = {**schema, "components": description()["components"]}
    return list(Draft202012Validator(whole).iter_errors(value))
