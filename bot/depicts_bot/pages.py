"""Pages of the wiki by which people steer us, as text."""

from __future__ import annotations

from dataclasses import dataclass

from depicts_bot.wiki import Json, Wiki, part
from depicts_model.errors import ConfigurationError


class HiddenPageError(ConfigurationError):
    """The page is there, and its latest text is hidden from us."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's latest revision; ``title`` as the wiki writes it."""

    title: str
    text: str
    revision: int


def read_page(wiki: Wiki, title: str, setting: str) -> Page | None:
    """The page as it is now; None where there is none, or no ``title``.

    ``setting``: that names the page. Raises WikiError, and ConfigurationError where it names no
    page that could be here, HiddenPageError where nobody may read it.
    """
    if not title:
        return None
    # more titles than one: of two pages the first would be read alone
    if "|" in title or "\x1f" in title:
        raise ConfigurationError(f"{setting}: not a title of a page here: {title!r}")
    answer = wiki.ask(
        action="query", titles=title, prop="revisions", rvprop="ids|content", rvslots="main"
    )
    # a title that leads to another wiki brings no page at all
    page: Json = next(iter(part(wiki, answer, "query").get("pages", [])), {"invalid": True})
    if page.get("invalid"):
        raise ConfigurationError(f"{setting}: not a title of a page here: {title!r}")
    return None if page.get("missing") else _latest(page)


def _latest(page: Json) -> Page:
    title = page["title"]
    revision: Json = next(iter(page.get("revisions", [])), {})
    text = revision.get("slots", {}).get("main", {}).get("content")
    if text is None:
        raise HiddenPageError(f"{title}: its latest revision is hidden")
    return Page(title, text, revision["revid"])
