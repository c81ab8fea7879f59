"""``action=paraminfo``: as much of it as clients need that look before they ask.

It tells names, prefixes and limits of the modules that are served here; the real one tells more
(types, defaults, licences) than this wiki could say truthfully.
"""

from __future__ import annotations

from typing import Any

from .call import Call
from .meta import TOKENS
from .modules import MODULES
from .query import LISTS, META, PROPS
from .siteinfo import PARTS

Json = dict[str, Any]

_PREFIXES = {
    "query+info": "in", "query+revisions": "rv", "query+imageinfo": "ii", "query+categories": "cl",
    "query+categoryinfo": "ci", "query+pageprops": "pp", "query+templates": "tl",
    "query+logevents": "le", "query+recentchanges": "rc", "query+usercontribs": "uc",
    "query+allimages": "ai", "query+allpages": "ap", "query+categorymembers": "cm",
    "query+search": "sr", "query+users": "us", "query+tags": "tg", "query+siteinfo": "si",
    "query+userinfo": "ui", "query+tokens": "", "query+wikibase": "wb", "query+allmessages": "am",
    "query+random": "rn", "login": "lg",
}  # fmt: skip
_LOG_TYPES = ("block", "delete", "managetags", "move", "protect", "upload")
_SLOTS = ("main", "mediainfo")
_OWN: dict[str, dict[str, Any]] = {
    "tokens": {"type": TOKENS},
    "info": {"prop": ("protection", "url")},
    "imageinfo": {
        "prop": (
            "timestamp",
            "user",
            "comment",
            "url",
            "size",
            "sha1",
            "mime",
            "mediatype",
            "canonicaltitle",
            "extmetadata",
        )
    },
    "revisions": {
        "prop": (
            "ids",
            "flags",
            "timestamp",
            "user",
            "userid",
            "size",
            "comment",
            "tags",
            "content",
            "roles",
            "slotsize",
            "slotsha1",
        ),
        "slots": _SLOTS,
    },
    "logevents": {
        "type": _LOG_TYPES,
        "prop": ("ids", "title", "type", "user", "timestamp", "comment", "details", "tags"),
    },
    "recentchanges": {
        "type": ("edit", "new", "log"),
        "show": ("bot", "!bot"),
        "prop": (
            "ids",
            "title",
            "user",
            "comment",
            "flags",
            "tags",
            "sizes",
            "timestamp",
            "loginfo",
        ),
    },
    "userinfo": {"prop": ("blockinfo", "hasmsg", "groups", "rights", "ratelimits", "editcount")},
    "siteinfo": {"prop": tuple(PARTS)},
    "wbgetentities": {"ids": "string", "props": "string"},
    "wbsearchentities": {"language": ("de", "en")},
}
_OF_WIKIBASE = {
    "wbgetentities": ("languages", "redirects", "normalize"),
    "wbgetclaims": ("entity", "property", "claim", "rank", "props"),
    "wbsearchentities": ("search", "type", "limit", "continue"),
    "wbeditentity": ("id", "new", "site", "title", "data", "clear"),
    "wbremoveclaims": ("claim",),
    "wbcreateclaim": ("entity", "snaktype", "property", "value"),
    "wbsetclaim": ("claim", "ignoreduplicatemainsnak"),
}
_LISTED = (
    "logevents",
    "recentchanges",
    "usercontribs",
    "allimages",
    "allpages",
    "categorymembers",
    "search",
    "random",
    "revisions",
    "categories",
    "imageinfo",
    "tags",
)
_NAMESPACED = ("allpages", "recentchanges", "search", "random", "categorymembers", "usercontribs")


def run(call: Call) -> Json:
    """The modules that were asked for; those that do not exist earn a warning."""
    rows = []
    for path in call.values("modules"):
        row = _module(call, path)
        if row is None:
            call.warn("paraminfo", f'The module "{path}" does not exist.')
        else:
            rows.append(row)
    return {"paraminfo": {"helpformat": call.get("helpformat", "none"), "modules": rows}}


def _module(call: Call, path: str) -> Json | None:
    parent, _, name = path.rpartition("+")
    known = {**PROPS, **LISTS, **META} if parent == "query" else MODULES
    if path not in ("main", "paraminfo") and name not in known:
        return None
    module = MODULES.get(path)
    row: Json = {
        "name": name,
        "path": path,
        "group": _group(name, parent),
        "prefix": _PREFIXES.get(path, ""),
        "readrights": True,
        "writerights": bool(module and module.writes),
        "mustbeposted": bool(module and module.posted),
        "parameters": _parameters(path, name),
    }
    if parent == "query" and name in (*LISTS, "categories"):
        row["generator"] = True
    return row


def _group(name: str, parent: str) -> str:
    if parent != "query":
        return "action"
    return "prop" if name in PROPS else "list" if name in LISTS else "meta"


def _parameters(path: str, name: str) -> list[Json]:
    if path == "main":
        return [
            _choice("action", [*MODULES, "paraminfo"], "", multi=False),
            _choice("format", ["json"], "", multi=False),
        ]
    if path == "query":
        return _query_parameters()
    rows = [_limit()] if name in _LISTED else []
    if name in _NAMESPACED:
        rows.append(_multiple("namespace", "namespace"))
    module = MODULES.get(path)
    if module and module.token:
        rows.append(
            {
                "name": "token",
                "type": "string",
                "required": True,
                "multi": False,
                "sensitive": True,
                "tokentype": module.token,
            }
        )
    if name.startswith("wb") and module and module.writes:
        rows += map(_text, ("summary", "baserevid", "bot", "tags"))
    rows += map(_text, _OF_WIKIBASE.get(name, ()))
    return _numbered(rows + _own(name))


def _own(name: str) -> list[Json]:
    """Parameters that clients look for by name, with the values that they take."""
    return [
        _multiple(one, list(kind) if isinstance(kind, tuple) else kind)
        for one, kind in _OWN.get(name, {}).items()
    ]


def _query_parameters() -> list[Json]:
    return _numbered(
        [
            _choice("prop", PROPS, "query+"),
            _choice("list", LISTS, "query+"),
            _choice("meta", META, "query+"),
            _choice("generator", [*LISTS, "categories"], "query+", multi=False),
            _multiple("titles", "string"),
            _multiple("pageids", "integer"),
            _multiple("revids", "integer"),
            {"name": "redirects", "type": "boolean", "required": False, "multi": False},
        ]
    )


def _choice(name: str, modules: Any, path: str, multi: bool = True) -> Json:
    row: Json = _multiple(name, "") if multi else {"name": name, "multi": False}
    row["type"] = sorted(modules)
    if name != "format":
        row["submodules"] = {one: path + one for one in sorted(modules)}
    return row


def _multiple(name: str, kind: Any) -> Json:
    return {
        "name": name,
        "type": kind,
        "required": False,
        "multi": True,
        "lowlimit": 50,
        "highlimit": 500,
        "limit": 50,
    }


def _text(name: str) -> Json:
    return {"name": name, "type": "string", "required": False, "multi": False}


def _limit() -> Json:
    return {
        "name": "limit",
        "type": "limit",
        "required": False,
        "multi": False,
        "default": 10,
        "min": 1,
        "max": 500,
        "highmax": 5000,
    }


def _numbered(rows: list[Json]) -> list[Json]:
    return [{"index": index, **row} for index, row in enumerate(rows, 1)]
