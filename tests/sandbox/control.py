"""The hand that puts the wiki into special states: one table of things to do.

The same words serve Python (`apply`) and the loopback endpoint ``/sandbox/control``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from . import entity as entities
from .loading import item_claim
from .namespaces import normalise
from .records import Page
from .site import Site
from .state import State

Json = dict[str, Any]


class ControlError(ValueError):
    """An order that cannot be carried out; the text says why."""


def apply(state: State, order: Json) -> None:
    """Carry out one order: ``{"do": name, …}``.

    Raises:
        ControlError: an unknown order, or one that lacks something or names what is not there.
    """
    rest = dict(order)
    action = ORDERS.get(rest.pop("do", ""))
    if action is None:
        raise ControlError(f"unknown order; known are {', '.join(sorted(ORDERS))}")
    try:
        with state.lock:
            action(state, **rest)
    except (KeyError, TypeError, ValueError) as error:
        raise ControlError(f"{order['do']}: {error}") from error


def _page(site: Site, title: str) -> Page:
    page = site.page(normalise(title))
    if page is None:
        raise ControlError(f"no page {title}")
    return page


def _reset(state: State) -> None:
    state.reset()


def _expire_sessions(state: State) -> None:
    state.expire_sessions()


def _read_only(state: State, reason: str) -> None:
    state.conditions.read_only = reason


def _lag(state: State, seconds: float) -> None:
    state.conditions.lag = seconds


def _throttle(state: State, hits: int, seconds: int) -> None:
    state.conditions.edit_limit = (hits, seconds)


def _anonymous_edits(state: State, allowed: bool) -> None:
    state.conditions.anonymous_edits = allowed


def _race(state: State, writers: int) -> None:
    state.rendezvous.expect(writers)


def _protect(state: State, title: str, edit: str = "sysop") -> None:
    levels = {"edit": edit} if edit else {}
    state.commons.protect(_page(state.commons, title), levels, "Admin", "")


def _block(state: State, user: str, reason: str = "", hours: float | None = None) -> None:
    expiry = state.clock() + timedelta(hours=hours) if hours else None
    state.block(user, "Admin", reason, expiry)


def _unblock(state: State, user: str) -> None:
    del state.blocks[user]


def _delete(state: State, title: str) -> None:
    state.commons.delete(_page(state.commons, title), "Admin", "")


def _undelete(state: State, title: str) -> None:
    state.commons.undelete(normalise(title), "Admin", "")


def _move(state: State, title: str, to: str) -> None:
    state.commons.move(_page(state.commons, title), normalise(to), "Admin", "")


def _edit(state: State, title: str, text: str, user: str = "Uploader", comment: str = "") -> None:
    """Set a page's text, as somebody else would; creates the page where there is none."""
    page = state.commons.page(normalise(title))
    if page is None:
        state.commons.create(normalise(title), text, user, comment)
    else:
        state.commons.save(page, user, comment, text=text)


def _claim(
    state: State, entity: str, item: str, prop: str, user: str = "Uploader", guid: str = ""
) -> None:
    """Add a statement as somebody else would, or change the value of the one with ``guid``."""
    page = state.commons.entity_page(entity)
    if page is None:
        raise ControlError(f"no page for {entity}")
    old = state.commons.latest(page).entity or entities.empty(entity)
    made = entities.statement(
        item_claim(prop, item), guid or state.commons.new_guid(entity), state.datatype
    )
    state.commons.save(page, user, "", entity=entities.with_statement(old, made))


def _suppress(state: State, logid: int, hidden: list[str]) -> None:
    """Hide parts (``action``, ``user``, ``comment``) of a log row from everybody."""
    found = [entry for entry in state.commons.log if entry.id == logid]
    if not found:
        raise ControlError(f"no log row {logid}")
    found[0].hidden = set(hidden)


def _merge_item(state: State, old: str, new: str) -> None:
    if state.items.entity(new) is None:
        raise ControlError(f"no item {new}")
    state.items.merge_item(old, new)


ORDERS: dict[str, Callable[..., None]] = {
    "reset": _reset,
    "expire_sessions": _expire_sessions,
    "read_only": _read_only,
    "lag": _lag,
    "throttle": _throttle,
    "anonymous_edits": _anonymous_edits,
    "race": _race,
    "protect": _protect,
    "block": _block,
    "unblock": _unblock,
    "delete": _delete,
    "undelete": _undelete,
    "move": _move,
    "edit": _edit,
    "claim": _claim,
    "suppress": _suppress,
    "merge_item": _merge_item,
}
