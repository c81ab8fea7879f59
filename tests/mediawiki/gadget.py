"""The gadget's pages on a wiki: what stands where, and the line of its definition.

Each file of ``gadget-js`` that ``gadgets.json`` names is a page ``MediaWiki:Gadget-<file>`` below
one common name, so that modules find each other as they do in the folder.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .session import Session

Json = dict[str, Any]

GADGET = Path(__file__).resolve().parents[2] / "gadget-js"
NAME = "suggest-depicts"
MODULE = "ext.gadget."
DEFINITIONS = "MediaWiki:Gadgets-definition"
BUTTON = MODULE + NAME
SUMMARY = "the gadget, for a test"
CONDITIONS = ("rights", "skins", "actions", "namespaces")


def pages(folder: Path = GADGET) -> dict[str, str]:
    """The text of every page by its title; the definition is last."""
    gadgets: dict[str, Json] = json.loads(_read(folder, "gadgets.json"))
    files = [file for one in gadgets.values() for file in (*one["files"], *one["styles"])]
    made = {f"MediaWiki:Gadget-{NAME}/{file}": _read(folder, file) for file in files}
    lines = [_line(module, one) for module, one in gadgets.items()]
    return made | {DEFINITIONS: "\n".join(["== Files ==", *lines])}


def _line(module: str, gadget: Json) -> str:
    """The button is on for everybody, people without an account too; what it loads is hidden."""
    options = ["ResourceLoader", "package", "default" if module == BUTTON else "hidden"]
    lists = {one: gadget.get(one, []) for one in (*CONDITIONS, "dependencies")}
    options += [f"{one}={','.join(map(str, words))}" for one, words in lists.items() if words]
    files = "|".join(f"{NAME}/{file}" for file in (*gadget["files"], *gadget["styles"]))
    return f"* {module.removeprefix(MODULE)}[{'|'.join(options)}]|{files}"


def _read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def install(deployer: Session, folder: Path = GADGET) -> None:
    """Write all pages, by somebody who may edit the interface.

    Raises:
        ApiError: the wiki refuses a page.
    """
    for title, text in pages(folder).items():
        deployer.edit(title, text, summary=SUMMARY)
