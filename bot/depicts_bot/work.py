"""What a run works with: values, and what it needs of the parts that it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from depicts_bot.opting_out import NOBODY, OptOuts
from depicts_bot.sources import NEW_UPLOADS, Source
from depicts_bot.wiki import Wiki, limit
from depicts_model.errors import ImageError
from depicts_model.settings import Settings
from depicts_model.types import FileContext, FileRef, Mid, Outcome

if TYPE_CHECKING:
    from depicts_model.store import StoredOutcome

Decision = tuple[FileRef, Outcome]
Key = tuple[Mid, str]
"""A file and its content (SHA-1): what an outcome by one model is about."""
Fetch = Callable[[str, str], bytes]


class Linker(Protocol):
    """What the pipeline needs of ``depicts_model.linker.Linker``."""

    @property
    def version(self) -> str:
        """Version of the model."""

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        """An outcome for each file."""


class Store(Protocol):
    """What the pipeline needs of ``depicts_model.store.Store``; it is asked from two threads."""

    def done(self, model_version: str, files: Sequence[Key]) -> set[Key]:
        """Files that have a final outcome."""

    def save_batch(
        self,
        run_id: int,
        model_version: str,
        results: Sequence[Decision],
        checkpoint: tuple[str, str] | None = None,
    ) -> int:
        """Store a batch and its checkpoint, all or nothing."""

    def checkpoint(self, source: str) -> str | None:
        """Where the crawl of ``source`` stands."""

    def due(self, model_version: str, now: datetime, limit: int) -> list[StoredOutcome]:
        """Failures to be tried again, whose time has come."""

    def latest(self, mid: Mid) -> StoredOutcome | None:
        """The newest outcome of a file."""

    def stale(
        self, model_version: str, looked_before: datetime, rested: datetime, limit: int
    ) -> list[FileRef]:
        """Files that are to be looked at again."""

    def told_of(self, mids: Sequence[Mid]) -> dict[Mid, StoredOutcome]:
        """What is told of these files, as far as they are known."""

    def outcomes_of(self, model_version: str, pairs: Sequence[Key]) -> dict[Key, StoredOutcome]:
        """What this model found of these contents, as far as it did."""

    def save_again(
        self,
        run_id: int,
        model_version: str,
        results: Sequence[Decision],
        looked: Sequence[FileRef] = (),
        checkpoint: tuple[str, str] | None = None,
    ) -> int:
        """Store what a second look came to, in place of what was final; all or nothing."""


def nothing() -> None:
    """What there is to do meanwhile, where nobody says so."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a run works with; ``now`` is fixed for the whole run.

    ``meanwhile`` is called every few seconds while pictures come; what it raises ends the portion
    in hand, and nothing of that is stored.
    """

    wiki: Wiki
    linker: Linker
    store: Store
    fetch: Fetch
    settings: Settings
    now: datetime
    meanwhile: Callable[[], None] = nothing
    opt_outs: OptOuts = NOBODY
    listing: Source = NEW_UPLOADS

    @property
    def source(self) -> str:
        """Name of the checkpoint, in the store, of what is listed on this wiki."""
        return self.listing.checkpoint(self.settings.wiki_api)

    @property
    def until(self) -> datetime:
        """Later uploads are left for a later run."""
        return self.now - timedelta(hours=self.settings.upload_delay_hours)

    @property
    def batch(self) -> int:
        """Files a request: as set, or as many as the account may name."""
        return min(self.settings.batch_size, limit(self.wiki))


def now() -> datetime:
    """The present, without fractions: what MediaWiki writes has none."""
    return datetime.now(UTC).replace(microsecond=0)
