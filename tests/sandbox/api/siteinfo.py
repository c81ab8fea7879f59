"""``meta=siteinfo``: what a client must know of the wiki before it starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import namespaces
from ..records import iso
from ..rights import GROUPS
from .call import Call

Json = dict[str, Any]

_VALUE_TYPES = {
    "commonsMedia": "string", "geo-shape": "string", "tabular-data": "string", "url": "string",
    "external-id": "string", "wikibase-item": "wikibase-entityid",
    "wikibase-property": "wikibase-entityid", "globe-coordinate": "globecoordinate",
    "monolingualtext": "monolingualtext", "quantity": "quantity", "string": "string",
    "time": "time",
}  # fmt: skip
_MODELS = {0: "wikibase-item", 120: "wikibase-property"}
_IMAGE_LIMITS = ((320, 240), (640, 480), (800, 600), (1024, 768), (1280, 1024), (2560, 2048))
_THUMB_LIMITS = (120, 150, 180, 200, 250, 300)
_NAMES = {"commons": ("Local Commons", "commonswiki"), "items": ("Local Wikidata", "wikidatawiki")}
_EXTENSIONS = {
    "commons": ("WikibaseClient", "WikibaseRepository", "WikibaseMediaInfo"),
    "items": ("WikibaseClient", "WikibaseRepository"),
}


def run(call: Call) -> Json:
    """The parts that ``siprop`` names."""
    wanted = call.known("siprop", PARTS, "general", module="siteinfo")
    return {name: PARTS[name](call) for name in wanted}


def _general(call: Call) -> Json:
    name, wiki_id = _NAMES[call.site.name]
    prefix = call.site.prefix
    return {
        "mainpage": "Main Page", "base": f"{call.own}/wiki/Main_Page", "sitename": name,
        "logo": f"{call.own}/w/resources/assets/change-your-logo.svg",
        "articlepath": f"{prefix}/wiki/$1", "scriptpath": f"{prefix}/w",
        "script": f"{prefix}/w/index.php", "server": call.base, "servername": "127.0.0.1",
        "wikiid": wiki_id, "time": iso(call.state.clock()),
        "readonly": bool(call.state.conditions.read_only),
        **_reason(call), **_software(), **_language(), **_files(call),
        "favicon": f"{call.own}/favicon.ico", "max-page-id": call.site.next["page"] - 1,
        "wikibase-propertytypes": {kind: {"valuetype": one} for kind, one in _VALUE_TYPES.items()},
        "wikibase-conceptbaseuri": f"{call.own}/entity/",
        "wikibase-geoshapestoragebaseurl": "https://commons.wikimedia.org/wiki/",
        "wikibase-tabulardatastoragebaseurl": "https://commons.wikimedia.org/wiki/",
        "citeresponsivereferences": True,
    }  # fmt: skip


def _reason(call: Call) -> Json:
    reason = call.state.conditions.read_only
    return {"readonlyreason": reason} if reason else {}


def _software() -> Json:
    return {
        "generator": "MediaWiki 1.43.9", "phpversion": "8.2.35", "phpsapi": "fpm-fcgi",
        "dbtype": "mysql", "dbversion": "10.11.19-MariaDB-0+deb12u1", "misermode": False,
        "writeapi": True, "maxarticlesize": 2097152, "timezone": "UTC", "timeoffset": 0,
        "mainpageisdomainroot": False, "variantarticlepath": False,
        "imagewhitelistenabled": False, "centralidlookupprovider": "local",
        "allcentralidlookupproviders": ["local"], "interwikimagic": True,
        "categorycollation": "uppercase", "nofollowlinks": True, "nofollownsexceptions": [],
        "nofollowdomainexceptions": ["mediawiki.org"], "externallinktarget": False,
    }  # fmt: skip


def _language() -> Json:
    return {
        "langconversion": True, "linkconversion": True, "titleconversion": True,
        "linkprefixcharset": "", "linkprefix": "", "linktrail": "/^([a-z]+)(.*)$/sD",
        "legaltitlechars": " %!\"$&'()*,\\-.\\/0-9:;=?@A-Z\\\\^_`a-z~\\x80-\\xFF+",
        "invalidusernamechars": "@:>=", "allunicodefixes": False, "fixarabicunicode": True,
        "fixmalayalamunicode": True, "case": "first-letter", "lang": "en", "fallback": [],
        "rtl": False, "fallback8bitEncoding": "windows-1252",
    }  # fmt: skip


def _files(call: Call) -> Json:
    """Lists with numbers as keys are plain lists in formatversion 1."""
    links = {"ISBN": False, "PMID": False, "RFC": False}
    return {
        "uploadsenabled": True, "maxuploadsize": 104857600, "minuploadchunksize": 1024,
        "galleryoptions": {
            "imagesPerRow": 0, "imageWidth": 120, "imageHeight": 120, "captionLength": True,
            "showBytes": True, "showDimensions": True, "mode": "traditional"},
        "thumblimits": _numbered(call, list(_THUMB_LIMITS)),
        "imagelimits": _numbered(call, [{"width": width, "height": height}
                                        for width, height in _IMAGE_LIMITS]),
        "magiclinks": links if call.v2 else [],
    }  # fmt: skip


def _numbered(call: Call, rows: list[Any]) -> Any:
    return {str(index): row for index, row in enumerate(rows)} if call.v2 else rows


def _namespaces(call: Call) -> Json:
    names = dict(namespaces.NAMES)
    if call.site is call.state.items:
        names |= {4: "Wikidata", 5: "Wikidata talk", **namespaces.ITEM_NAMES}
    return {str(number): _namespace(call, number, name) for number, name in sorted(names.items())}


def _namespace(call: Call, number: int, name: str) -> Json:
    row: Json = {
        "id": number,
        "case": "first-letter",
        "name" if call.v2 else "*": name,
        "subpages": number in namespaces.WITH_SUBPAGES,
        "content": number == 0,
        "nonincludable": False,
    }
    if name:
        row["canonical"] = namespaces.CANONICAL.get(number, name)
    if call.site is call.state.items and number in _MODELS:
        row["defaultcontentmodel"] = _MODELS[number]
    if number == 8:
        row["namespaceprotection"] = "editinterface"
    return row


def _aliases(call: Call) -> list[Json]:
    key = "alias" if call.v2 else "*"
    return [
        {"id": number, key: name.capitalize()}
        for name, number in namespaces.ALIASES.items()
        if name.startswith("image")
    ]


def _extensions(call: Call) -> list[Json]:
    return [
        {"type": "wikibase", "name": name, "version": "1.43"}
        for name in _EXTENSIONS[call.site.name]
    ]


def _statistics(call: Call) -> Json:
    files = sum(1 for _ in call.site.file_pages())
    return {
        "pages": len(call.site.pages),
        "articles": 0,
        "edits": len(call.site.revisions),
        "images": files,
        "users": len(call.state.users),
        "activeusers": 1,
        "admins": 1,
        "jobs": 0,
    }


def _magic_words(call: Call) -> list[Json]:
    return [
        {"name": "redirect", "aliases": ["#REDIRECT"], "case-sensitive": False},
        {"name": "img_thumbnail", "aliases": ["thumb", "thumbnail"], "case-sensitive": True},
    ]


def _user_groups(call: Call) -> list[Json]:
    return [{"name": name, "rights": rights} for name, rights in GROUPS.items()]


def _restrictions(call: Call) -> Json:
    return {
        "types": ["create", "edit", "move", "upload"],
        "levels": ["", "autoconfirmed", "sysop"],
        "cascadinglevels": ["sysop"],
        "semiprotectedlevels": ["autoconfirmed"],
    }


def _languages(call: Call) -> list[Json]:
    key = "name" if call.v2 else "*"
    return [
        {"code": "en", "bcp47": "en", key: "English"},
        {"code": "de", "bcp47": "de", key: "Deutsch"},
    ]


def _file_extensions(call: Call) -> list[Json]:
    return [{"ext": one} for one in ("png", "gif", "jpg", "jpeg", "svg")]


def _none(call: Call) -> list[Json]:
    return []


PARTS: dict[str, Callable[[Call], Any]] = {
    "general": _general,
    "namespaces": _namespaces,
    "namespacealiases": _aliases,
    "extensions": _extensions,
    "statistics": _statistics,
    "magicwords": _magic_words,
    "usergroups": _user_groups,
    "restrictions": _restrictions,
    "languages": _languages,
    "fileextensions": _file_extensions,
    "specialpagealiases": _none,
    "interwikimap": _none,
}
