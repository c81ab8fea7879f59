"""The user script: all gadgets in one page, for a person without rights to install them. Pure."""

from __future__ import annotations

import json

from depicts_gadget.pages import FOLDER, Gadget, Read, gadgets, part
from depicts_model.errors import ConfigurationError

TEMPLATE = "user-script.js"
PLACE = "\t\t// <gadgets>\n"


def title(user: str) -> str:
    """Of the page, below the account of whom it serves."""
    return f"User:{user}/{FOLDER}.js"


def script(read: Read) -> str:
    """The page's text.

    Raises ConfigurationError: gadgets.json is wrong, or a file is not there.
    """
    try:
        before, place, after = read(TEMPLATE).partition(PLACE)
    except KeyError:
        raise ConfigurationError(f"{TEMPLATE}: no such file") from None
    if not place:
        raise ConfigurationError(f"{TEMPLATE}: no place for the gadgets: {PLACE.strip()}")
    entries = ",\n".join(_entry(one, read) for one in gadgets(read))
    return f"{before}{entries}\n{after}".rstrip()


def _entry(gadget: Gadget, read: Read) -> str:
    files = ",\n".join(_file(gadget, read, name) for name in gadget.scripts)
    styles = "\n".join(part(gadget, read, name) for name in gadget.styles)
    parts = {"dependencies": json.dumps(list(gadget.dependencies)), "files": f"{{\n{files}\n}}"}
    parts["styles"] = "[\n" + ",\n".join(map(json.dumps, styles.splitlines())) + "\n].join( '\\n' )"
    return f"'{gadget.module}': {{\n" + ",\n".join(f"{k}: {v}" for k, v in parts.items()) + "\n}"


def _file(gadget: Gadget, read: Read, name: str) -> str:
    text = part(gadget, read, name).rstrip()
    if name.endswith(".json"):
        return f"'{name}': {text}"
    return f"'{name}': function ( require, module, exports, mw ) {{\n{text}\n}}"
