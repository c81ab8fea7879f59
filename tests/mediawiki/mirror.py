"""What the real MediaWiki says of a person and of pages, put into the embedded wiki's state.

Copied: who asks, with rights and block; the pages that a request names, with title, protection and
revisions; tags that may be used; whether the wiki can be written. An edit of the text leaves the
statements as they were, an edit that is undone by "undo" too, as on Commons; a rollback takes them
back. Not copied: an older revision restored by hand, which on Commons takes them back as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tests.sandbox.api.call import ANONYMOUS
from tests.sandbox.records import Page, Revision
from tests.sandbox.site import Site
from tests.sandbox.state import Block, Session, State, User

from .upstream import Upstream

Json = dict[str, Any]

NAMING = ("ids", "id", "entity", "claim", "statement")
"""Parameters in which entities are named, or statements of theirs."""
AT_ONCE = 50
"""Pages a question, which anybody may name."""
MOST = 500
UNLIMITED = (10**9, 1)
_MEDIA = re.compile(r"\bM([1-9]\d*)\b", re.IGNORECASE)


@dataclass(slots=True)
class Known(User):
    """An account of the real wiki, with the rights that it has there."""

    held: list[str] = field(default_factory=list)

    @property
    def rights(self) -> list[str]:
        return self.held


def named(params: Mapping[str, str]) -> list[int]:
    """Ids of the pages whose MediaInfo a request names, each once."""
    found = [number for name in NAMING for number in _MEDIA.findall(params.get(name, ""))]
    return [int(number) for number in dict.fromkeys(found)][:MOST]


def told(wiki: Upstream, cookie: str, pages: list[int], writes: bool) -> Json:
    """What MediaWiki says of this person and these pages, and of itself to somebody who writes."""
    found = _asked(wiki, cookie, pages[:AT_ONCE], writes)
    for start in range(AT_ONCE, len(pages), AT_ONCE):
        more = _asked(wiki, cookie, pages[start : start + AT_ONCE], writes=False)
        found["pages"] += more["pages"]
    return found


def _asked(wiki: Upstream, cookie: str, pages: list[int], writes: bool) -> Json:
    asked: Json = {"meta": "userinfo", "uiprop": "blockinfo|groups|rights"}
    if pages:
        asked |= {"prop": "info|revisions", "inprop": "protection"}
        asked |= {"pageids": "|".join(map(str, pages)), "rvprop": "ids|timestamp|user|comment|tags"}
        # older ones are told of one page at a time
        asked |= {"rvlimit": "max"} if len(pages) == 1 else {}
    if writes:
        asked["meta"] += "|siteinfo"
        asked |= {"list": "tags", "tglimit": "max", "tgprop": "active|source"}
    found: Json = wiki.ask(cookie, action="query", **asked)["query"]
    return found


def session(wiki: Upstream, cookie: str, query: Json, token: str) -> Session:
    """The person's session, with ``token`` as its own where MediaWiki takes it for one."""
    person = query["userinfo"]
    if person.get("anon") or not token:
        return Session("" if person.get("anon") else person["name"])
    judged = wiki.ask(cookie, action="checktoken", type="csrf", token=token)
    valid = judged.get("checktoken", {}).get("result") == "valid"
    secret = {"secret": token.removesuffix("+\\")} if valid else {}
    return Session(person["name"], **secret)


def take_over(state: State, query: Json) -> None:
    """Put what was told into the state, whose lock is held.

    Edits are counted by MediaWiki alone; what it knew of a page before is not forgotten.
    """
    state.conditions.edit_limit = UNLIMITED
    _person(state, query["userinfo"])
    for row in query.get("pages", []):
        _page(state.commons, row)
    if "general" in query:
        general = query["general"]
        state.conditions.read_only = (
            general.get("readonlyreason", "") if general["readonly"] else ""
        )
        state.world = replace(state.world, tags=tuple(_usable(query["tags"])))


def _usable(tags: Iterable[Json]) -> list[str]:
    return [row["name"] for row in tags if row["active"] and "manual" in row["source"]]


def _person(state: State, row: Json) -> None:
    if row.get("anon"):
        state.conditions.anonymous_edits = "edit" in row["rights"]
    else:
        state.users[row["name"]] = Known(row["id"], row["name"], row["groups"], held=row["rights"])
    name = ANONYMOUS if row.get("anon") else row["name"]
    state.blocks.pop(name, None)
    if "blockid" in row and not row["blockpartial"]:
        end = row["blockexpiry"]
        state.blocks[name] = Block(
            row["blockid"],
            name,
            row["blockedby"],
            row["blockreason"],
            datetime.fromisoformat(row["blockedtimestamp"]),
            None if end == "infinite" else datetime.fromisoformat(end),
        )


def _page(site: Site, row: Json) -> None:
    """A page that MediaWiki has, under the title that it has now; or one that is gone."""
    page = site.pages.get(row["pageid"])
    if "missing" in row:
        if page:
            site.deleted[page.title] = site.pages.pop(page.id)
            site.titles.pop(page.title, None)
        return
    if page is None:
        again = [one for one in site.deleted.values() if one.id == row["pageid"]]
        page = again[0] if again else Page(row["pageid"], row["title"])
        site.deleted.pop(page.title, None)
    site.titles.pop(page.title, None)
    page.title = row["title"]
    site.pages[page.id], site.titles[page.title] = page, page.id
    page.protection = {one["type"]: one["level"] for one in row["protection"]}
    for revision in sorted(row["revisions"], key=lambda one: int(one["revid"])):
        _revision(site, page, revision)


def _revision(site: Site, page: Page, row: Json) -> None:
    """A revision that is not ours: its entity is that of an older one."""
    number = row["revid"]
    if number in site.revisions:
        return
    site.revisions[number] = Revision(
        number,
        row["parentid"],
        page.id,
        row.get("user", ""),
        row["timestamp"],
        row.get("comment", ""),
        "",
        _entity(site, [one for one in page.revisions if one < number], row["tags"]),
        row["tags"],
    )
    page.revisions = sorted([*page.revisions, number])


def _entity(site: Site, before: list[int], tags: list[str]) -> Json | None:
    """That of the revision before; after a rollback, of the last one by somebody else."""
    older = [site.revisions[one] for one in reversed(before)]
    if "mw-rollback" in tags:
        older = [one for one in older if one.user != older[0].user]
    return older[0].entity if older else None
