"""A small gadget in a repository of its own, and a wiki in memory, for the tests of `deploy`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from depicts_gadget.wiki import Revision
from depicts_model.errors import WikiError

NAME = "ext.gadget.suggest-depicts"
BUTTON = "MediaWiki:Gadget-suggest-depicts/src/button.js"
TEXTS = "MediaWiki:Gadget-suggest-depicts/i18n/en.json"
LABEL = "MediaWiki:Gadget-suggest-depicts"
DEFINITION = "MediaWiki:Gadgets-definition"
API = "http://127.0.0.1:9/w/api.php"
LINES = (
    "* suggest-depicts[ResourceLoader|package|actions=view|namespaces=6]"
    "|suggest-depicts/src/button.js",
    "* suggest-depicts-core[ResourceLoader|package|hidden|dependencies=vue]"
    "|suggest-depicts/src/index.js|suggest-depicts/i18n/en.json|suggest-depicts/src/gadget.css",
)
FILES = {
    "gadgets.json": json.dumps(
        {
            NAME: {
                "namespaces": [6],
                "actions": ["view"],
                "files": ["src/button.js"],
                "labels": ["i18n/preferences/en.json", "i18n/preferences/de.json"],
            },
            f"{NAME}-core": {
                "hidden": True,
                "dependencies": ["vue"],
                "files": ["src/index.js", "i18n/en.json"],
                "styles": ["src/gadget.css"],
            },
        }
    ),
    "src/button.js": "module.exports = 1;\n",
    "src/index.js": "module.exports = require( '../i18n/en.json' );\n",
    "i18n/en.json": '{ "one": "Töne & <b>", "none": [] }\n',
    "src/gadget.css": ".one { margin: 0; }\n",
    "i18n/preferences/en.json": '{"gadget-suggest-depicts": "A button"}',
    "i18n/preferences/de.json": '{"gadget-suggest-depicts": "Ein Knopf"}',
    "user-script.js": "( function () {\n\tconst gadgets = {\n\t\t// <gadgets>\n\t};\n}() );\n",
}


def files(**changed: str | None) -> dict[str, str]:
    """The gadget's files; ``button="…"`` changes the one of this stem, None takes it away."""
    found = {}
    for name, text in FILES.items():
        now = changed.get(Path(name).stem, text)
        if now is not None:
            found[name] = now
    return found


@dataclass(frozen=True, slots=True)
class Repository:
    """``gadget`` is its folder gadget-js; nothing of whoever runs the tests is asked for."""

    gadget: Path

    def put(self, name: str, text: str) -> None:
        path = self.gadget / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self) -> str:
        """Everything as it lies there; returns the commit as a summary has it."""
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "--short=12", "HEAD").strip()

    def git(self, *words: str) -> str:
        ours = {f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")}  # fmt: skip
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        return subprocess.run(
            ["git", *words], cwd=self.gadget.parent, env={**os.environ, **ours, **alone},
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip


def repository(folder: Path) -> Repository:
    """With the small gadget, committed."""
    made = Repository(folder / "gadget-js")
    for name, text in FILES.items():
        made.put(name, text)
    made.git("init", "-q")
    made.commit()
    return made


@dataclass
class MemoryWiki:
    """What `deploy` asks of a wiki, answered from memory; edits are counted, and can be refused."""

    api: str = API
    pages: dict[str, list[Revision]] = field(default_factory=dict)
    user: str = ""
    edited: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    late: int = 0
    last: int = 0

    def wait(self, seconds: float) -> None:
        self.late -= 1

    def login(self, name: str, password: str) -> None:
        assert password
        self.user = name.partition("@")[0]

    def somebody(self, title: str, text: str, summary: str = "better", user: str = "Eve") -> None:
        """An edit by somebody else."""
        self.last += 1
        there = self.pages.setdefault(title, [])
        there.insert(0, Revision(self.last, user, "2026-11-22T10:00:00Z", summary, text))

    def latest(self, titles: Iterable[str]) -> dict[str, Revision]:
        return {title: self.pages[title][0] for title in titles if title in self.pages}

    def history(self, title: str) -> Iterator[Revision]:
        yield from self.pages.get(title, [])

    def titles(self, prefix: str) -> list[str]:
        return [title for title in sorted(self.pages) if title.startswith(f"MediaWiki:{prefix}")]

    def edit(self, title: str, text: str, summary: str, base: int) -> None:
        assert self.user
        if title in self.refuses:
            raise WikiError(self.refuses[title], "no")
        assert base == (self.pages[title][0].id if title in self.pages else 0)
        self.edited.append(title)
        self.somebody(title, text, summary, self.user)

    def module(self, name: str, mark: str) -> str:
        if self.late > 0:
            return f'mw.loader.state({{\n    "{name}": "missing"\n}});'
        return self.modules.get(name) or self._served()

    def _served(self) -> str:
        titles = (title.removeprefix("MediaWiki:Gadget-") for title in self.pages)
        return f"mw.loader.impl({{{','.join(f'{json.dumps(title)}:1' for title in titles)}}});"
