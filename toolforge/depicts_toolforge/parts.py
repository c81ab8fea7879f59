"""What a running service holds, made once by ``create_app``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Flask, current_app

from depicts_model.catalog import Catalog
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_toolforge.catalogs import Catalogs
from depicts_toolforge.counting import Counts
from depicts_toolforge.limiting import Limiter
from depicts_toolforge.lists import Lists
from depicts_toolforge.switches import Switches
from depicts_toolforge.tokens import Tokens

_NAME: Final = "suggest-depicts"


@dataclass(frozen=True, slots=True)
class Parts:
    """The settings and the open resources of one app."""

    settings: Settings
    store: Store
    catalogs: Catalogs
    tokens: Tokens
    counts: Counts
    lists: Lists
    switches: Switches
    limiter: Limiter
    description: bytes
    """Of the API, as OpenAPI 3.1 in JSON."""

    @property
    def catalog(self) -> Catalog:
        """The catalog of now."""
        return self.catalogs.now()

    def close(self) -> None:
        """Let the database and the catalog go."""
        self.store.close()
        self.catalogs.close()


def attach(app: Flask, parts: Parts) -> None:
    """Give the app its parts."""
    app.extensions[_NAME] = parts


def parts_of(app: Flask) -> Parts:
    """The parts that the app was given."""
    found: Parts = app.extensions[_NAME]
    return found


def current_parts() -> Parts:
    """The parts of the app that answers the current request."""
    return parts_of(current_app)
