"""``meta=``: the user, tokens, where the repository of items is, messages."""

from __future__ import annotations

from typing import Any

from ..records import iso
from ..rights import IMPLICIT, explicit
from .call import Call
from .permissions import long_date

Json = dict[str, Any]

TOKENS = ("createaccount", "csrf", "login", "patrol", "rollback", "userrights", "watch")


def tokens(call: Call) -> Json:
    """``meta=tokens``: csrf where nothing else is asked for."""
    kinds = call.known("type", TOKENS, "csrf", module="tokens")
    return {"tokens": {f"{kind}token": call.session.token(kind) for kind in kinds}}


def user_info(call: Call) -> Json:
    """``meta=userinfo``."""
    user = call.state.users.get(call.user)
    row: Json = {"id": user.id if user else 0, "name": call.author}
    if user is None:
        row["anon"] = True
    wanted = call.values("uiprop")
    if "blockinfo" in wanted:
        row |= _block(call)
    if "hasmsg" in wanted:
        row["messages"] = False
    if "groups" in wanted:
        row["groups"] = [*explicit(user.groups), *IMPLICIT] if user else ["*"]
    if "rights" in wanted:
        row["rights"] = call.rights
    if "ratelimits" in wanted:
        row["ratelimits"] = {} if "noratelimit" in call.rights else _rate_limits(call)
    if "editcount" in wanted:
        row["editcount"] = sum(one.user == call.user for one in call.site.revisions.values())
    return {"userinfo": row}


def _block(call: Call) -> Json:
    block = call.state.block_of(call.author)
    if block is None:
        return {}
    by = call.state.users.get(block.by)
    end = iso(block.expiry) if block.expiry else "infinite"
    told = long_date(block.expiry) if block.expiry else "infinite"
    return {
        "blockid": block.id,
        "blockedby": block.by,
        "blockedbyid": by.id if by else 0,
        "blockreason": block.reason,
        "blockedtimestamp": iso(block.start),
        "blockexpiry": end,
        "blockpartial": False,
        "blocknocreate": False,
        "blockowntalk": True,
        "blockedtimestampformatted": long_date(block.start),
        "blockexpiryformatted": told,
        "blockexpiryrelative": told,
    }


def _rate_limits(call: Call) -> Json:
    hits, seconds = call.state.conditions.edit_limit
    limits = {
        "edit": (hits, seconds), "move": (8, 60), "rollback": (10, 60), "sendemail": (20, 86400),
        "changeemail": (4, 86400), "confirmemail": (4, 86400), "purge": (30, 60),
        "linkpurge": (30, 60), "renderfile": (700, 30), "renderfile-nonstandard": (70, 30),
        "editcontentmodel": (8, 60), "wikibase-idgenerator": (hits, seconds),
    }  # fmt: skip
    kind = "user" if call.user else "ip"
    return {name: {kind: {"hits": most, "seconds": span}} for name, (most, span) in limits.items()}


def wikibase(call: Call) -> Json:
    """``meta=wikibase``: items are in the other site."""
    items = call.state.items
    url = {
        "base": call.base,
        "scriptpath": f"{items.prefix}/w",
        "articlepath": f"{items.prefix}/wiki/$1",
    }
    site_id = "commonswiki" if call.site is call.state.commons else "wikidatawiki"
    return {"wikibase": {"repo": {"url": url}, "siteid": site_id}}


def all_messages(call: Call) -> Json:
    """``meta=allmessages``: pages of the MediaWiki namespace; the wiki's own texts are not kept."""
    rows: list[Json] = []
    for name in call.values("ammessages"):
        page = call.site.page(f"MediaWiki:{name[:1].upper()}{name[1:]}")
        row: Json = {"name": name, "normalizedname": name.lower().replace(" ", "_")}
        text = (
            {"content" if call.v2 else "*": call.site.latest(page).text}
            if page
            else {"missing": True}
        )
        rows.append(row | text)
    return {"allmessages": rows}
