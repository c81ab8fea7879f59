"""``action=query``: finds the pages that are meant, and lets properties, lists and meta answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..namespaces import namespace_of, normalise
from ..records import Page
from . import lists, logs, meta, props, siteinfo
from .call import Call
from .paging import Listing

Json = dict[str, Any]

PROPS = {
    "info": props.info,
    "revisions": props.revisions,
    "imageinfo": props.image_info,
    "categories": props.categories,
    "categoryinfo": props.nothing,
    "pageprops": props.nothing,
    "templates": props.nothing,
}
LISTS = {
    "logevents": logs.log_events,
    "recentchanges": logs.recent_changes,
    "usercontribs": logs.user_contributions,
    "allimages": lists.all_images,
    "allpages": lists.all_pages,
    "categorymembers": lists.category_members,
    "search": lists.search,
    "random": lists.random_pages,
    "users": lists.users,
    "tags": lists.tags,
}
META = {
    "siteinfo": siteinfo.run,
    "userinfo": meta.user_info,
    "tokens": meta.tokens,
    "wikibase": meta.wikibase,
    "allmessages": meta.all_messages,
}


@dataclass(slots=True)
class Found:
    """The pages that a query is about, with the rows that tell of them.

    ``missing`` are rows of titles and ids that are not there, keyed as formatversion 1 does.
    """

    pages: list[Page] = field(default_factory=list)
    missing: dict[int, Json] = field(default_factory=dict)
    query: Json = field(default_factory=dict)
    revids: list[int] = field(default_factory=list)


def run(call: Call) -> Json:
    """Everything that was asked for, in one answer."""
    going_on: Json = {}
    found = _resolve(call, going_on)
    query = found.query
    for name in call.known("meta", META, module="query"):
        query |= META[name](call)
    for name in call.known("list", LISTS, module="query"):
        listing = LISTS[name](call, "")
        query |= {**listing.beside, name: listing.rows}
        _note(going_on, listing, "-||")
    rows = _page_rows(call, found, going_on)
    if rows:
        query |= _pages(call, rows)
    complete = "continue" not in going_on or going_on["continue"] != "||"
    told = {"batchcomplete": complete, "continue": going_on, "query": query, "limits": call.limits}
    return {key: part for key, part in told.items() if part}


def _note(going_on: Json, listing: Listing, rest: str) -> None:
    if listing.more:
        going_on[listing.more[0]] = listing.more[1]
        going_on["continue"] = rest


def _page_rows(call: Call, found: Found, going_on: Json) -> dict[int, Json]:
    known = {
        page.id: {"pageid": page.id, "ns": page.ns, "title": page.title} for page in found.pages
    }
    rows = dict(
        sorted({**found.missing, **known}.items(), key=lambda one: (one[0] >= 0, abs(one[0])))
    )
    # what a first answer told of these pages is not told again
    asked = call.known("prop", PROPS, module="query")
    for name in ["categories"] if call.flag("clcontinue") else asked:
        for key, row in rows.items():
            more = PROPS[name](call, call.site.pages.get(key), row, found.revids)
            if more:
                going_on |= {more[0]: more[1], "continue": "||"}
    return rows


def _pages(call: Call, rows: dict[int, Json]) -> Json:
    told: Json = {"pageids": [str(key) for key in rows]} if call.flag("indexpageids") else {}
    if call.v2:
        return told | {"pages": list(rows.values())}
    return told | {"pages": {str(key): row for key, row in rows.items()}}


def _resolve(call: Call, going_on: Json) -> Found:
    """Titles, page ids, revision ids or a generator: what the query is about."""
    found = Found()
    for given in call.values("titles"):
        _add_title(call, found, given)
    for given in call.values("pageids"):
        number = int(given) if given.isdigit() else 0
        if number in call.site.pages:
            _add_page(found, call.site.pages[number])
        else:
            found.missing[number] = {"pageid": number, "missing": True}
    for given in call.values("revids"):
        _add_revision(call, found, int(given) if given.isdigit() else 0)
    if call.get("generator") == "categories":
        return _categories_of(call, found.pages)
    for name in call.known("generator", LISTS, module="query"):
        listing = LISTS[name](call, "g")
        found.pages += [call.site.pages[one] for one in listing.pages if one in call.site.pages]
        _note(going_on, listing, f"{listing.more[0] if listing.more else ''}||")
    return found


def _categories_of(call: Call, pages: list[Page]) -> Found:
    """The categories of the pages instead of the pages; few of them have a page."""
    found = Found()
    for title in sorted({title for page in pages for title in props.shown(call, page, "gcl")}):
        _add_title(call, found, title)
    return found


def _add_title(call: Call, found: Found, given: str) -> None:
    title = normalise(given)
    if title != given and title:
        row = {"fromencoded": False, "from": given, "to": title}
        found.query.setdefault("normalized", []).append(row)
    page = call.site.page(title)
    if page and call.flag("redirects"):
        title = _followed(call, found, page)
        page = call.site.page(title)
    if page:
        _add_page(found, page)
        return
    key = -1 - len(found.missing)
    if title:
        found.missing[key] = {"ns": namespace_of(title), "title": title, "missing": True}
    else:
        reason = "The requested page title contains invalid characters."
        found.missing[key] = {"title": given, "invalidreason": reason, "invalid": True}


def _followed(call: Call, found: Found, page: Page) -> str:
    """The title that a redirect leads to; the page's own where it is none."""
    target = call.site.redirect_target(page)
    if target is None:
        return page.title
    found.query.setdefault("redirects", []).append({"from": page.title, "to": target})
    return target


def _add_page(found: Found, page: Page) -> None:
    if page not in found.pages:
        found.pages.append(page)


def _add_revision(call: Call, found: Found, number: int) -> None:
    revision = call.site.revisions.get(number)
    page = call.site.pages.get(revision.page) if revision else None
    if page is None:
        found.query.setdefault("badrevids", {})[str(number)] = {"revid": number, "missing": True}
        return
    found.revids.append(number)
    _add_page(found, page)
