"""What a file's wikitext says, as far as the pages show it. No parser: the texts are ours."""

from __future__ import annotations

import re

_IN_LANGUAGE = re.compile(r"\{\{\w+\|(?:1=)?(.*?)\}\}", re.DOTALL)
_LICENCE = re.compile(r"\{\{int:license-header\}\}\s*==\s*\{\{\s*([^|}]+)", re.IGNORECASE)
_LICENCES = {
    "cc-zero": "CC0 1.0, public domain dedication",
    "cc-by-2.0": "Creative Commons Attribution 2.0",
    "PD-USGov-NASA": "Public domain: made by NASA",
    "PD-author": "Public domain: released by its author",
    "PD-old": "Public domain: copyright has expired",
    "BSD": "BSD licence, as the package that it comes with",
}


def field(text: str, name: str) -> str:
    """A field of the page's Information template, without its language template; '' for none.

    >>> field("{{Information\\n|description={{en|1=A cat}}\\n|date=\\n}}", "description")
    'A cat'
    """
    pattern = rf"\|[ \t]*{name}[ \t]*=[ \t]*(.*?)[ \t]*(?=\n\s*(?:\||\}}\}}))"
    found = re.search(pattern, text, re.IGNORECASE | re.DOTALL)
    return _IN_LANGUAGE.sub(r"\1", found[1]).strip() if found else ""


def licence(text: str) -> str:
    """What the template below the licence's heading stands for; its name where we do not know."""
    found = _LICENCE.search(text)
    name = found[1].strip() if found else ""
    return _LICENCES.get(name, name)
