"""``python -m tests.gadget.recorded``: what a real MediaWiki 1.43 answers to `deploy`, kept.

Each line of the file is a case: what `deploy` asked for, and the answer. A slow test asks the same
again, and compares what an answer is made of.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from depicts_gadget.wiki import Wiki
from depicts_model.errors import WikiError
from tests.mediawiki.installed import DEPLOYER, PASSWORDS
from tests.mediawiki.served import MediaWiki

FILE = Path(__file__).parents[1] / "fixtures" / "gadget" / "deploy.jsonl"
TITLE = "MediaWiki:Gadget-suggest-depicts/src/x.js"
OTHER = "MediaWiki:Gadget-suggest-depicts/src/y.js"
DEFINITION = "MediaWiki:Gadgets-definition"
LINES = "* suggest-depicts[ResourceLoader|package]|suggest-depicts/src/x.js"
MODULE = "ext.gadget.suggest-depicts"
AGENT = "suggest-depicts tests (loopback)"
Case = dict[str, Any]


class Recorder(requests.Session):
    """Keeps what comes back, by the case that is being carried out."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[Case] = []
        self.name = ""

    def request(self, method: Any, url: Any, *args: Any, **parts: Any) -> requests.Response:
        answer = super().request(method, url, *args, **parts)
        if self.name:
            self.cases.append({"case": self.name, "text": _kept(answer.text)})
        return answer


def _kept(text: str) -> str:
    """Without secrets, and without what every refusal says."""
    text = re.sub(r'"[0-9a-f]{40}\+', '"0123+', text)
    return re.sub(r',"docref":"[^"]*"', "", text)


def cases(running: MediaWiki) -> list[Case]:
    """Everything that is recorded, asked of a fresh wiki."""
    session = Recorder()
    wiki = Wiki(running.api, AGENT, session, wait=lambda seconds: None)

    def case(name: str, what: Callable[[], object]) -> None:
        session.name = name
        try:
            what()
        except WikiError as error:
            # a refusal is an answer as well
            session.cases[-1]["refused"] = error.code
        session.name = ""

    case("login-wrong", lambda: wiki.login(DEPLOYER, "guessed"))
    case("login", lambda: wiki.login(DEPLOYER, PASSWORDS[DEPLOYER]))
    case("create", lambda: wiki.edit(TITLE, "module.exports = 1;", "one", 0))
    case("create-twice", lambda: wiki.edit(TITLE, "module.exports = 1;", "one", 0))
    case("latest", lambda: wiki.latest([TITLE, OTHER]))
    case("history", lambda: list(wiki.history(TITLE)))
    case("titles", lambda: wiki.titles("Gadget-suggest-depicts"))
    case("missing", lambda: wiki.module(MODULE, "a"))
    wiki.edit(DEFINITION, LINES, "lines", 0)
    case("module", lambda: wiki.module(MODULE, "b"))
    base = wiki.latest([TITLE])[TITLE].id
    case("change", lambda: wiki.edit(TITLE, "module.exports = async () => 1;", "two", base))
    case("stale", lambda: wiki.edit(TITLE, "module.exports = 3;", "three", base))
    case("parse-error", lambda: wiki.module(MODULE, "c"))
    running.read_only("because of the rain")
    case("readonly", lambda: wiki.edit(OTHER, "1", "four", 0))
    running.writable()
    return session.cases


def main() -> None:
    """Write the file anew."""
    with MediaWiki.start() as running:
        found = cases(running)
    FILE.parent.mkdir(exist_ok=True)
    lines = (json.dumps(one, ensure_ascii=False, sort_keys=True) for one in found)
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
