"""The on-wiki page that changes the lists, read once a run. A broken page stops the run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from depicts_bot.wiki import Json, Wiki, part
from depicts_model.catalog import Catalog
from depicts_model.errors import ConfigurationError
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
    if not title:
        return Lists(title)
    answer = wiki.ask(
        action="query", titles=title, prop="revisions", rvprop="ids|content", rvslots="main"
    )
    # a title that leads to another wiki brings no page at all
    page: Json = next(iter(part(wiki, answer, "query").get("pages", [])), {"invalid": True})
    if page.get("invalid"):
        raise ConfigurationError(f"lists_page: not a title of a page here: {title!r}")
    return Lists(title) if page.get("missing") else _read(page, catalog)


def _read(page: Json, catalog: Catalog) -> Lists:
    title = page["title"]
    revision: Json = next(iter(page.get("revisions", [])), {})
    text = revision.get("slots", {}).get("main", {}).get("content")
    if text is None:
        raise ConfigurationError(f"{title}: its latest revision is hidden")
    overrides = parse(text, title)
    fixed = catalog.personal | catalog.people
    check(overrides.through(catalog.representative), fixed, title)
    return Lists(title, overrides, revision["revid"])
