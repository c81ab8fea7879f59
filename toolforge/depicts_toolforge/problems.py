"""Problems as RFC 9457 says them: one JSON shape for whatever went wrong.

A person who reads a page is told the same on a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from depicts_model.errors import ArtefactError, DepictsError, StoreError

MEDIA_TYPE: Final = "application/problem+json"
PAGE: Final = "text/html"
PAGES: Final = "pages"
"""The blueprint whose readers are persons."""
RETRY_SECONDS: Final = 30
"""When to come back while the store does not answer."""
_KEPT_HEADERS: Final = ("Allow", "Retry-After")


class Problem(DepictsError):  # noqa: N818 - the word of RFC 9457
    """An answer that is not what was asked for.

    ``code`` is a word for programs, ``detail`` a sentence for people, ``status`` that of HTTP.
    """

    def __init__(self, status: int, code: str, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.retry_after = retry_after


def bad_request(detail: str) -> Problem:
    """The caller's words make no sense; ``detail`` says which."""
    return Problem(HTTPStatus.BAD_REQUEST, "bad-request", detail)


def install(app: Flask) -> None:
    """Make every failure of this app a problem."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(StoreError, _unavailable)
    app.register_error_handler(ArtefactError, _unavailable)
    app.register_error_handler(Exception, _unexpected)


def _problem(error: Problem) -> Response:
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return _response(error.status, error.code, str(error), headers)


def _http(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    found = error.get_response().headers
    headers = {name: found[name] for name in _KEPT_HEADERS if name in found}
    # not Python's phrase, which changed for 413 between its versions
    code = error.name.lower().replace(" ", "-")
    return _response(status, code, error.description or error.name, headers)


def _unavailable(error: DepictsError) -> Response:
    """The log says where; the reader learns only that it is us."""
    current_app.logger.error("unavailable: %s", error)
    detail = "the service cannot reach its data at the moment"
    headers = {"Retry-After": str(RETRY_SECONDS)}
    return _response(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, headers)


def _unexpected(error: Exception) -> Response:
    current_app.logger.error("unexpected", exc_info=error)
    detail = "a fault of the service, recorded in its log"
    return _response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail, {})


def _response(status: int, code: str, detail: str, headers: Mapping[str, str]) -> Response:
    made = _page if _for_a_person() else _json
    response = made(int(status), code, detail)
    response.status_code = int(status)
    response.headers.extend(headers)
    return response


def _for_a_person() -> bool:
    """Whether a page was asked for: one of ours, or, where nothing is, by what is accepted."""
    if request.blueprint or request.path.startswith("/api/"):
        return request.blueprint == PAGES
    return request.accept_mimetypes.best_match((MEDIA_TYPE, PAGE)) == PAGE


def _json(status: int, code: str, detail: str) -> Response:
    title, kind = HTTPStatus(status).phrase, f"urn:suggest-depicts:problem:{code}"
    response = jsonify(type=kind, title=title, status=status, detail=detail, code=code)
    response.mimetype = MEDIA_TYPE
    return response


def _page(status: int, code: str, detail: str) -> Response:
    return make_response(render_template("problem.html", status=status, code=code, detail=detail))
