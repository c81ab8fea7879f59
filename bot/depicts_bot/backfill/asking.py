"""What the wiki says of files before suggestions for them are stored: asked as a run asks.

Whoever made the list knew nothing of who opted out, or did not look; and since then pages were
deleted, overwritten, given depicts. A file without suggestions is not asked about: nothing is
shown of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from depicts_bot.context import describe
from depicts_bot.eligibility import FileFacts, why_not
from depicts_bot.opting_out import NOBODY, OptOuts
from depicts_bot.portions import OVERWRITTEN, key_of
from depicts_bot.switching import Watch
from depicts_bot.uploads import Upload
from depicts_bot.wiki import Wiki
from depicts_model.store import Store
from depicts_model.types import FileRef, Outcome, Skipped, Suggested

Results = Sequence[tuple[FileRef, Outcome]]


@dataclass(frozen=True, slots=True)
class Sight:
    """Outcomes that are to be stored, in two parts; what is left out is stored already."""

    listed: Results
    """Of files as the list has them."""
    now: Results = ()
    """Of files as the wiki has them at this moment."""


class Check(Protocol):
    """Judges outcomes before they are stored."""

    @property
    def most(self) -> int:
        """Files with suggestions at a time: so much is lost where it ends halfway."""

    def __call__(self, results: Results) -> Sight:
        """Which of them to store, and as what."""


@dataclass(frozen=True, slots=True)
class AsListed:
    """Nobody is asked, and not even the switch is read."""

    most: int

    def __call__(self, results: Results) -> Sight:
        """All, as they are."""
        return Sight(results)


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks about files with suggestions that the store does not have from this model yet."""

    wiki: Wiki
    watch: Watch
    store: Store
    version: str
    """Of the model."""
    width: int
    """Of thumbnails, in pixels."""
    most: int
    """Files a request."""
    opt_outs: OptOuts = field(default=NOBODY, repr=False)

    def __call__(self, results: Results) -> Sight:
        """Raises WikiError, SpentError, and StoppedError where the switch is thrown."""
        self.watch.check()
        facts = self._facts(results)
        # what was judged while it was thrown is not stored
        self.watch.check()
        listed, now = [], []
        for file, outcome in results:
            one = facts.get((file.mid, file.sha1))
            if not isinstance(outcome, Suggested):
                listed.append((file, outcome))
            elif one is not None and key_of(one) == (file.mid, file.sha1):
                reason = why_not(one, self.opt_outs)
                now.append((one.context.file, Skipped(reason) if reason else outcome))
            elif one is not None:
                # as of a file that is overwritten while a run looks at it
                listed.append((file, OVERWRITTEN))
        return Sight(listed, now)

    def _facts(self, results: Results) -> dict[tuple[str, str], FileFacts]:
        """What the wiki says of those that are asked about, by the list's id and SHA-1."""
        wanted = [file for file, outcome in results if isinstance(outcome, Suggested)]
        keys = [(file.mid, file.sha1) for file in wanted]
        done = self.store.done(self.version, keys) if keys else set()
        asked = [file for file, key in zip(wanted, keys, strict=True) if key not in done]
        if not asked:
            return {}
        told = describe(self.wiki, [Upload.of_file(file) for file in asked], self.width)
        return {(file.mid, file.sha1): one for file, one in zip(asked, told, strict=True)}


def pieces(results: Results, most: int) -> Iterator[Results]:
    """All of them in their order, with at most so many files with suggestions in a piece."""
    some: list[tuple[FileRef, Outcome]] = []
    wanted = 0
    for one in results:
        is_wanted = isinstance(one[1], Suggested)
        if is_wanted and wanted == most:
            yield some
            some, wanted = [], 0
        some.append(one)
        wanted += is_wanted
    if some:
        yield some
