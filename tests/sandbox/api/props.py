"""Properties of pages: info, revisions, the uploaded file, categories.

Each function adds to a page's row (``page`` None: there is no such page) and may return the
parameter and value with which the property goes on.
"""

from __future__ import annotations

from typing import Any

from .. import entity as entities
from ..hashes import sha1
from ..records import Page, Revision
from . import images
from .call import Call
from .paging import moment, stamp

Json = dict[str, Any]
More = tuple[str, str] | None

_LANGUAGE = {
    "contentmodel": "wikitext",
    "pagelanguage": "en",
    "pagelanguagehtmlcode": "en",
    "pagelanguagedir": "ltr",
}


def nothing(call: Call, page: Page | None, row: Json, revids: list[int]) -> More:
    """A property that exists and of which no page here has any."""
    return None


def info(call: Call, page: Page | None, row: Json, revids: list[int]) -> More:
    """``prop=info``, with protection where asked."""
    if page is None:
        if "title" in row:
            row.update(_LANGUAGE)
        return None
    latest = call.site.latest(page)
    row.update(_LANGUAGE)
    row.update(touched=page.touched, lastrevid=latest.id, length=latest.size)
    if call.site.redirect_target(page):
        row["redirect"] = True
    if len(page.revisions) == 1:
        row["new"] = True
    wanted = call.values("inprop")
    if "protection" in wanted:
        row["protection"] = [
            {"type": action, "level": level, "expiry": "infinity"}
            for action, level in page.protection.items()
        ]
        row["restrictiontypes"] = ["edit", "move", "upload"] if page.file else ["edit", "move"]
    if "url" in wanted:
        url = f"{call.own}/wiki/{page.title.replace(' ', '_')}"
        row.update(fullurl=url, canonicalurl=url, editurl=url + "?action=edit")
    return None


# --- revisions -----------------------------------------------------------------------------


def revisions(call: Call, page: Page | None, row: Json, revids: list[int]) -> More:
    """``prop=revisions``: the last one, those asked for by id, or with ``rvlimit`` several."""
    if page is None:
        return None
    wanted = [call.site.revisions[one] for one in reversed(page.revisions)]
    more: More = None
    if revids:
        wanted = [one for one in wanted if one.id in revids]
    elif _lists_history(call):
        wanted, more = _history(call, wanted)
    else:
        wanted = wanted[:1]
    if wanted:
        row["revisions"] = [_revision(call, one) for one in wanted]
    return more


def _lists_history(call: Call) -> bool:
    names = (
        "rvlimit",
        "rvstart",
        "rvend",
        "rvstartid",
        "rvendid",
        "rvuser",
        "rvexcludeuser",
        "rvtag",
        "rvdir",
    )
    return any(call.flag(name) for name in names)


def _history(call: Call, rows: list[Revision]) -> tuple[list[Revision], More]:
    newer = call.get("rvdir") == "newer"
    low, high = ("rvstart", "rvend") if newer else ("rvend", "rvstart")
    since, until = moment(call, low), moment(call, high)
    first, last = call.number(low + "id"), call.number(high + "id")
    kept = [
        one
        for one in rows
        if _is_wanted(call, one)
        and (since is None or stamp(one.timestamp) >= since)
        and (until is None or stamp(one.timestamp) <= until)
        and one.id >= first
        and (not last or one.id <= last)
    ]
    if newer:
        kept.reverse()
    mark = call.get("rvcontinue").partition("|")[2]
    if mark.isdigit():
        kept = [one for one in kept if (one.id >= int(mark) if newer else one.id <= int(mark))]
    limit = call.limit("rvlimit", "revisions")
    if len(kept) <= limit:
        return kept, None
    rest = kept[limit]
    return kept[:limit], ("rvcontinue", f"{stamp(rest.timestamp)}|{rest.id}")


def _is_wanted(call: Call, revision: Revision) -> bool:
    if call.flag("rvuser") and revision.user != call.get("rvuser"):
        return False
    if call.flag("rvexcludeuser") and revision.user == call.get("rvexcludeuser"):
        return False
    return not call.flag("rvtag") or call.get("rvtag") in revision.tags


