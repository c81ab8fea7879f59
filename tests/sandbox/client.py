"""A small API client for tests: one person with a browser."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Self

import requests

from .loading import item_claim
from .server import EmbeddedWiki

Json = dict[str, Any]


class Person:
    """Somebody at an embedded wiki; nobody in particular until `login`."""

    def __init__(self, wiki: EmbeddedWiki) -> None:
        self.wiki = wiki
        self.http = requests.Session()

    def get(self, **params: Any) -> Any:
        asked = {"format": "json", "formatversion": 2, **params}
        return self.http.get(self.wiki.api, params=asked, timeout=30).json()

    def post(self, **params: Any) -> Any:
        """A request by POST; without ``token`` it brings its own."""
        asked = {"format": "json", "formatversion": 2, "token": self.token("csrf"), **params}
        return self.http.post(self.wiki.api, data=asked, timeout=30).json()

    def token(self, kind: str) -> str:
        got: str = self.get(action="query", meta="tokens", type=kind)["query"]["tokens"][
            f"{kind}token"
        ]
        return got

    def login(self, name: str, password: str | None = None) -> Json:
        """With a bot password (``User@app``), the right one unless told otherwise."""
        told: Json = self.post(
            action="login",
            lgname=name,
            lgtoken=self.token("login"),
            lgpassword=password or self.wiki.state.passwords[name],
        )["login"]
        return told

    def add(self, entity: str, *items: str, **more: Any) -> Any:
        """Depicts statements by ``wbeditentity``."""
        data = {
            "claims": [
                {**item_claim("P180", item), "type": "statement", "rank": "normal"}
                for item in items
            ]
        }
        asked = {"action": "wbeditentity", "id": entity, "data": json.dumps(data)}
        return self.post(**{**asked, **more})

    def depicts(self, entity: str) -> list[str]:
        """The items of the depicts statements, in order."""
        found = self.get(action="wbgetentities", ids=entity)["entities"][entity]
        groups = found.get("statements") or {}
        return [one["mainsnak"]["datavalue"]["value"]["id"] for one in groups.get("P180", [])]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.http.close()
