"""From a changed entity to a saved revision: permissions, limits, conflicts, the comment."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from .. import entity as entities
from .. import errors
from ..errors import ApiError, Message
from ..records import Page, Revision
from ..site import Site
from .call import Call
from .permissions import refusal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entity as an edit found it.

    ``base`` is the revision that the edit is made on, ``latest`` the page's last when it was read.
    """

    call: Call
    site: Site
    entity_id: str
    page: Page
    base: Revision
    latest: int

    @property
    def entity(self) -> Json:
        """The base's entity; an empty one where there is none yet."""
        return self.base.entity or entities.empty(self.entity_id)


@dataclass(frozen=True, slots=True)
class Saved:
    revision: Revision
    changed: bool


def load(call: Call, entity_id: str) -> Draft:
    """What an edit of the entity starts from; checks ``tags`` and ``baserevid``."""
    check_tags(call)
    site = call.state.commons if entity_id[:1] == "M" else call.state.items
    page = site.entity_page(entity_id)
    if page is None and entity_id[:1] == "M":
        raise errors.no_such_media_info(entity_id)
    if page is None:
        raise errors.no_such_entity(entity_id)
    base = latest = site.latest(page)
    wanted = call.number("baserevid")
    if wanted:
        found = site.revisions.get(wanted)
        if found is None or found.page != page.id:
            raise errors.no_such_revision()
        base = found
    return Draft(call, site, entity_id, page, base, latest.id)


def check_tags(call: Call) -> None:
    """Only tags that were defined may be given."""
    strange = [tag for tag in call.values("tags") if tag not in call.state.world.tags]
    if strange:
        raise errors.bad_tags(strange)


def save(draft: Draft, new: Json, comment: str, early: bool = False) -> Saved:
    """Save ``new`` on top of what is there now.

    ``early``: the module looks at permissions itself and words a refusal differently.
    """
    call = draft.call
    no = refusal(call, draft.page)
    if no:
        raise _refused(no, early)
    if call.state.throttled(call.author):
        raise errors.failed_save("ratelimited", errors.THROTTLED)
    with call.state.rendezvous.passage():
        latest = draft.site.latest(draft.page)
        if latest.id != draft.latest:
            raise errors.failed_save("editconflict", errors.EDIT_CONFLICT)
        if draft.base.id != latest.id:
            new = _merged(draft, latest, new)
        return _commit(draft, latest, new, comment)


def _refused(no: tuple[str, Message], early: bool) -> ApiError:
    header, message = no
    if early:
        return errors.permission_denied(header, message)
    return errors.failed_save(header, message, errors.PERMISSION)


def _merged(draft: Draft, latest: Revision, new: Json) -> Json:
    """The change from base to ``new``, made to the latest entity instead.

    A change that does not fit is a conflict, unless all edits since are one's own.
    """
    if draft.base.entity is None and latest.entity is not None:
        request = secrets.token_hex(12)
        raise errors.revision_without_entity(draft.entity_id, draft.base.id, request)
    current = latest.entity or entities.empty(draft.entity_id)
    changes = entities.difference(draft.entity, new)
    if not changes:
        return current
    patched = entities.patch(current, draft.entity, changes)
    clean = entities.difference(current, patched)
    if len(clean) == len(changes):
        text = "Your edit was patched into the latest version."
        draft.call.warn_message("wikibase-conflict-patched", text)
        return patched
    if not _only_author_since(draft):
        raise errors.unpatchable()
    return patched if clean else new


def _only_author_since(draft: Draft) -> bool:
    since = draft.page.revisions[draft.page.revisions.index(draft.base.id) + 1 :]
    return all(draft.site.revisions[one].user == draft.call.author for one in since)


def _commit(draft: Draft, latest: Revision, new: Json, comment: str) -> Saved:
    """Nothing changed: no revision; but an entity that did not exist comes into being, empty."""
    if latest.entity == new:
        return Saved(latest, changed=False)
    call = draft.call
    bot = call.flag("bot") and "bot" in call.rights
    number = call.publish(draft.page, new, comment) if call.publish else 0
    revision = draft.site.save(
        draft.page,
        call.author,
        comment,
        bot=bot,
        number=number,
        entity=new,
        tags=call.values("tags"),
    )
    return Saved(revision, changed=True)


def comment_of(call: Call, action: str, subject: str = "") -> str:
    """The comment of an edit: what was done, to what, and the summary that was given."""
    summary = call.get("summary").strip()
    told = ", ".join(part for part in (subject, summary) if part)
    return f"/* {call.action}-{action} */ {told}"
