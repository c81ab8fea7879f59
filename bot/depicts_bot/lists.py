"""The on-wiki page that changes the lists, read once a run. A broken page stops the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from depicts_bot.pages import read_page
from depicts_bot.wiki import Json, Wiki
from depicts_model.catalog import Catalog
from depicts_model.overrides import KEYS, NONE, Overrides, check, parse


@dataclass(frozen=True, slots=True)
class Lists:
    """What the page says. ``revision`` is None where there is no page, or none is set."""

    title: str
    overrides: Overrides = NONE
    revision: int | None = None

    def record(self) -> Json:
        """What the record of a run keeps of it: ids, and no text that somebody typed."""
        return {"page": self.title, "revision": self.revision, **self.overrides.record()}

    def line(self, catalog: Catalog) -> str:
        """What is changed, in one line, with every item of which nothing is."""
        counts = ", ".join(f"{len(getattr(self.overrides, key))} {key}" for key in KEYS)
        named = {qid for key in KEYS for qid in getattr(self.overrides, key)}
        strange = " ".join(sorted(named - {*catalog.qids}))
        told = [f"{self.title}, revision {self.revision}: {counts}"]
        told += [f"not in the catalog: {strange}"] if strange else []
        return "; ".join((*told, *self._idle(catalog)))

    def _idle(self, catalog: Catalog) -> Iterator[str]:
        """What is allowed yet cannot be shown, or was never barred; and of releases the same."""
        listed = catalog.never_suggest & catalog.depictable
        stands = catalog.representative
        for key, why, useful in (
            ("allow", "not barred, too general, or no sight", listed - catalog.too_general),
            ("release", "held nothing back", catalog.withhold),
        ):
            named = getattr(self.overrides, key).intersection(catalog.qids)
            idle = sorted(qid for qid in named if not useful & {qid, stands(qid)})
            if idle:
                yield f"{key} without effect ({why}): {' '.join(idle)}"


def read_lists(wiki: Wiki, title: str, catalog: Catalog) -> Lists:
    """The page as it is now; empty where there is none, or no ``title``.

    Raises WikiError, or ConfigurationError that names the page and its fault: a text that cannot
    be read is no empty one.
    """
    page = read_page(wiki, title, "lists_page")
    if page is None:
        return Lists(title)
    overrides = parse(page.text, page.title)
    fixed = catalog.personal | catalog.people
    check(overrides.through(catalog.representative), fixed, page.title)
    return Lists(page.title, overrides, page.revision)
