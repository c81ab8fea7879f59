"""Stand-ins for the bot's tests: recorded answers, a scripted wiki, made-up files."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from depicts_bot.wiki import Json
from tests.bot import model, worlds
from tests.bot.command import Bot
from tests.sandbox.server import EmbeddedWiki

ANSWERS = Path(__file__).parents[1] / "fixtures" / "bot" / "answers.json"


@pytest.fixture(scope="session")
def recorded() -> dict[str, Json]:
    """Answers of a real wiki by name."""
    pairs: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return {name: pair["answer"] for name, pair in pairs.items()}


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with random weights, which no test changes."""
    folder = tmp_path_factory.mktemp("models") / "random"
    model.save(folder)
    return folder


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """What a run that nobody disturbs makes of the ten plain pictures."""
    with EmbeddedWiki(worlds.world(worlds.pictures(10))) as wiki:
        bot = Bot(tmp_path_factory.mktemp("undisturbed") / "bot", wiki)
        assert bot.call().returncode == 0
    return bot.outcomes()


@dataclass
class ScriptedWiki:
    """Gives its answers one after another, and remembers what was asked."""

    answers: list[Json]
    high_limits: bool = False
    api: str = "http://commons.test/w/api.php"
    asked: list[dict[str, str]] = field(default_factory=list)

    def ask(self, **parameters: str) -> Json:
        self.asked.append(parameters)
        return self.answers.pop(0)
