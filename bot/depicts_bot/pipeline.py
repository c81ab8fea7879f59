"""A run, in a straight line: crawl → context → thumbnail → link → store; one Outcome a file.

A thread reads ahead what the wiki says of the next files, another fetches the pictures of the next
portion, and the caller's links and stores. A portion is decided first and stored after, in one
transaction together with the checkpoint of its source: a run that is killed loses what it was at.

Files of the same content (SHA-1) are fetched once a batch; the embedding cache does the same for
later ones. Each gets an outcome of its own: what is suggested depends on the words of its page and
on what it is said to depict already, so none is copied from another file.

What may come right later (a server that is busy) is stored as ``Failed`` with a time to wait.
The checkpoint passes it by; the next run that finds the time gone looks at it again, first of
all. A file that fails once more waits twice as long as before, until that were more than
``GIVE_UP``: one to two months after it first failed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

from depicts_bot import portions, stale
from depicts_bot.ahead import AHEAD, reading
from depicts_bot.eligibility import FileFacts
from depicts_bot.images import Coming, Downloads, arrived, downloading
from depicts_bot.portions import IMAGES, Entry, Passed, Portion, key_of, split
from depicts_bot.report import Tally
from depicts_bot.stale import Again
from depicts_bot.uploads import Upload
from depicts_bot.wiki import chunks
from depicts_bot.work import Decision, Key, Work
from depicts_model.errors import WikiError
from depicts_model.types import Failed, Outcome, Skipped

if TYPE_CHECKING:
    from depicts_model.store import StoredOutcome

GIVE_UP: Final = 30 * 24 * 3600.0
"""Seconds of a wait: who would have to wait longer is not looked at again."""
RETRIES: Final = 500
"""At most this many earlier failures are looked at again in a run."""
UNSTORED: Final = AHEAD * IMAGES
"""Pictures that a killed run had begun to look at, and had not stored."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Decisions as data. ``checkpoint`` is None where they are not about files of the source."""

    decisions: tuple[Decision, ...]
    gone: int
    """Rows of the list that name no file any more."""
    done: int
    young: int = 0
    """Files that are not looked at yet, and not stored."""
    checkpoint: str | None = None
    look: Again | None = None
    """Where they are about files that have an outcome."""

    def count(self, tally: Tally) -> None:
        """Add this batch to the counts of a run."""
        tally.add_gone(self.gone)
        tally.add_done(self.done)
        tally.add_young(self.young)
        for _, outcome in self.decisions:
            tally.add(outcome)


def decide(work: Work, at_most: int | None = None) -> Generator[Batch]:
    """Batches of decisions: earlier failures, the source's files, what is stale; nothing is stored.

    What is ahead of the batch in hand is read and fetched meanwhile, and no further: a batch
    counts as stored once the next is asked for.
    """
    with downloading(work.fetch) as downloads:

        def begin(portion: Portion) -> tuple[Portion, Coming]:
            return portion, downloads.begin(portion.eligible)

        with reading(_portions(work, at_most, downloads), begin, work.meanwhile) as ahead:
            for portion, coming in ahead:
                yield _decided(work, portion, coming)


def act(work: Work, run: int, batch: Batch) -> None:
    """Store a batch, together with the checkpoint."""
    if batch.look is not None:
        stale.keep(work, run, batch.look, batch.decisions)
        return
    mark = None if batch.checkpoint is None else (work.source, batch.checkpoint)
    work.store.save_batch(run, work.linker.version, batch.decisions, mark)


def look_at(work: Work, uploads: Sequence[Upload]) -> tuple[Decision, ...]:
    """An outcome for each upload that is not done, in their order; none may be ``gone``."""
    portion = Portion(tuple(portions.of_uploads(work, uploads)))
    with downloading(work.fetch) as downloads:
        return _outcomes(work, portion, downloads.begin(portion.eligible))


def _portions(work: Work, at_most: int | None, downloads: Downloads) -> Iterator[Sequence[Portion]]:
    """What each request for a batch of files comes to."""
    for some in _batches(work, at_most):
        downloads.expect([facts for portion in some for facts in portion.eligible])
        yield some


def _batches(work: Work, at_most: int | None) -> Iterator[Sequence[Portion]]:
    # the store learns of a batch only after the next one is read
    before: set[Key] = set()
    again = _again(work, at_most)
    for failures in chunks(again, work.batch):
        entries = portions.of_failures(work, failures)
        before = _keys(entries)
        yield list(split(entries))
    left = None if at_most is None else at_most - len(again)
    after = work.store.checkpoint(work.source)
    steps = islice(work.listing.steps(work.wiki, after, work.until, work.batch), left)
    # what a killed run had begun and what it had read ahead are one batch of the next run: so all
    # but the first are smaller, and an answer then holds all categories of most files, too
    size = work.batch
    later = size * 4 // 5 if size // 5 >= UNSTORED else size
    while some := list(islice(steps, size)):
        size, entries = later, portions.of_steps(work, some, before)
        before = _keys(entries)
        left = None if left is None else left - len(some)
        yield list(split(entries))
    yield from stale.again(work, left)


def _keys(entries: Sequence[Entry]) -> set[Key]:
    return {key_of(e.sight) for e in entries if isinstance(e.sight, FileFacts)}


def _again(work: Work, at_most: int | None) -> list[StoredOutcome]:
    if not work.listing.retries:
        return []
    most = RETRIES if at_most is None else min(RETRIES, at_most)
    return work.store.due(work.linker.version, work.now, most)


def _decided(work: Work, portion: Portion, coming: Coming) -> Batch:
    outcomes = _outcomes(work, portion, coming)
    decisions = [(f, _longer(o, portion.waited.get(f.mid))) for f, o in outcomes]
    return Batch(
        # in the order of the versions: what is stored last is what a reader takes for the newest
        (*portion.closed, *decisions),
        portion.passed(Passed.GONE),
        portion.passed(Passed.DONE),
        portion.passed(Passed.YOUNG),
        portion.checkpoint,
        portion if isinstance(portion, Again) else None,
    )


def _longer(outcome: Outcome, waited: float | None) -> Outcome:
    """Who failed before waits twice as long as then, or for good; ``waited``: seconds."""
    if not isinstance(outcome, Failed) or outcome.retry_after is None or waited is None:
        return outcome
    pause = max(outcome.retry_after, 2 * waited)
    return replace(outcome, retry_after=pause if pause <= GIVE_UP else None)


def _outcomes(work: Work, portion: Portion, coming: Coming) -> tuple[Decision, ...]:
    """An outcome for each file, in their order."""
    linked = iter(_link(work, portion.eligible, coming))
    return tuple(
        (facts.context.file, Skipped(reason) if reason else next(linked))
        for facts, reason in portion.files
    )


def _link(work: Work, files: Sequence[FileFacts], coming: Coming) -> list[Outcome]:
    images = arrived(coming, files, work.meanwhile)
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
