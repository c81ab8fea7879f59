"""The real service of suggestions, as a program of its own, over a store that a test fills."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.watching import unwatched

WEB = Path(sys.executable).with_name("depicts-web")
SECONDS = 30
KEY = "signs the tokens of every start, and of nothing else"
"""Tokens are good after another start, as those of the real tool are."""


class Service:
    """``depicts-web`` over ``store.sqlite`` of a folder; it may be stopped and started again.

    Where it listened it listens again, so that pages that are open find it.
    """

    def __init__(self, folder: Path, catalog: Path | None = None) -> None:
        self.folder, self.catalog = folder, catalog
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    @property
    def database(self) -> str:
        """The store's address."""
        return f"sqlite:///{self.folder}/store.sqlite"

    @property
    def log(self) -> Path:
        return self.folder / "web.log"

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, wiki: str, api: str, **settings: object) -> str:
        """Start it for the pages of ``wiki``; returns its address. ``settings``: others of its."""
        ours = {
            "wiki_api": api,
            "allowed_origins": wiki,
            "database_url": self.database,
            "catalog": str(self.catalog or ""),
            "secret_key": KEY,
        }
        config = self.folder / "settings.toml"
        # strings and numbers are the same in TOML
        lines = [f"{name} = {json.dumps(one)}\n" for name, one in {**ours, **settings}.items()]
        config.write_text("".join(lines), encoding="utf-8")
        port = self.url.rpartition(":")[2].strip("/") or "0"
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [str(WEB), "--port", port, "--config", str(config)],
                env=unwatched(os.environ),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._process.stdout
        found = re.search(r"http://\S+", self._process.stdout.readline())
        assert found, self.log.read_text()
        self.url = found[0]
        return self.url

    def stop(self) -> None:
        """End it; nothing where it does not run."""
        if self._process:
            self._process.terminate()
            self._process.communicate(timeout=SECONDS)
            self._process = None
