"""What a run looks at again, after its source: what was overwritten, and what became stale.

First the files that were overwritten since the last run, for at most half of the places: what is
told of them is about another picture. Then those that the store names (``store.aging``): told by
another model than the one that serves, or told as suggested ``LONG`` ago, since when people may
have added depicts.

A file costs its share of two requests for 50 (500 with bot rights). Only where content, model or
depicts changed, or the file is no longer ours to look at, it costs more: a thumbnail, and a look.
Words that changed on its page alone do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from depicts_bot.context import describe
from depicts_bot.eligibility import FileFacts, why_not
from depicts_bot.opting_out import NOBODY, OptOuts
from depicts_bot.overwrites import overwritten
from depicts_bot.portions import Entry, Passed, Portion, key_of, split
from depicts_bot.uploads import Upload
from depicts_bot.wiki import chunks
from depicts_bot.work import Decision, Key, Work
from depicts_model.types import (
    Failed,
    FileRef,
    Mid,
    NothingToSuggest,
    Outcome,
    Skipped,
    SkipReason,
    Suggested,
)

if TYPE_CHECKING:
    from depicts_model.store import StoredOutcome

LONG: Final = timedelta(days=30)
"""After so long suggestions of the model that serves are compared with the wiki again."""
REST: Final = timedelta(days=1)
"""So long another model's file is left alone after a look, which may have failed."""


@dataclass(frozen=True, slots=True)
class Again(Portion):
    """A portion of files that have an outcome; those that did not change count as done."""

    looked: tuple[FileRef, ...] = ()
    """Of which what this model found is true still."""
    keep: frozenset[Key] = frozenset()
    """Of which another model's finding is told, which a look that fails must not hide."""
    mark: tuple[str, str] | None = None
    """Checkpoint (source, value) behind it; not the run's source's."""

    @property
    def checkpoint(self) -> None:
        """The run's source is passed already."""
        return None


def again(work: Work, left: int | None = None) -> Iterator[list[Again]]:
    """What is looked at again, a request's worth at a time, lazily; nothing is stored.

    ``left``: places that are left of the run's limit; None: without one. Nothing for a source that
    an operator chose once: only runs along new files come regularly. Raises WikiError.
    """
    budget = work.settings.stale_per_run
    places = budget if left is None else min(budget, left)
    if places <= 0 or not work.listing.retries:
        return
    first = overwritten(work, -(-places // 2))
    yield from _portions(work, first.files, first.mark)
    version, there = work.linker.version, {file.mid for file in first.files}
    files = work.store.stale(version, work.now - LONG, work.now - REST, places)
    rest = [file for file in files if file.mid not in there]
    yield from _portions(work, rest[: places - len(there)])


def keep(work: Work, run: int, portion: Again, decisions: Sequence[Decision]) -> None:
    """Store what a portion came to.

    What could not be looked at this time and may be later keeps the outcome that it has.
    """
    failed = [file for file, outcome in decisions if _passes_by(portion, file, outcome)]
    kept = [one for one in decisions if one[0] not in failed]
    looked = (*portion.looked, *failed)
    work.store.save_again(run, work.linker.version, kept, looked, portion.mark)


def unchanged(facts: FileFacts, stored: StoredOutcome | None, opt_outs: OptOuts = NOBODY) -> bool:
    """Whether an outcome is what another look would come to, as far as the wiki tells.

    ``stored``: by the model that serves, of the content that the file has now; None: there is none.
    """
    if stored is None or stored.file.sha1 != facts.context.file.sha1:
        return False
    reason = why_not(facts, opt_outs)
    return _is_fit(stored.outcome) if reason is None else stored.outcome == Skipped(reason)


def _is_fit(outcome: Outcome) -> bool:
    """Whether a file gets such an outcome that is looked at, for good."""
    match outcome:
        case Skipped(reason):
            return reason is SkipReason.WITHHELD
        case Failed(_, retry_after):
            return retry_after is None
    return True


def _passes_by(portion: Again, file: FileRef, outcome: Outcome) -> bool:
    later = isinstance(outcome, Failed) and outcome.retry_after is not None
    return later and (file.mid, file.sha1) in portion.keep


def _portions(
    work: Work, files: Sequence[FileRef], mark: tuple[str, str] | None = None
) -> Iterator[list[Again]]:
    """The files in portions; the checkpoint is behind the last of them, or alone."""
    batches = list(chunks(files, work.batch)) or ([()] if mark else [])
    for number, some in enumerate(batches, 1):
        yield _look(work, some, mark if number == len(batches) else None)


def _look(work: Work, files: Sequence[FileRef], mark: tuple[str, str] | None) -> list[Again]:
    facts = _described(work, files)
    found = work.store.outcomes_of(work.linker.version, [key_of(one) for one in facts])
    same = {key_of(one) for one in facts if unchanged(one, found.get(key_of(one)), work.opt_outs)}
    looked = tuple(one.context.file for one in facts if key_of(one) in same)
    entries = [Entry(Passed.DONE) for _ in looked]
    others = [one for one in facts if key_of(one) not in same]
    entries += [Entry(one, reason=why_not(one, work.opt_outs)) for one in others]
    told = work.store.told_of([file.mid for file in files])
    keeping = frozenset(key_of(one) for one in others if _tells(told, key_of(one))) - set(found)
    return _parted(entries, looked, keeping, mark)


def _parted(
    entries: Sequence[Entry],
    looked: tuple[FileRef, ...],
    keeping: frozenset[Key],
    mark: tuple[str, str] | None,
) -> list[Again]:
    """In portions: the first tells what did not change, the last that all is done."""
    parts = [portion.entries for portion in split(entries)] or [()]
    last = len(parts) - 1
    return [
        Again(
            some,
            looked=looked if number == 0 else (),
            keep=keeping,
            mark=mark if number == last else None,
        )
        for number, some in enumerate(parts)
    ]


def _described(work: Work, files: Sequence[FileRef]) -> list[FileFacts]:
    uploads = [Upload.of_file(file) for file in files]
    return describe(work.wiki, uploads, work.settings.thumbnail_width) if uploads else []


def _tells(told: Mapping[Mid, StoredOutcome], key: Key) -> bool:
    """Whether people are told what some model found of this very content."""
    one = told.get(key[0])
    if one is None or one.file.sha1 != key[1]:
        return False
    return isinstance(one.outcome, Suggested | NothingToSuggest)