def _revision(call: Call, revision: Revision) -> Json:
    wanted = set(call.values("rvprop", "ids|timestamp|flags|comment|user"))
    row: Json = {}
    if "ids" in wanted:
        row.update(revid=revision.id, parentid=revision.parent)
    if "flags" in wanted:
        row["minor"] = revision.minor
    if "user" in wanted:
        row.update(author(call, revision.user))
    if "userid" in wanted:
        row["userid"] = _user_id(call, revision.user)
    if "size" in wanted:
        row["size"] = revision.size
    if "roles" in wanted:
        row["roles"] = list(_slots(revision))
    for name in ("timestamp", "comment", "tags"):
        if name in wanted:
            row[name] = getattr(revision, name)
    if "parsedcomment" in wanted:
        row["parsedcomment"] = revision.comment
    return row | _contents(call, revision, wanted)


def author(call: Call, name: str) -> Json:
    """Who made an edit, as rows tell it."""
    known = name in call.state.users
    return {"user": name} if known else {"user": name, "anon": True}


def _user_id(call: Call, name: str) -> int:
    return call.state.users[name].id if name in call.state.users else 0


def _contents(call: Call, revision: Revision, wanted: set[str]) -> Json:
    """The slots, or in the old way the text of the main slot alone."""
    details = wanted & {"content", "slotsize", "slotsha1", "contentmodel"}
    if not details:
        return {}
    slots = _slots(revision)
    if not call.flag("rvslots"):
        return _slot(call, slots["main"], details)
    roles = call.values("rvslots")
    return {
        "slots": {
            role: _slot(call, slot, details)
            for role, slot in slots.items()
            if role in roles or roles == ["*"]
        }
    }


def _slots(revision: Revision) -> dict[str, Json]:
    text = revision.text
    slots = {
        "main": {
            "model": "wikitext",
            "format": "text/x-wiki",
            "content": text,
            "size": len(text.encode()),
            "sha1": sha1(text),
        }
    }
    if revision.entity and revision.entity["type"] == "mediainfo":
        content = entities.slot_text(revision.entity)
        slots["mediainfo"] = {
            "model": "wikibase-mediainfo",
            "format": "application/json",
            "content": content,
            "size": entities.slot_size(revision.entity),
            "sha1": sha1(content),
        }
    return slots


def _slot(call: Call, slot: Json, details: set[str]) -> Json:
    row: Json = {}
    if "slotsize" in details:
        row["size"] = slot["size"]
    if "slotsha1" in details:
        row["sha1"] = slot["sha1"]
    if details & {"content", "contentmodel"}:
        row["contentmodel"] = slot["model"]
    if "content" in details:
        row["contentformat"] = slot["format"]
        row["content" if call.v2 else "*"] = slot["content"]
    return row


# --- files and categories ------------------------------------------------------------------


def image_info(call: Call, page: Page | None, row: Json, revids: list[int]) -> More:
    """``prop=imageinfo``: of the current upload."""
    if page is None and "ns" not in row:
        return None
    has_file = page is not None and page.file is not None
    row["imagerepository"] = "local" if has_file else ""
    if page is not None and has_file:
        wanted = set(call.values("iiprop", "timestamp|user"))
        width = call.number("iiurlwidth", -1)
        row["imageinfo"] = [images.describe(call, page, wanted, width)]
    return None


def categories(call: Call, page: Page | None, row: Json, revids: list[int]) -> More:
    """``prop=categories``: hidden ones are marked, or left out by ``clshow=!hidden``."""
    if page is None:
        return None
    some, more = _room_for(call, page, shown(call, page, "cl"))
    rows: list[Json] = [{"ns": 14, "title": title} for title in some]
    if "hidden" in call.values("clprop"):
        for one in rows:
            one["hidden"] = one["title"] in call.state.world.hidden
    if rows:
        row["categories"] = rows
    return more


def _room_for(call: Call, page: Page, titles: list[str]) -> tuple[list[str], More]:
    """Those that fit: ``cllimit`` counts the categories of all pages of an answer together."""
    number, _, title = call.get("clcontinue").partition("|")
    if number and page.id <= int(number):
        titles = [one for one in titles if page.id == int(number) and one >= title]
    left = call.limit("cllimit", "categories") - call.told["categories"]
    call.told["categories"] += len(titles)
    if left < 0 or len(titles) <= left:
        return titles[: max(left, 0)], None
    return titles[:left], ("clcontinue", f"{page.id}|{titles[left]}")


def shown(call: Call, page: Page, prefix: str) -> list[str]:
    """The page's categories, all or as ``show`` picks among hidden ones and others."""
    hidden, show = call.state.world.hidden, call.values(prefix + "show")
    return [
        title
        for title in call.site.categories(page)
        if not ("!hidden" in show and title in hidden)
        and not ("hidden" in show and title not in hidden)
    ]
