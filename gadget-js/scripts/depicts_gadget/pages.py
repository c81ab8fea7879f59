"""Which pages the gadgets are: gadgets.json and its files, as texts by title. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from depicts_model.errors import ConfigurationError

MODULE = "ext.gadget."
"""What ResourceLoader puts before a gadget's name."""
PREFIX = "MediaWiki:Gadget-"
FOLDER = "suggest-depicts"
"""All files lie below one title, in the folders that they have here, so that `require` finds them
by the same relative paths: nothing is rewritten."""
GADGETS = "gadgets.json"
LABEL = "gadget-suggest-depicts"
"""Key of the line in the reader's preferences."""
LISTS = ("dependencies", "files", "styles", "labels")
CONDITIONS = ("rights", "skins", "actions", "namespaces")
FLAGS = ("hidden",)

Read = Callable[[str], str]
"""A file of gadget-js, by its path there. Raises KeyError where there is none."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gadget:
    """One gadget: its name on the wiki, its files here, and where it is loaded.

    ``labels``: files with the line of the preferences, one a language.
    """

    name: str
    dependencies: tuple[str, ...]
    files: tuple[str, ...]
    labels: tuple[str, ...] = ()
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    hidden: bool = False

    @property
    def module(self) -> str:
        """Its name in ResourceLoader."""
        return MODULE + self.name

    @property
    def scripts(self) -> list[str]:
        """Its scripts and texts, which make the package."""
        return [name for name in self.files if not name.endswith(".css")]

    @property
    def styles(self) -> list[str]:
        """Its style sheets."""
        return [name for name in self.files if name.endswith(".css")]

    def line(self) -> str:
        """Its line of MediaWiki:Gadgets-definition.

        Without requiresES6: it would spare a newer script the check of its syntax that
        ResourceLoader makes of all others, and ours are of ES2016, which that check knows.
        """
        options = ["ResourceLoader", "package"]
        options += ["hidden"] if self.hidden else []
        every = (*self.conditions, ("dependencies", self.dependencies))
        options += [f"{name}={','.join(values)}" for name, values in every if values]
        return f"* {self.name}[{'|'.join(options)}]|{'|'.join(map(key, self.files))}"


def gadgets(read: Read) -> list[Gadget]:
    """What gadgets.json says.

    Raises ConfigurationError: it is not as it should be.
    """
    try:
        found = json.loads(read(GADGETS))
    except (KeyError, ValueError):
        raise ConfigurationError(f"{GADGETS}: no JSON that can be read") from None
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ConfigurationError(f"{GADGETS}: gadgets by name expected")
    return [_gadget(name, one) for name, one in found.items()]


def _gadget(module: str, told: Json) -> Gadget:
    if not module.startswith(MODULE + FOLDER):
        raise ConfigurationError(f"{GADGETS}: {module}: no name of ours ({MODULE}{FOLDER}…)")
    for word in told.keys() - {*LISTS, *CONDITIONS, *FLAGS}:
        raise ConfigurationError(f"{GADGETS}: {module}: unknown key {word!r}")
    lists = {word: _texts(told.get(word, []), module, word) for word in (*LISTS, *CONDITIONS)}
    if not any(name.endswith(".js") for name in lists["files"]):
        raise ConfigurationError(f"{GADGETS}: {module}: no script, and so no package")
    conditions = tuple((word, lists[word]) for word in CONDITIONS if lists[word])
    files = lists["files"] + lists["styles"]
    name, hidden = module.removeprefix(MODULE), told.get("hidden") is True
    return Gadget(name, lists["dependencies"], files, lists["labels"], conditions, hidden)


def _texts(values: Any, module: str, word: str) -> tuple[str, ...]:
    fit = isinstance(values, list) and all(isinstance(one, str | int) for one in values)
    # what would end a word of the definition
    if not fit or any(set(str(one)) & set("|,[]=\n ") for one in values):
        raise ConfigurationError(f"{GADGETS}: {module}: {word} is no list of plain words")
    return tuple(str(one) for one in values)


def key(name: str) -> str:
    """What a file is called inside of the package."""
    return f"{FOLDER}/{name}"


def built(read: Read) -> dict[str, str]:
    """The text of every page, by title, but for the definition.

    Raises ConfigurationError: gadgets.json is wrong, or names a file that is not there.
    """
    found = {}
    for gadget in gadgets(read):
        for name in gadget.labels:
            found[_label_title(gadget, name)] = _label(gadget, read, name)
        for name in gadget.files:
            found[PREFIX + key(name)] = canonical(name, part(gadget, read, name))
    return found


def part(gadget: Gadget, read: Read, name: str) -> str:
    """One file of a gadget. Raises ConfigurationError where there is none."""
    try:
        return read(name)
    except KeyError:
        raise ConfigurationError(f"{GADGETS}: {gadget.module}: no file {name}") from None


def _label_title(gadget: Gadget, name: str) -> str:
    """The page without a language is the English one."""
    language = PurePosixPath(name).stem
    return PREFIX + gadget.name + ("" if language == "en" else f"/{language}")


def _label(gadget: Gadget, read: Read, name: str) -> str:
    try:
        return str(json.loads(part(gadget, read, name))[LABEL]).strip()
    except (KeyError, TypeError, ValueError):
        raise ConfigurationError(f"{name}: no text {LABEL}") from None


def canonical(title: str, text: str) -> str:
    """The text as a wiki would give it back: JSON set anew, no blank lines at the end."""
    if title.endswith(".json"):
        try:
            text = json.dumps(json.loads(text), ensure_ascii=False, indent="\t")
        except ValueError:
            # somebody's slip on the wiki: compared as it is
            return text.rstrip()
    return text.rstrip()
