"""Who changed what on the wiki since we put it there: each page against its last commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from depicts_gadget.checkout import DIGITS, Checkout
from depicts_gadget.definition import TITLE
from depicts_gadget.wiki import Revision, Wiki
from depicts_model.errors import ConfigurationError

MARK = re.compile(rf"\bcommit ([0-9a-f]{{{DIGITS}}}) of gadget-js\b")
Texts = dict[str, str]


def summary(commit: str) -> str:
    """Of an edit of ours; `MARK` finds the commit again."""
    return f"Suggest depicts: commit {commit} of gadget-js"


@dataclass(frozen=True, slots=True)
class Drift:
    """A page that is not as it was put there, and why we think so."""

    title: str
    why: str


class Judge:
    """Compares what a wiki has with what was deployed to it.

    ``wanted`` makes the texts of all pages from a reader of files, by title; ``own`` is the part of
    a page that is ours.
    """

    def __init__(
        self,
        wiki: Wiki,
        checkout: Checkout,
        wanted: Callable[[Callable[[str], str]], Texts],
        own: Callable[[str, str], str],
    ) -> None:
        self._wiki, self._checkout, self._wanted, self._own = wiki, checkout, wanted, own
        self._texts = cache(self._texts_at)

    def drifts(self, now: dict[str, Revision], new: Texts) -> Iterator[Drift]:
        """Pages that somebody else has changed, but not to what we would write anyway."""
        for title, text in new.items():
            page = now.get(title)
            if page and self._own(title, page.text) != text:
                yield from self._judged(title, page)
        yield from self._deleted(now, new)

    def _judged(self, title: str, page: Revision) -> Iterator[Drift]:
        deployed = page if MARK.search(page.summary) else self._deployed(title)
        own = self._own(title, page.text)
        if deployed is None:
            if own:
                yield Drift(title, f"written by {page.user} on {page.time}, not from here")
            return
        commit = _commit(deployed)
        if not self._checkout.knows(commit):
            yield Drift(title, f"deployed from {commit}, which this clone does not have: git fetch")
        elif self._texts(commit).get(title) != own:
            yield Drift(title, f"last edited by {page.user} on {page.time}, not as in {commit}")

    def _deleted(self, now: dict[str, Revision], new: Texts) -> Iterator[Drift]:
        """Pages that must have been there when the definition named them: it is written after."""
        if TITLE in new and TITLE in now and (deployed := self._deployed(TITLE)):
            commit = _commit(deployed)
            for title in sorted(new.keys() & self._texts(commit).keys() - now.keys()):
                yield Drift(title, f"deleted since commit {commit}")

    def _deployed(self, title: str) -> Revision | None:
        """Its newest revision of ours."""
        return next((one for one in self._wiki.history(title) if MARK.search(one.summary)), None)

    def _texts_at(self, commit: str) -> Texts:
        try:
            return self._wanted(lambda name: self._checkout.read_at(commit, name))
        except ConfigurationError:
            # a commit of before there were gadgets like these
            return {}


def _commit(revision: Revision) -> str:
    found = MARK.search(revision.summary)
    return found[1] if found else ""
