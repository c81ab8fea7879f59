"""The one page that the bot edits: that of its own report. Never a file's page, never an entity."""

from __future__ import annotations

from typing import Any, Final

from depicts_bot.pages import Page
from depicts_bot.site import LoggedIn, wiki_errors
from depicts_model.errors import ConfigurationError, WikiError

PLACES: Final = (2, 3, 4, 5)
"""Namespaces of users and of the project, and their talk."""


def save_page(wiki: LoggedIn, title: str, text: str, base: Page | None, summary: str) -> None:
    """Save the page as an edit of ``base``, the revision that was read; None: there was no page.

    By pywikibot, which adds maxlag and asserts that we are logged in; that we are who we say is
    asserted too. Raises WikiError, ``edit-refused`` where somebody else was quicker or the wiki
    does not let us.
    """
    import pywikibot
    from pywikibot import exceptions

    # by the revision alone: beside a time that pywikibot looks up now, which is later, MediaWiki
    # takes what somebody saved between for our own, and overwrites it (1.43)
    more: dict[str, Any] = {"createonly": True}
    if base:
        more = {"baserevid": base.revision, "basetimestamp": False}
    with wiki_errors(wiki.api):
        page = pywikibot.Page(wiki.site, title)
        user = wiki.site.user()
        try:
            saved = wiki.site.editpage(
                page, summary=summary, text=text, minor=False, assertuser=user, **more
            )
        except exceptions.PageSaveRelatedError as error:
            raise _refused(wiki, " ".join(str(error).split())) from None
    if not saved:
        raise _refused(wiki, title)


def check_place(wiki: LoggedIn, title: str) -> None:
    """ConfigurationError where this is no page that a report may stand on."""
    import pywikibot

    with wiki_errors(wiki.api):
        namespace = pywikibot.Page(wiki.site, title).namespace()
    if namespace.id not in PLACES:
        raise ConfigurationError(
            f"report_page: {title!r} is no page of a user or of the project, nor its talk"
        )


def _refused(wiki: LoggedIn, why: str) -> WikiError:
    return WikiError("edit-refused", f"{wiki.api}: not saved: {why}")
