"""How large a request may be, and that answers are sent small."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from flask import Flask, request
from flask_compress import Compress
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from depicts_toolforge.problems import Problem, bad_request

LARGEST_BODY: Final = 64 * 1024
"""Bytes that a request may carry."""
LONGEST_QUERY: Final = 8_000
"""Bytes after the question mark: room for as many items as ``have`` may name, and a language."""
LARGEST_HEADERS: Final = 16 * 1024
"""Bytes of names and values of all headers; gunicorn bounds their number, and each of them."""
_COMPRESSED: Final = ["application/json", "text/html", "text/css", "image/svg+xml"]


def install(app: Flask) -> None:
    """Refuse what is too large, and compress what is not small. Zip knows no secret of ours: a
    token travels in a header.
    """
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["COMPRESS_ALGORITHM"] = ["gzip"]
    app.config["COMPRESS_MIMETYPES"] = _COMPRESSED
    # the views that have an ETag answer conditional requests themselves
    app.config["COMPRESS_EVALUATE_CONDITIONAL_REQUEST"] = False
    app.before_request(check)
    Compress(app)


def body() -> bytes:
    """The body of the request; a Problem where it cannot be read.

    Chunks that are none are found out only now, and each server has errors of its own for them;
    of more chunks than may be sent only so much is read.
    """
    try:
        sent = request.get_data()
    except HTTPException:
        raise
    except Exception as error:
        raise bad_request("body: not sent as HTTP wants it") from error
    if request.content_length is None and len(sent) >= LARGEST_BODY:
        raise RequestEntityTooLarge
    return sent


def check() -> None:
    """A Problem 414 or 431 where the query string or the headers are too long."""
    query = len(request.query_string)
    if query > LONGEST_QUERY:
        detail = f"query: {query} bytes, more than {LONGEST_QUERY}"
        raise Problem(HTTPStatus.REQUEST_URI_TOO_LONG, "query-too-long", detail)
    headers = sum(len(name) + len(value) for name, value in request.headers)
    if headers > LARGEST_HEADERS:
        detail = f"headers: {headers} bytes, more than {LARGEST_HEADERS}"
        raise Problem(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "headers-too-large", detail)
