"""Who wants no suggestions: a page of JSON on the wiki, read once a run, and the files' own pages.

    {"users": {"Name": "asked on the talk page"}, "categories": {"Postcards of X": "…"},
     "templates": {"No suggestions": "…"}}

Three keys, each an object of names, each with the reason, which is for the page's readers. What it
says is held while the run lasts; the record of a run keeps numbers, and no name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Final

from depicts_bot.pages import read_page
from depicts_bot.wiki import Json, Wiki
from depicts_model import json_pages
from depicts_model.errors import ConfigurationError

RECORD: Final = "opt_outs"
"""Where the inputs of a run tell how many it obeyed."""
_NAMESPACES: Final = {"users": "user", "categories": "category", "templates": "template"}


@dataclass(frozen=True, slots=True)
class OptOuts:
    """Whose files get no suggestions; names as ``name_of`` writes them."""

    users: frozenset[str] = frozenset()
    """Who uploaded the file's newest version."""
    categories: frozenset[str] = frozenset()
    """That the file itself is in, hidden ones too; not those below them."""
    templates: frozenset[str] = frozenset()
    """On the file's page itself; in small letters, as `wikitext` names them."""
    revision: int | None = field(default=None, compare=False)
    """Of the page; None where there is none, or none is set."""

    def record(self) -> Json:
        """What the record of a run keeps: the revision and numbers."""
        return {"revision": self.revision, **{key: len(getattr(self, key)) for key in KEYS}}

    def name(self, uploader: str, categories: Iterable[str], templates: Iterable[str]) -> bool:
        """Whether one of these is on the lists."""
        return bool(
            self.users.intersection(map(name_of, filter(None, [uploader])))
            or self.categories.intersection(map(name_of, categories))
            or self.templates.intersection(templates)
        )


KEYS: Final = tuple(one.name for one in fields(OptOuts) if one.compare)
NOBODY: Final = OptOuts()


def name_of(title: str) -> str:
    """A title without namespace as titles compare: one space, the first letter large."""
    name = " ".join(title.replace("_", " ").split())
    return name[:1].upper() + name[1:]


def read_opt_outs(wiki: Wiki, title: str) -> OptOuts:
    """The page as it is now; nobody's where there is none, or no ``title``.

    Raises WikiError, or ConfigurationError that names the page and its fault: where it cannot be
    read, somebody who opted out might be passed over.
    """
    page = read_page(wiki, title, "opt_out_page")
    return OptOuts() if page is None else parse(page.text, page.title, page.revision)


def parse(text: str, where: str, revision: int | None = None) -> OptOuts:
    """What a page says; ``where``: its title. Raises ConfigurationError as `read_opt_outs`."""
    values = json_pages.read(text, where, KEYS)
    named = {key: _names(value, key, where) for key, value in values.items()}
    return OptOuts(**named, revision=revision)


def _names(value: Any, key: str, where: str) -> frozenset[str]:
    told = json_pages.reasons(value, f"{where}: {key}")
    return frozenset(_name(text, _NAMESPACES[key], f"{where}: {key}") for text in told)


def _name(text: str, namespace: str, where: str) -> str:
    head, colon, rest = text.partition(":")
    name = name_of(rest if colon and head.strip().lower() == namespace else text)
    if not name:
        raise ConfigurationError(f"{where}: no name: {json_pages.short(text)}")
    return name.lower() if namespace == "template" else name
