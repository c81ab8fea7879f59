"""Which group may do what."""

from __future__ import annotations

_ANYBODY = [
    "read", "edit", "createpage", "createtalk", "abusefilter-view", "abusefilter-log",
    "item-term", "property-term", "item-merge", "item-redirect", "property-create",
    "mediainfo-term",
]  # fmt: skip
_USER = [
    "move", "move-subpages", "move-rootuserpages", "move-categorypages", "movefile", "upload",
    "reupload", "reupload-shared", "minoredit", "applychangetags", "changetags",
    "editcontentmodel",
]  # fmt: skip
GROUPS = {
    "bot": [
        "bot", "autoconfirmed", "editsemiprotected", "nominornewtalk", "autopatrol",
        "suppressredirect", "apihighlimits", "noratelimit",
    ],
    "sysop": [
        "block", "delete", "undelete", "deletedhistory", "protect", "editprotected", "rollback",
        "autopatrol", "apihighlimits", "noratelimit", "managechangetags", "suppressredirect",
        "unblockself",
    ],
    "autoconfirmed": ["autoconfirmed", "editsemiprotected"],
}  # fmt: skip
IMPLICIT = ["*", "user", "autoconfirmed"]


def explicit(groups: list[str]) -> list[str]:
    """The groups that somebody was put into."""
    return [group for group in groups if group not in IMPLICIT]


def rights_of(groups: list[str] | None) -> list[str]:
    """The rights of a user of these groups; of somebody without account for None."""
    if groups is None:
        return list(_ANYBODY)
    rights: list[str] = []
    for group in explicit(groups):
        rights += GROUPS.get(group, [])
    rights += [*_ANYBODY, *_USER, *GROUPS["autoconfirmed"]]
    return list(dict.fromkeys(rights))
