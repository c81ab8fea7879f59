"""What a record must be by Toolhub's schema /toolinfo/1.2.2, as far as we use it.

The schema as published with Toolhub's source, in our own words: texts have a longest length, a
person a name and nothing unknown, an address a scheme and a host. Of keys that we do not use, only
the simple ones are known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

VERSION: Final = "/toolinfo/1.2.2"
NEEDED: Final = ("name", "title", "description", "url")
TEXTS: Final = {
    "name": 255,
    "title": 255,
    "subtitle": 255,
    "description": 65_535,
    "license": 255,
    "bot_username": 255,
    "_schema": 32,
}
ADDRESSES: Final = ("url", "repository", "api_url", "bugtracker_url", "translate_url")
MANY_ADDRESSES: Final = (
    "user_docs_url",
    "developer_docs_url",
    "feedback_url",
    "privacy_policy_url",
)
LISTS: Final = ("technology_used", "sponsor")
FLAGS: Final = ("deprecated", "experimental")
TYPES: Final = ("web app", "desktop app", "bot", "gadget", "user script", "command line tool")
PERSON: Final = ("name", "wiki_username", "developer_username", "email", "url")
_LANGUAGE: Final = re.compile(r"x-.*|[A-Za-z]{2,3}(-.*)?")
_WIKI: Final = re.compile(
    r"\*|(.*)?\.?(mediawiki|wiktionary|"
    r"wiki(pedia|quote|books|source|news|versity|data|voyage|media))\.org"
)
KNOWN: Final = {
    *(*TEXTS, *ADDRESSES, *MANY_ADDRESSES, *LISTS, *FLAGS),
    *("author", "tool_type", "for_wikis", "available_ui_languages", "_language"),
}


def faults(record: Mapping[str, Any]) -> list[str]:
    """The keys that the schema does not allow as they are; an unknown key is one too."""
    found = [key for key in NEEDED if key not in record]
    return found + [key for key, value in record.items() if not _fits(key, value)]


def _fits(key: str, value: Any) -> bool:
    if key in TEXTS:
        return _text(value, TEXTS[key]) and (key != "_schema" or value == VERSION)
    if key in ADDRESSES or key in MANY_ADDRESSES:
        return _address(value)
    if key in LISTS:
        return _all(value, lambda one: _text(one, 255))
    if key in FLAGS:
        return isinstance(value, bool)
    return key in KNOWN and _special(key, value)


def _special(key: str, value: Any) -> bool:
    match key:
        case "author":
            return _text(value, 255) or _all(value, _person)
        case "tool_type":
            return value in TYPES
        case "for_wikis":
            return _all(value, lambda one: _text(one, 255) and bool(_WIKI.fullmatch(one)))
        case "available_ui_languages":
            return value == "*" or _all(value, _language)
        case _:
            return _language(value)


def _all(value: Any, fits: Any) -> bool:
    return isinstance(value, list) and all(fits(one) for one in value)


def _text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def _language(value: Any) -> bool:
    return _text(value, 16) and bool(_LANGUAGE.fullmatch(value))


def _address(value: Any) -> bool:
    return _text(value, 2047) and bool(urlsplit(value).scheme and urlsplit(value).netloc)


def _person(value: Any) -> bool:
    known = isinstance(value, dict) and value.keys() <= {*PERSON} and "name" in value
    return known and all(_text(one, 255) for one in value.values())
