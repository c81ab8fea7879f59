"""The real MediaWiki as the proxy speaks to it: one connection a request, nothing decoded."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]
Headers = list[tuple[str, str]]

SECONDS = 60
OF_ONE_HOP = frozenset({
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
"""Headers that are between two neighbours, and not handed on."""


@dataclass(slots=True)
class Answer:
    """What MediaWiki answered; ``body`` is as it came, compressed or not."""

    status: int
    headers: Headers
    body: bytes

    def header(self, name: str) -> str:
        """A header's value; '' for none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Upstream:
    """A MediaWiki at a port of this machine, whose own address is ``host`` (the proxy's)."""

    def __init__(self, address: tuple[str, int], host: str) -> None:
        self._address = address
        self._host = host

    def send(
        self, method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes
    ) -> Answer:
        """Hand a request on; a redirect is an answer like any other.

        Raises:
            OSError: nobody answers there.
        """
        connection = http.client.HTTPConnection(*self._address, timeout=SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in _with_host(headers, self._host, len(body)):
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, _kept(answer.getheaders()), answer.read())
        finally:
            connection.close()

    def ask(self, cookie: str, **params: Any) -> Json:
        """The API's answer to whoever these cookies stand for, errors among them."""
        asked = {"format": "json", "formatversion": 2, **params}
        headers = [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded")]
        answer = self.send("POST", "/w/api.php", headers, urlencode(asked).encode())
        told: Json = json.loads(answer.body)
        return told


def _with_host(headers: Iterable[tuple[str, str]], host: str, length: int) -> Headers:
    ours = {"host", "content-length", *OF_ONE_HOP}
    kept = [(name, value) for name, value in headers if name.lower() not in ours]
    size = [("Content-Length", str(length))] if length else []
    return [("Host", host), *kept, *size, ("Connection", "close")]


def _kept(headers: Headers) -> Headers:
    # our own server sends its own date
    left_out = {"host", "date", "content-length", *OF_ONE_HOP}
    return [(name, value) for name, value in headers if name.lower() not in left_out]
