"""What goes with every answer: headers, who may read it from a page, and one line in the log."""

from __future__ import annotations

import time
from collections.abc import Collection
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, request

from depicts_toolforge import logs

_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
_PAGE_POLICY: Final = (
    "default-src 'none'; img-src 'self' {images}; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_PAGE: Final = "text/html"
_HEADERS: Final = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SHARED: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, If-None-Match",
    "Access-Control-Expose-Headers": "Decision-Token, ETag, Retry-After",
    "Access-Control-Max-Age": "86400",
}
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def install(app: Flask, origins: frozenset[str], images: Collection[str]) -> None:
    """Add the headers, let pages of these origins read, and log what was answered.

    ``images``: the origins whose pictures our own pages may show.
    """
    page_policy = _PAGE_POLICY.format(images=" ".join(images))

    def start() -> None:
        g.started = time.perf_counter()

    def finish(response: Response) -> Response:
        if request.method == "OPTIONS" and response.status_code == HTTPStatus.OK:
            _empty(response)
        response.headers.update(_HEADERS)
        response.vary.add("Origin")
        is_page = response.mimetype == _PAGE
        response.headers.setdefault("Content-Security-Policy", page_policy if is_page else _POLICY)
        # what may be kept says so itself
        response.headers.setdefault("Cache-Control", "no-store")
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers.update(_SHARED)
            response.headers["Access-Control-Allow-Origin"] = origin
        _log(app, response.status_code)
        return response

    app.before_request(start)
    app.after_request(finish)


def _empty(response: Response) -> None:
    """What may be asked is said by headers: there is no body, and so no type of one."""
    response.status_code = HTTPStatus.NO_CONTENT
    response.headers.pop("Content-Type", None)


def _log(app: Flask, status: int) -> None:
    """Method, route, status, milliseconds: no address, and no path, which a reader chose."""
    route = request.url_rule.rule if request.url_rule else "(no route)"
    method = request.method if request.method in _METHODS else "(method)"
    took = round((time.perf_counter() - g.started) * 1000, 1)
    said = f"{method} {route} {status} {took:.0f} ms"
    logs.tell(app.logger, said, method=method, route=route, status=status, ms=took)
