"""An embedded wiki with the gadget on its pages; the real service over a store filled by hand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from depicts_model.catalog import Catalog
from depicts_model.store import Store
from depicts_model.types import FileRef, Mid, Outcome, Qid, Suggested, Suggestion, mid_of
from tests.sandbox.gadget_files import GadgetConfig
from tests.sandbox.photos import demo_world
from tests.sandbox.server import EmbeddedWiki
from tests.watching import unwatched

VERSION = "by-hand-1"
CAT, HORSE = "File:Chelsea the cat.png", "File:Horse silhouette.png"
WALL, MOON = "File:Brick wall.png", "File:Moon surface.png"
TABBY, TABLE, CUP = Qid("Q1474329"), Qid("Q14748"), Qid("Q81727")
_WEB = Path(sys.executable).with_name("depicts-web")


@dataclass(slots=True)
class Scene:
    """A wiki, a store and a service; the service may be stopped and started."""

    folder: Path
    wiki: EmbeddedWiki
    store: Store
    process: subprocess.Popen[str] | None = None

    @property
    def log(self) -> Path:
        return self.folder / "web.log"

    def mid(self, title: str) -> Mid:
        """The MediaInfo id of a file."""
        page = self.wiki.state.commons.page(title)
        assert page
        return mid_of(page.id)

    def address(self, title: str) -> str:
        """The file's page."""
        return f"{self.wiki.url}/wiki/{title.replace(' ', '_')}"

    def tell(self, title: str, outcome: Outcome, version: str = VERSION) -> None:
        """Store what became of a file."""
        page = self.wiki.state.commons.page(title)
        assert page and page.file
        mid, day = mid_of(page.id), datetime(2026, 11, 1, tzinfo=UTC)
        thumb = f"{self.wiki.url}/images/thumb"
        file = FileRef(mid, title, page.file.sha1, page.revisions[-1], day, thumb)
        run = self.store.start_run("bot", version, {})
        self.store.save_batch(run, version, [(file, outcome)])

    def suggest(
        self,
        title: str,
        items: Sequence[tuple[Qid, float]],
        reasons: tuple[str, ...] = ("looks like it",),
        version: str = VERSION,
    ) -> None:
        """Store suggestions for a file; another version takes the place of an earlier one."""
        mid = self.mid(title)
        made = [Suggestion(mid, qid, sure, reasons, (), (), version) for qid, sure in items]
        self.tell(title, Suggested(tuple(made)), version)

    def start(self) -> None:
        """Start the service, and let the pages know its address."""
        config = self.folder / "settings.toml"
        config.write_text(
            f'wiki_api = "{self.wiki.api}"\nallowed_origins = "{self.wiki.url}"\n'
            f'database_url = "sqlite:///{self.folder}/store.sqlite"\n'
        )
        with self.log.open("w") as log:
            command = [str(_WEB), "--port", "0", "--config", str(config)]
            self.process = subprocess.Popen(
                command,
                env=unwatched(os.environ),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found, self.log.read_text()
        self.wiki.gadget = GadgetConfig(service=found[0])

    def stop(self) -> None:
        """End the service; the pages still know where it was."""
        if self.process:
            self.process.terminate()
            self.process.communicate(timeout=30)
            self.process = None


@contextmanager
def scene(folder: Path, visitor: str = "Reviewer") -> Iterator[Scene]:
    """A scene with suggestions for the cat, and the service running."""
    with Catalog.open(None) as catalog:
        world = demo_world({qid: catalog.label(qid) or qid for qid in catalog.qids})
    database = f"sqlite:///{folder}/store.sqlite"
    with EmbeddedWiki(world, visitor=visitor) as wiki, Store.open(database) as store:
        made = Scene(folder, wiki, store)
        made.suggest(CAT, [(TABBY, 0.87), (TABLE, 0.64), (CUP, 0.52)])
        made.start()
        try:
            yield made
        finally:
            made.stop()
