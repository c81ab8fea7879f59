"""Writing pages, and what administrators do: move, delete, protect, block."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from .. import errors
from ..errors import ApiError
from ..namespaces import normalise
from ..records import Page, Revision, iso
from .call import Call
from .permissions import refusal
from .saving import check_tags

Json = dict[str, Any]

_UNITS = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 604800,
    "month": 2592000,
    "year": 31536000,
}
_REFUSALS = {
    "blocked": "You have been blocked from editing.",
    "permissiondenied": "The action you have requested is limited to users in the group: Users.",
    "protectedpage": "This page has been protected to prevent editing or other actions.",
}


def edit(call: Call) -> Json:
    """``edit``: a page's wikitext; ``undo`` takes back text, and never statements."""
    check_tags(call)
    page, title = _page_or_title(call)
    _check_may_edit(call, page)
    latest = call.site.latest(page) if page else None
    text = _new_text(call, latest)
    if latest and latest.text == text:
        return {"edit": _edit_frame(page) | {"nochange": True, "watched": True}}
    if page is None:
        page = call.site.create(title, text, call.author, call.get("summary"))
        told = {"new": True, "oldrevid": 0}
    else:
        call.site.save(
            page,
            call.author,
            call.get("summary"),
            text=text,
            bot=call.flag("bot") and "bot" in call.rights,
            tags=call.values("tags"),
            minor=call.flag("minor"),
        )
        told = {"oldrevid": latest.id if latest else 0}
    new = call.site.latest(page)
    return {
        "edit": _edit_frame(page)
        | told
        | {"newrevid": new.id, "newtimestamp": new.timestamp, "watched": True}
    }


def _edit_frame(page: Page | None) -> Json:
    assert page is not None
    return {"result": "Success", "pageid": page.id, "title": page.title, "contentmodel": "wikitext"}


def _page_or_title(call: Call) -> tuple[Page | None, str]:
    if call.flag("pageid"):
        page = call.site.pages.get(call.number("pageid"))
        if page is None:
            raise _no_page_id(call.get("pageid"))
        return page, page.title
    title = normalise(call.need("title"))
    if not title:
        raise ApiError("invalidtitle", f'Bad title "{call.get("title")}".')
    return call.site.page(title), title


def _new_text(call: Call, latest: Revision | None) -> str:
    old = latest.text if latest else ""
    if call.flag("undo"):
        return _undone(call, latest)
    if latest is None and call.flag("nocreate"):
        raise _no_page()
    if latest is not None and call.flag("createonly"):
        raise ApiError("articleexists", "The article you tried to create has been created already.")
    if call.flag("baserevid") and latest and call.number("baserevid") != latest.id:
        raise ApiError("editconflict", "Edit conflict: $1.")
    return call.get("prependtext") + call.get("text", old) + call.get("appendtext")


def _undone(call: Call, latest: Revision | None) -> str:
    """The text without what one revision did to it; where later edits touched it, unchanged."""
    undone = call.site.revisions.get(call.number("undo"))
    if undone is None or latest is None or undone.page != latest.page:
        raise ApiError("nosuchrevid", f"There is no revision with ID {call.get('undo')}.")
    before = call.site.revisions.get(undone.parent)
    return before.text if before and latest.text == undone.text else latest.text


def _check_may_edit(call: Call, page: Page | None) -> None:
    no = refusal(call, page)
    if no:
        raise ApiError(no[0], _REFUSALS[no[0]])
    if call.state.throttled(call.author):
        info = "You've exceeded your rate limit. Please wait some time and try again."
        raise ApiError("ratelimited", info)


def rollback(call: Call) -> Json:
    """``rollback``: back to the last revision of somebody else, statements and all."""
    _need_right(call, "rollback", "roll back edits")
    page, user = _existing(call, "title"), call.need("user")
    last = call.site.latest(page)
    if last.user != user:
        raise ApiError("alreadyrolled", "The last edit to the page is not by that user.")
    others = [one for one in page.revisions if call.site.revisions[one].user != user]
    if not others:
        raise ApiError("onlyauthor", "The page has only one author.")
    target = call.site.revisions[others[-1]]
    summary = call.get("summary") or _rollback_summary(user, target.user)
    for revision in page.revisions[page.revisions.index(target.id) + 1 :]:
        call.site.revisions[revision].tags.append("mw-reverted")
    new = call.site.save(
        page,
        call.author,
        summary,
        text=target.text,
        entity=target.entity,
        tags=["mw-rollback"],
        minor=True,
    )
    return {
        "rollback": {
            "title": page.title,
            "pageid": page.id,
            "summary": summary,
            "revid": new.id,
            "old_revid": last.id,
            "last_revid": target.id,
        }
    }


