"""What the wiki says of files before suggestions for them are stored: asked as a run asks.

Whoever made the list knew nothing of who opted out, or did not look; and since then pages were
deleted, overwritten, given depicts. A file without suggestions is not asked about: nothing is
shown of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

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
    """Outcomes, in two parts."""

    listed: Results
    """Of files as the list has them."""
    now: Results = ()
    """Of files as the wiki has them at this moment."""


Check = Callable[[Results], Sight]


def as_listed(results: Results) -> Sight:
    """Nobody is asked."""
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
    opt_outs: OptOuts = field(default=NOBODY, repr=False)

    def __call__(self, results: Results) -> Sight:
        """Raises WikiError, SpentError, and StoppedError where the switch is thrown."""
        self.watch.check()
        listed, now = [], []
        facts = self._facts(results)
        for file, outcome in results:
            one = facts.get((file.mid, file.sha1))
            if one is None:
                listed.append((file, outcome))
            elif key_of(one) != (file.mid, file.sha1):
                # as of a file that is overwritten while a run looks at it
                listed.append((file, OVERWRITTEN))
            else:
                reason = why_not(one, self.opt_outs)
                now.append((one.context.file, Skipped(reason) if reason else outcome))
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
