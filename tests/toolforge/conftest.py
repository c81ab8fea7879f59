"""A service over a real store and the starter catalog, with one file of each outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from depicts_model.catalog import Catalog
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)
from depicts_toolforge import switches
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from tests.model.store.values import V, file_ref
from tests.toolforge.held import Held

CAT, DOG, MAMMAL, FELIDAE = Qid("Q146"), Qid("Q144"), Qid("Q7377"), Qid("Q25265")
UNKNOWN = Qid("Q999999999999")
ORIGIN = "https://commons.wikimedia.org"


@dataclass(frozen=True)
class Service:
    """The app, a client, and what lies behind them."""

    app: Flask
    client: FlaskClient
    store: Store
    catalog: Catalog

    def suggest(self, number: int, *qids: Qid, **refine: tuple[Qid, ...]) -> None:
        """Store these suggestions for a file."""
        mid, general = Mid(f"M{number}"), refine.get("general", ())
        specific = refine.get("specific", ())
        made = [Suggestion(mid, q, 0.8, ("pixels",), general, specific, V) for q in qids]
        self.store.save_batch(1, V, [(file_ref(number), Suggested(tuple(made)))])

    def ask(self, number: int, query: str = "", **headers: str) -> TestResponse:
        """The answer to a question for suggestions."""
        path = f"/api/v1/files/M{number}/suggestions?{query}"
        return self.client.get(path, headers=headers)

    def get(self, number: int, query: str = "") -> Any:
        """The body of an answered question for suggestions."""
        answer = self.ask(number, query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def token(self, number: int) -> str:
        """The token that comes with the suggestions for a file."""
        return self.ask(number).headers["Decision-Token"]

    def items(self, number: int, query: str = "") -> list[str]:
        """The items shown for a file."""
        return [s["item"] for s in self.get(number, query)["suggestions"]]

    def post(self, number: int, token: str, *decisions: Mapping[str, object]) -> Any:
        """The answer to these decisions."""
        body = {"token": token, "decisions": list(decisions)}
        return self.client.post(f"/api/v1/files/M{number}/decisions", json=body)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        wiki_api="http://127.0.0.1:1/w/api.php", database_url=f"sqlite:///{tmp_path}/web.sqlite"
    )


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    app = create_app(settings)
    app.test_client_class = Held
    parts = parts_of(app)
    made = Service(app, app.test_client(), parts.store, parts.catalog)
    seed(made)
    yield made
    parts.close()


@pytest.fixture
def looked_up_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switches and lists hold at once, not some seconds later."""
    monkeypatch.setattr(switches, "KEPT_SECONDS", 0.0)


def seed(service: Service) -> None:
    """M1: a cat; M2: nothing; M3: skipped; M4: failed; M5: nobody looked at it."""
    run = service.store.start_run("bot", V, {})
    service.suggest(1, CAT, general=(FELIDAE,))
    others: list[tuple[FileRef, Outcome]] = [
        (file_ref(2), NothingToSuggest(NothingReason.TOO_GENERAL)),
        (file_ref(3), Skipped(SkipReason.ARTWORK)),
        (file_ref(4), Failed("http-429: slow down", 30.0)),
    ]
    service.store.save_batch(run, V, others)
