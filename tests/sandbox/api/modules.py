"""Which module answers which action, and what it demands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import auth, pages, query, read, write
from .call import Call

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Module:
    """An action: what runs it, which token it wants, whether it writes."""

    run: Callable[[Call], Json]
    token: str = ""
    writes: bool = False
    posted: bool = False


def _writer(run: Callable[[Call], Json], token: str = "csrf") -> Module:
    return Module(run, token, writes=True, posted=True)


MODULES = {
    "query": Module(query.run),
    "login": Module(auth.login, posted=True),
    "clientlogin": Module(auth.client_login, posted=True),
    "logout": Module(auth.logout, token="csrf", posted=True),
    "options": Module(auth.options, token="csrf", posted=True),
    "edit": _writer(pages.edit),
    "rollback": _writer(pages.rollback, token="rollback"),
    "move": _writer(pages.move),
    "delete": _writer(pages.delete),
    "undelete": _writer(pages.undelete),
    "protect": _writer(pages.protect),
    "block": _writer(pages.block),
    "unblock": _writer(pages.unblock),
    "wbgetentities": Module(read.get_entities),
    "wbgetclaims": Module(read.get_claims),
    "wbsearchentities": Module(read.search_entities),
    "wbformatvalue": Module(read.format_value),
    "wbcreateclaim": _writer(write.create_claim),
    "wbeditentity": _writer(write.edit_entity),
    "wbsetclaim": _writer(write.set_claim),
    "wbremoveclaims": _writer(write.remove_claims),
    "wbsetreference": _writer(write.set_reference),
    "wbsetqualifier": _writer(write.set_qualifier),
    "wbsetlabel": _writer(write.set_label),
    "wbsetdescription": _writer(write.set_description),
}
