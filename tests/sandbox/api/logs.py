"""Lists of what happened: the log, recent changes, a user's contributions."""

from __future__ import annotations

from typing import Any

from .. import errors
from ..namespaces import normalise
from ..records import Change, Entry
from .call import Call
from .paging import Listing, piece, stamp, window
from .props import author

Json = dict[str, Any]


def log_events(call: Call, generator: str) -> Listing:
    """``list=logevents``, by action, type, title or user."""
    prefix = generator + "le"
    newer = call.get(prefix + "dir") == "newer"
    rows = sorted(
        (one for one in call.site.log if _is_wanted(call, prefix, one)),
        key=lambda one: (one.timestamp, one.id),
    )
    rows = window(call, rows, prefix, lambda one: one.timestamp, newer)
    some, more = piece(
        call,
        rows,
        prefix + "continue",
        call.limit(prefix + "limit", "logevents"),
        lambda one: f"{stamp(one.timestamp)}|{one.id}",
        not newer,
    )
    wanted = set(call.values(prefix + "prop", "ids|title|type|user|timestamp|comment|details"))
    return Listing([_log_row(call, one, wanted) for one in some], [one.page for one in some], more)


def _is_wanted(call: Call, prefix: str, entry: Entry) -> bool:
    action = call.get(prefix + "action")
    if action:
        kind, _, name = action.partition("/")
        if entry.type != kind or name not in ("*", entry.action):
            return False
    elif call.flag(prefix + "type") and entry.type != call.get(prefix + "type"):
        return False
    title, user = call.get(prefix + "title"), call.get(prefix + "user")
    if title and ("action" in entry.hidden or entry.title != normalise(title)):
        return False
    return not user or ("user" not in entry.hidden and entry.user == user)


def _log_row(call: Call, entry: Entry, wanted: set[str]) -> Json:
    """A row; what oversight has hidden is not there, only the note that it is hidden.

    ``pageid`` is the page which has the title now: 0 after a deletion, the redirect after a move.
    """
    row: Json = {"logid": entry.id} if "ids" in wanted else {}
    if "action" in entry.hidden:
        row["actionhidden"] = True
    else:
        row |= _log_target(call, entry, wanted)
    if "type" in wanted:
        row.update(type=entry.type, action=entry.action)
    if "user" in wanted:
        row |= {"userhidden": True} if "user" in entry.hidden else author(call, entry.user)
    if "timestamp" in wanted:
        row["timestamp"] = entry.timestamp
    if "comment" in wanted:
        row |= {"commenthidden": True} if "comment" in entry.hidden else {"comment": entry.comment}
    if entry.hidden:
        row["suppressed"] = True
    return row | ({"tags": entry.tags} if "tags" in wanted else {})


def _log_target(call: Call, entry: Entry, wanted: set[str]) -> Json:
    row: Json = {}
    if "title" in wanted:
        row.update(ns=entry.ns, title=entry.title)
    if "ids" in wanted:
        now = call.site.titles.get(entry.title, 0)
        row.update(pageid=now, logpage=entry.page, revid=entry.revid)
    if "details" in wanted:
        row["params"] = entry.params
    return row


def recent_changes(call: Call, generator: str) -> Listing:
    """``list=recentchanges``, by title, tag, type, user or namespace."""
    prefix = generator + "rc"
    newer = call.get(prefix + "dir") == "newer"
    rows = sorted(
        (one for one in call.site.changes if _is_change_wanted(call, prefix, one)),
        key=lambda one: (one.timestamp, one.id),
    )
    rows = window(call, rows, prefix, lambda one: one.timestamp, newer)
    limit = call.limit(prefix + "limit", "recentchanges")
    some, more = piece(
        call,
        rows,
        prefix + "continue",
        limit,
        lambda one: f"{stamp(one.timestamp)}|{one.id}",
        not newer,
    )
    wanted = set(call.values(prefix + "prop", "title|timestamp|ids"))
    told = [_change_row(call, one, wanted) for one in some]
    return Listing(told, [one.page for one in some], more)


def _kind(change: Change) -> str:
    if change.log:
        return "log"
    return "edit" if change.old else "new"


def _is_change_wanted(call: Call, prefix: str, change: Change) -> bool:
    kinds, spaces = call.values(prefix + "type"), call.values(prefix + "namespace")
    title, tag = call.get(prefix + "title"), call.get(prefix + "tag")
    user, shown = call.get(prefix + "user"), call.values(prefix + "show")
    return (
        (not kinds or _kind(change) in kinds)
        and (not spaces or str(change.ns) in spaces)
        and (not title or change.title == normalise(title))
        and (not tag or tag in change.tags)
        and (not user or change.user == user)
        and not ("bot" in shown and not change.bot)
        and not ("!bot" in shown and change.bot)
    )


def _change_row(call: Call, change: Change, wanted: set[str]) -> Json:
    row: Json = {"type": _kind(change)}
    if "title" in wanted:
        row.update(ns=change.ns, title=change.title)
    if "ids" in wanted:
        row.update(pageid=change.page, revid=change.revid, old_revid=change.old, rcid=change.id)
    if "user" in wanted:
        row |= author(call, change.user)
    if "flags" in wanted:
        row.update(bot=change.bot, new=_kind(change) == "new", minor=change.minor)
    if "sizes" in wanted:
        row.update(oldlen=change.old_size, newlen=change.new_size)
    for name in ("timestamp", "comment", "tags"):
        if name in wanted:
            row[name] = getattr(change, name)
    if "loginfo" in wanted and change.log:
        log = change.log
        row.update(logid=log.id, logtype=log.type, logaction=log.action, logparams=log.params)
    return row


def user_contributions(call: Call, generator: str) -> Listing:
    """``list=usercontribs``: edits of one user, newest first."""
    prefix = generator + "uc"
    user, tag = call.get(prefix + "user"), call.get(prefix + "tag")
    if not user:
        raise errors.missing_param(prefix + "user")
    newer = call.get(prefix + "dir") == "newer"
    rows = sorted(
        (
            one
            for one in call.site.changes
            if not one.log and one.user == user and (not tag or tag in one.tags)
        ),
        key=lambda one: (one.timestamp, one.revid),
    )
    rows = window(call, rows, prefix, lambda one: one.timestamp, newer)
    limit = call.limit(prefix + "limit", "usercontribs")
    some, more = piece(
        call,
        rows,
        prefix + "continue",
        limit,
        lambda one: f"{stamp(one.timestamp)}|{one.revid}",
        not newer,
    )
    told = [
        {
            "user": one.user,
            "pageid": one.page,
            "revid": one.revid,
            "parentid": one.old,
            "ns": one.ns,
            "title": one.title,
            "timestamp": one.timestamp,
            "comment": one.comment,
            "size": one.new_size,
            "tags": one.tags,
        }
        for one in some
    ]
    return Listing(told, [one.page for one in some], more)
