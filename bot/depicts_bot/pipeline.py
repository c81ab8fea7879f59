"""A run, in a straight line: crawl → context → link → store; one Outcome a file.

A batch is decided first and stored after, in one transaction together with the checkpoint of
its source: a run that is killed loses the batch it was at, and repeats only that.

Files of the same content (SHA-1) are fetched and looked at once a batch; the embedding cache does
the same for later ones. Each gets an outcome of its own: what is suggested depends on the words of
its page and on what it is said to depict already, so none is copied from another file.

What may come right later (a server that is busy) is stored as ``Failed`` with a time to wait.
The checkpoint passes it by; the next run that finds the time gone looks at it again, first of
all. A file that fails once more after ``GIVE_UP`` from its upload is not tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from depicts_bot.context import describe
from depicts_bot.eligibility import FileFacts, why_not
from depicts_bot.opting_out import NOBODY, OptOuts
from depicts_bot.report import Tally
from depicts_bot.sources import NEW_UPLOADS, Source, Step
from depicts_bot.uploads import Upload
from depicts_bot.wiki import Wiki, chunks, limit
from depicts_model.errors import ImageError, WikiError
from depicts_model.settings import Settings
from depicts_model.types import Failed, FileContext, FileRef, Mid, Outcome, Skipped

if TYPE_CHECKING:
    from depicts_model.store import StoredOutcome

GIVE_UP: Final = timedelta(days=60)
RETRIES: Final = 500
"""At most this many earlier failures are looked at again in a run."""
DOWNLOADS: Final = 1
"""Thumbnails at a time. Two connections to the host of the files are allowed: one for the crawl,
one for the worker beside it. One connection at a time a wiki is the rule for its API, and ``ask``
keeps it: nothing here asks from a thread."""

MEANWHILE: Final = 5.0
"""Seconds between two calls of ``Work.meanwhile`` while thumbnails come."""

OVERWRITTEN: Final = Failed("overwritten: another version was uploaded meanwhile")

Decision = tuple[FileRef, Outcome]
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
    """What the pipeline needs of ``depicts_model.store.Store``."""

    def done(self, model_version: str, files: Sequence[tuple[Mid, str]]) -> set[tuple[Mid, str]]:
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

    def due(self, model_version: str, limit: int) -> list[FileRef]:
        """Files whose outcome is a failure to be tried again."""

    def latest(self, mid: Mid) -> StoredOutcome | None:
        """The newest outcome of a file."""


def nothing() -> None:
    """What there is to do meanwhile, where nobody says so."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a run works with; ``now`` is fixed for the whole run.

    ``meanwhile`` is called every few seconds of a batch, from the thread that asks the wiki; what
    it raises ends the batch, and nothing of it is stored.
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


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions as data. ``checkpoint`` is None where the batch is not from the source."""

    decisions: tuple[Decision, ...]
    gone: int
    """Rows of the list that name no file any more."""
    done: int
    young: int = 0
    """Files that are not looked at yet, and not stored."""
    checkpoint: str | None = None

    def count(self, tally: Tally) -> None:
        """Add this batch to the counts of a run."""
        tally.add_gone(self.gone)
        tally.add_done(self.done)
        tally.add_young(self.young)
        for _, outcome in self.decisions:
            tally.add(outcome)


def decide(work: Work, at_most: int | None = None) -> Iterator[Batch]:
    """Batches of decisions: earlier failures first, then the source's files; nothing is stored.

    Lazy: a batch is worked on when it is asked for, so store each before asking for the next.
    """
    again = _again(work)[:at_most]
    for files in chunks(again, work.batch):
        yield _once_more(work, files)
    left = None if at_most is None else at_most - len(again)
    for some in _batches(islice(_steps(work), left), work.batch):
        uploads = [step.upload for step in some if step.upload]
        yield replace(_decide(work, uploads), checkpoint=some[-1].mark)


def act(work: Work, run: int, batch: Batch) -> None:
    """Store a batch, together with the checkpoint."""
    mark = None if batch.checkpoint is None else (work.source, batch.checkpoint)
    work.store.save_batch(run, work.linker.version, batch.decisions, mark)


def _again(work: Work) -> list[FileRef]:
    if not work.listing.retries:
        return []
    return [f for f in work.store.due(work.linker.version, RETRIES) if _waited(work, f)]


def _steps(work: Work) -> Iterator[Step]:
    after = work.store.checkpoint(work.source)
    return work.listing.steps(work.wiki, after, work.until, work.batch)


def _batches(steps: Iterable[Step], size: int) -> Iterator[list[Step]]:
    rows = iter(steps)
    while some := list(islice(rows, size)):
        yield some


def _waited(work: Work, file: FileRef) -> bool:
    """Whether the time is gone that a server asked us to wait.

    More than twice of it to come was stored by a clock that was ahead, and is gone.
    """
    stored = work.store.latest(file.mid)
    if stored is None or not isinstance(stored.outcome, Failed):
        return True
    pause = timedelta(seconds=stored.outcome.retry_after or 0)
    return not work.now < stored.at + pause <= work.now + 2 * pause


def _once_more(work: Work, files: Sequence[FileRef]) -> Batch:
    """Decide about earlier failures, each of which gets a new outcome.

    One that was overwritten meanwhile has two: it is looked at, and its old version is closed.
    """
    uploads = [Upload(0, f.uploaded, int(f.mid[1:]), f.title, f.sha1) for f in files]
    batch = _decide(work, uploads)
    decisions = [(file, _give_up(work, file, outcome)) for file, outcome in batch.decisions]
    decided = {(file.mid, file.sha1) for file, _ in decisions}
    closed = [(file, OVERWRITTEN) for file in files if (file.mid, file.sha1) not in decided]
    # in the order of the versions: what is stored last is what a reader takes for the newest
    return replace(batch, decisions=(*closed, *decisions))


def _give_up(work: Work, file: FileRef, outcome: Outcome) -> Outcome:
    if isinstance(outcome, Failed) and file.uploaded < work.now - GIVE_UP:
        return replace(outcome, retry_after=None)
    return outcome


def _decide(work: Work, uploads: Sequence[Upload]) -> Batch:
    """Decide about uploads: those that are gone, done or too young are only counted."""
    # one page may be in the log twice, after a deletion
    there = list({u.pageid: u for u in uploads if not u.gone}.values())
    facts = _described(work, there)
    ripe = [f for u, f in zip(there, facts, strict=True) if not _is_young(work, u, f)]
    decisions = _undone(work, ripe)
    gone, young = sum(upload.gone for upload in uploads), len(facts) - len(ripe)
    return Batch(decisions, gone, len(uploads) - gone - young - len(decisions), young)


def _is_young(work: Work, upload: Upload, facts: FileFacts) -> bool:
    """Whether it has to wait, where the list did not tell its age."""
    waits = work.listing.waits and upload.unlisted
    return waits and facts.context.file.uploaded > work.until


def look_at(work: Work, uploads: Sequence[Upload]) -> tuple[Decision, ...]:
    """An outcome for each upload that is not done, in their order; none may be ``gone``."""
    return _undone(work, _described(work, uploads))


def _described(work: Work, uploads: Sequence[Upload]) -> list[FileFacts]:
    return describe(work.wiki, uploads, work.settings.thumbnail_width) if uploads else []


def _undone(work: Work, files: Sequence[FileFacts]) -> tuple[Decision, ...]:
    done = work.store.done(work.linker.version, [_key(facts) for facts in files])
    return tuple(_outcomes(work, [facts for facts in files if _key(facts) not in done]))


def _key(facts: FileFacts) -> tuple[Mid, str]:
    return facts.context.file.mid, facts.context.file.sha1


def _outcomes(work: Work, files: Sequence[FileFacts]) -> Iterator[Decision]:
    """An outcome for each file, in their order."""
    reasons = [why_not(facts, work.opt_outs) for facts in files]
    eligible = [facts for facts, reason in zip(files, reasons, strict=True) if not reason]
    linked = iter(_link(work, eligible))
    for facts, reason in zip(files, reasons, strict=True):
        yield facts.context.file, Skipped(reason) if reason else next(linked)


def _link(work: Work, files: Sequence[FileFacts]) -> list[Outcome]:
    images = _images(work, files)
    seen = [
        (facts.context, image)
        for facts, image in zip(files, images, strict=True)
        if not isinstance(image, WikiError)
    ]
    outcomes = iter(work.linker.link([c for c, _ in seen], [i for _, i in seen]) if seen else [])
    return [
        Failed(str(image), image.retry_after) if isinstance(image, WikiError) else next(outcomes)
        for image in images
    ]


def _images(work: Work, files: Sequence[FileFacts]) -> list[bytes | ImageError | WikiError]:
    """The thumbnail of each file; of those with the same content it is fetched once."""
    first: dict[str, FileFacts] = {}
    for facts in files:
        first.setdefault(_sha1(facts), facts)
    pool = ThreadPoolExecutor(DOWNLOADS)
    try:
        coming = {sha1: pool.submit(_image, work.fetch, facts) for sha1, facts in first.items()}
        while wait(coming.values(), MEANWHILE).not_done:
            work.meanwhile()
        return [coming[_sha1(facts)].result() for facts in files]
    finally:
        # of a batch that is given up no further one is fetched
        pool.shutdown(cancel_futures=True)


def _sha1(facts: FileFacts) -> str:
    """By which a picture is known; one without it counts as deleted, and does not come here."""
    return facts.context.file.sha1


def _image(fetch: Fetch, facts: FileFacts) -> bytes | ImageError | WikiError:
    """The thumbnail, or why there is none: a file's fault never ends a run."""
    url = facts.context.file.thumb_url
    if not url:
        return ImageError("the wiki has no thumbnail of it")
    try:
        return fetch(url, facts.upload_host)
    except (ImageError, WikiError) as error:
        return error


def now() -> datetime:
    """The present, without fractions: what MediaWiki writes has none."""
    return datetime.now(UTC).replace(microsecond=0)