def _rollback_summary(user: str, keeper: str) -> str:
    return (
        f"Reverted edits by [[Special:Contributions/{user}|{user}]] "
        f"([[User talk:{user}|talk]]) to last revision by [[User:{keeper}|{keeper}]]"
    )


def move(call: Call) -> Json:
    """``move``: leaves a redirect, which has an M-id of its own."""
    _need_right(call, "movefile", "move files")
    page, title = _existing(call, "from"), normalise(call.need("to"))
    if not title or call.site.page(title):
        raise ApiError("articleexists", "A page of that name already exists.")
    old = page.title
    call.site.move(page, title, call.author, call.get("reason"))
    return {
        "move": {"from": old, "to": title, "reason": call.get("reason"), "redirectcreated": True}
    }


def delete(call: Call) -> Json:
    _need_right(call, "delete", "delete pages")
    page = _existing(call, "title")
    entry = call.site.delete(page, call.author, call.get("reason"))
    return {"delete": {"title": page.title, "reason": call.get("reason"), "logid": entry.id}}


def undelete(call: Call) -> Json:
    _need_right(call, "undelete", "undelete pages")
    title = normalise(call.need("title"))
    if title not in call.site.deleted:
        raise ApiError("cantundelete", "Couldn't undelete: the requested revisions do not exist.")
    page = call.site.undelete(title, call.author, call.get("reason"))
    return {
        "undelete": {
            "title": title,
            "revisions": len(page.revisions),
            "fileversions": int(page.file is not None),
            "reason": call.get("reason"),
        }
    }


def protect(call: Call) -> Json:
    """``protect``: ``protections`` is ``edit=sysop|move=sysop``; it never expires here."""
    _need_right(call, "protect", "change protection levels")
    page = _existing(call, "title")
    pairs = [pair.partition("=")[::2] for pair in call.values("protections")]
    levels = {action: level for action, level in pairs if level != "all"}
    call.site.protect(page, levels, call.author, call.get("reason"))
    rows = [{action: level, "expiry": "infinite"} for action, level in levels.items()]
    return {"protect": {"title": page.title, "reason": call.get("reason"), "protections": rows}}


def block(call: Call) -> Json:
    """``block``: of the whole wiki; partial blocks are not kept."""
    _need_right(call, "block", "block users")
    user = call.need("user")
    if call.flag("partial") and not call.flag("allowusertalk"):
        raise ApiError(
            "ipb-prevent-user-talk-edit",
            "Editing their own talk page must be allowed for a partial block, unless "
            "it includes a restriction on the User Talk namespace.",
        )
    if user not in call.state.users:
        raise ApiError("nosuchuser", f'There is no user by the name "{user}".')
    lasting = _duration(call.get("expiry", "infinite"))
    expiry = call.state.clock() + lasting if lasting else None
    made = call.state.block(user, call.author, call.get("reason"), expiry)
    return {
        "block": {
            "user": user,
            "userID": call.state.users[user].id,
            "expiry": iso(expiry) if expiry else "infinite",
            "id": made.id,
            "reason": made.reason,
            "pagerestrictions": None,
            "namespacerestrictions": None,
        }
    }


def unblock(call: Call) -> Json:
    _need_right(call, "block", "unblock users")
    user = call.need("user")
    ended = call.state.blocks.pop(user, None)
    if ended is None:
        raise ApiError("cantunblock", "The block was not found.")
    return {
        "unblock": {
            "id": ended.id,
            "user": user,
            "userid": call.state.users[user].id,
            "reason": call.get("reason"),
        }
    }


def _duration(text: str) -> timedelta | None:
    """A length of time such as ``1 hour``; None for ever."""
    if text in ("infinite", "infinity", "indefinite", "never"):
        return None
    found = re.fullmatch(r"(\d+) (\w+?)s?", text)
    if not found or found[2] not in _UNITS:
        raise ApiError("invalidexpiry", f'Invalid expiry time "{text}".')
    return timedelta(seconds=int(found[1]) * _UNITS[found[2]])


def _existing(call: Call, name: str) -> Page:
    page = call.site.page(normalise(call.need(name)))
    if page is None:
        raise _no_page()
    return page


def _need_right(call: Call, right: str, action: str) -> None:
    if right not in call.rights:
        raise errors.permission(action)


def _no_page() -> ApiError:
    return ApiError("missingtitle", "The page you specified doesn't exist.")


def _no_page_id(given: str) -> ApiError:
    return ApiError("nosuchpageid", f"There is no page with ID {given}.")
