"""What goes with every answer: headers, who may read it from a page, and one line in the log."""

from __future__ import annotations

import time
from typing import Final

from flask import Flask, Response, g, request

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SHARED: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "86400",
}
_METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


def install(app: Flask, origins: frozenset[str]) -> None:
    """Add the headers, let pages of these origins read, and log what was answered."""

    def start() -> None:
        g.started = time.perf_counter()

    def finish(response: Response) -> Response:
        response.headers.update(_HEADERS)
        origin = request.headers.get("Origin")
        if origin in origins:
            response.headers.update(_SHARED)
            response.headers["Access-Control-Allow-Origin"] = origin
        app.logger.info(_line(response.status_code))
        return response

    app.before_request(start)
    app.after_request(finish)


def _line(status: int) -> str:
    """Method, route, status, milliseconds: no address, and no path, which a reader chose."""
    route = request.url_rule.rule if request.url_rule else "(no route)"
    method = request.method if request.method in _METHODS else "(method)"
    took = (time.perf_counter() - g.started) * 1000
    return f"{method} {route} {status} {took:.0f} ms"
