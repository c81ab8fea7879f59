"""One wiki of the two: its pages, revisions, files, log and recent changes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .hashes import base36
from .namespaces import FILE, namespace_of
from .records import Change, Entry, Page, Revision, StoredFile, iso

if TYPE_CHECKING:
    from .state import State

Json = dict[str, Any]

_REDIRECT = re.compile(r"\s*#REDIRECT\s*\[\[([^\]|#]+)", re.IGNORECASE)
_CATEGORY = re.compile(r"\[\[\s*Category\s*:\s*([^\]|]+)", re.IGNORECASE)
COMMENT_LIMIT = 500


class Site:
    """Pages by id and by title; numbers are given out in order.

    ``redirects`` maps an item to the one that it was merged into; ``prefix`` is the path below
    which the site lives on the server.
    """

    def __init__(self, name: str, prefix: str, state: State) -> None:
        self.name, self.prefix, self.state = name, prefix, state
        self.pages: dict[int, Page] = {}
        self.titles: dict[str, int] = {}
        self.deleted: dict[str, Page] = {}
        self.revisions: dict[int, Revision] = {}
        self.log: list[Entry] = []
        self.changes: list[Change] = []
        self.redirects: dict[str, str] = {}
        self.next = {"page": 1, "revision": 1, "log": 1, "change": 1}

    # --- reading ---

    def now(self) -> str:
        return iso(self.state.clock())

    def page(self, title: str) -> Page | None:
        """The page of a normalised title."""
        return self.pages.get(self.titles.get(title, 0))

    def latest(self, page: Page) -> Revision:
        return self.revisions[page.revisions[-1]]

    def redirect_target(self, page: Page) -> str | None:
        """The title that the page's text redirects to."""
        found = _REDIRECT.match(self.latest(page).text)
        return found[1].strip() if found else None

    def categories(self, page: Page) -> list[str]:
        """Titles of the categories in the page's text, sorted and each once."""
        found = {name.strip() for name in _CATEGORY.findall(self.latest(page).text)}
        return sorted(f"Category:{name[0].upper()}{name[1:]}" for name in found)

    def file_pages(self) -> Iterator[Page]:
        return (page for page in self.pages.values() if page.file)

    # --- entities ---

    def entity_title(self, entity_id: str) -> str:
        return entity_id if entity_id[0] == "Q" else f"Property:{entity_id}"

    def entity_page(self, entity_id: str) -> Page | None:
        """The page of an entity: the file page of a MediaInfo, even where none was saved yet."""
        if entity_id[0] != "M":
            return self.page(self.entity_title(entity_id))
        page = self.pages.get(int(entity_id[1:]))
        return page if page and page.ns == FILE else None

    def entity(self, entity_id: str) -> Json | None:
        """The current entity; None where there is none."""
        page = self.entity_page(entity_id)
        return self.latest(page).entity if page else None

    def new_guid(self, entity_id: str) -> str:
        return f"{entity_id}${str(uuid.uuid4()).upper()}"

    # --- writing ---

    def keep(self, page: Page, first: Revision) -> None:
        """Take in a page with its first revision, under the numbers that they bring."""
        page.revisions.append(first.id)
        self.pages[page.id], self.titles[page.title] = page, page.id
        self.revisions[first.id] = first
        self.count_on({"page": page.id + 1, "revision": first.id + 1})

    def count_on(self, counters: Mapping[str, int]) -> None:
        """Numbers to be given out next, where they are higher than those known."""
        for name, value in counters.items():
            self.next[name] = max(self.next[name], value)

    def take(self, name: str) -> int:
        """The next number of a kind."""
        self.next[name] += 1
        return self.next[name] - 1

    def create(self, title: str, text: str, user: str, comment: str) -> Page:
        """A new page with one revision."""
        page = Page(self.take("page"), title, touched=self.now())
        number = self.take("revision")
        self.keep(page, Revision(number, 0, page.id, user, self.now(), comment, text))
        self._note(page, None)
        return page

    def save(
        self,
        page: Page,
        user: str,
        comment: str,
        *,
        bot: bool = False,
        number: int = 0,
        **changed: Any,
    ) -> Revision:
        """A new revision: the latest with ``changed`` fields (text, entity, tags, minor).

        ``number``: where another wiki gave it one already.
        """
        old = self.latest(page)
        fresh: Json = {"tags": [], "minor": False} | changed
        new = replace(
            old,
            id=number or self.take("revision"),
            parent=old.id,
            user=user,
            timestamp=self.now(),
            comment=_cut(comment),
            **fresh,
        )
        self.revisions[new.id] = new
        page.revisions.append(new.id)
        page.touched = new.timestamp
        self._note(page, old, bot)
        return new

    def _note(self, page: Page, old: Revision | None, bot: bool = False) -> None:
        new = self.latest(page)
        self.changes.append(
            Change(
                self.take("change"),
                page.ns,
                page.title,
                page.id,
                new.id,
                old.id if old else 0,
                new.user,
                new.timestamp,
                new.comment,
                bot,
                new.minor,
                old.size if old else 0,
                new.size,
                new.tags,
            )
        )

    def write_log(
        self,
        kind: tuple[str, str],
        page: Page,
        user: str,
        comment: str,
        params: Json,
        title: str = "",
    ) -> Entry:
        """A new row of the log, which is a recent change too."""
        title = title or page.title
        entry = Entry(
            self.take("log"),
            *kind,
            namespace_of(title),
            title,
            page.id,
            page.revisions[-1],
            user,
            self.now(),
            comment,
            params,
        )
        self.log.append(entry)
        self.changes.append(
            Change(
                self.take("change"),
                entry.ns,
                title,
                page.id,
                entry.revid,
                0,
                user,
                entry.timestamp,
                comment,
                log=entry,
            )
        )
        return entry

    def move(self, page: Page, title: str, user: str, reason: str) -> Page:
        """Rename; returns the redirect that is left behind."""
        old = page.title
        self.titles.pop(old)
        page.title, self.titles[title] = title, page.id
        comment = f"{user} moved page [[{old}]] to [[{title}]]: {reason}"
        self._quiet_save(page, user, comment)
        redirect = Page(self.take("page"), old, touched=self.now())
        self.keep(
            redirect,
            Revision(
                self.take("revision"),
                0,
                redirect.id,
                user,
                self.now(),
                comment,
                f"#REDIRECT [[{title}]]",
            ),
        )
        self.write_log(
            ("move", "move"),
            page,
            user,
            reason,
            {"target_ns": page.ns, "target_title": title},
            title=old,
        )
        return redirect

    def _quiet_save(self, page: Page, user: str, comment: str, **changed: Any) -> None:
        """A revision that recent changes show only as their log row."""
        self.save(page, user, comment, **changed)
        self.changes.pop()
        self.next["change"] -= 1

    def delete(self, page: Page, user: str, reason: str) -> Entry:
        del self.pages[page.id], self.titles[page.title]
        self.deleted[page.title] = page
        return self.write_log(("delete", "delete"), page, user, reason, {})

    def undelete(self, title: str, user: str, reason: str) -> Page:
        page = self.deleted.pop(title)
        self.pages[page.id], self.titles[title] = page, page.id
        self.write_log(("delete", "restore"), page, user, reason, {})
        return page

    def protect(self, page: Page, levels: Mapping[str, str], user: str, reason: str) -> None:
        page.protection = dict(levels)
        self._quiet_save(page, user, f'Protected "[[{page.title}]]": {reason}')
        self.write_log(("protect", "protect"), page, user, reason, {})

    def upload(self, title: str, text: str, file: StoredFile) -> Page:
        """A new file with its page and log row, as of the time that the file brings."""
        page = Page(self.take("page"), title, file=file, touched=file.timestamp)
        self.keep(
            page,
            Revision(
                self.take("revision"), 0, page.id, file.user, file.timestamp, file.comment, text
            ),
        )
        params = {"img_sha1": base36(file.sha1), "img_timestamp": file.timestamp}
        entry = self.write_log(("upload", "upload"), page, file.user, file.comment, params)
        entry.timestamp = self.changes[-1].timestamp = file.timestamp
        return page

    def overwrite(self, page: Page, user: str, **stored: Any) -> None:
        """A new version of the file (``stored``: fields of StoredFile that change)."""
        assert page.file is not None
        page.file = replace(page.file, timestamp=self.now(), user=user, **stored)
        self._quiet_save(page, user, "overwritten")
        self.write_log(
            ("upload", "overwrite"),
            page,
            user,
            "overwritten",
            {"img_timestamp": page.file.timestamp},
        )

    def merge_item(self, old: str, new: str) -> None:
        """Make one item a redirect to another."""
        self.redirects[old] = new
        page = self.entity_page(old)
        if page:
            self.save(page, "Maintenance script", f"redirect to {new}", entity=None)

    def resolve(self, entity_id: str) -> str:
        """The item that an id stands for after merges."""
        while entity_id in self.redirects:
            entity_id = self.redirects[entity_id]
        return entity_id


def _cut(comment: str) -> str:
    comment = comment.strip()
    if len(comment) <= COMMENT_LIMIT:
        return comment
    return comment[: COMMENT_LIMIT - 3] + "..."
