"""The outer form of answers: errors, warnings, and how formatversion 1 differs from 2."""

from __future__ import annotations

from typing import Any

from ..errors import ApiError, Message
from .call import Call

Json = dict[str, Any]

_KEPT = ("variantarticlepath",)
"""What says false in both format versions: a path or its absence, not a flag."""
_NOTICE = (
    "Subscribe to the mediawiki-api-announce mailing list at "
    "&lt;https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/"
    "&gt; for notice of API deprecations and breaking changes."
)


def documentation(call: Call) -> str:
    """The line that every error ends with."""
    return f"See {call.own}/w/api.php for API usage. {_NOTICE}"


def finished(call: Call, body: Json) -> Json:
    """An answer as it leaves: with warnings, in the format version that was asked for."""
    warnings = _warnings(call)
    if warnings:
        body = {**body, "warnings": {**warnings, **body.get("warnings", {})}}
    return body if call.v2 else legacy(body)


def failure(call: Call, error: ApiError) -> Json:
    """The body that tells an error, in the error format that was asked for."""
    if call.get("errorformat", "bc") != "bc":
        return _modern_failure(call, error)
    told: Json = {"code": error.code, "info": error.info, **error.extra}
    if error.messages:
        told["messages"] = [_message(call, one) for one in error.messages]
    if error.trace:
        told["trace" if call.v2 else "*"] = error.trace
    else:
        told["docref" if call.v2 else "*"] = documentation(call)
    return {"error": told}


def _modern_failure(call: Call, error: ApiError) -> Json:
    data: Json = dict(error.extra)
    if error.messages:
        data["messages"] = [_message(call, one) for one in error.messages]
    told: Json = {"code": error.code, _text_key(call): error.info, "module": "main"}
    if data:
        told["data"] = data
    return {"errors": [told], "docref" if call.v2 else "*": documentation(call)}


def _text_key(call: Call) -> str:
    name = "html" if call.get("errorformat") in ("html", "wikitext") else "text"
    return name if call.v2 else "*"


def _warnings(call: Call) -> Json:
    key = "warnings" if call.v2 else "*"
    told: Json = {module: {key: "\n".join(texts)} for module, texts in call.warnings.items()}
    for module, messages in call.messages.items():
        rows = [_message(call, one) | {"type": "warning"} for one in messages]
        told.setdefault(module, {})["messages"] = rows
    return told


def _message(call: Call, message: Message) -> Json:
    html: Any = message.html if call.v2 else {"*": message.html}
    return {"name": message.name, "parameters": list(message.parameters), "html": html}


def legacy(value: Any) -> Any:
    """Formatversion 1: a true flag is an empty string, a false one is not there."""
    if isinstance(value, dict):
        return {
            key: one if key in _KEPT else legacy(one)
            for key, one in value.items()
            if one is not False or key in _KEPT
        }
    if isinstance(value, list):
        return [legacy(one) for one in value]
    return "" if value is True else value
