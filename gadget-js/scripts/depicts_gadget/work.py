"""From a checkout and a wiki to a plan, and from a plan to edits."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from depicts_gadget import definition, user_script
from depicts_gadget.drift import summary
from depicts_gadget.pages import FOLDER, PREFIX, Gadget, Read, built, canonical, gadgets, key
from depicts_gadget.wiki import Revision, Wiki
from depicts_model.errors import WikiError

PARSE_ERROR = 'mw.log.error("Parse error:'
"""What ResourceLoader sends in place of a script that it cannot parse."""
PATIENCE, PAUSE = 20, 3.0
"""How often, and after how many seconds, a module is asked for again that is not there yet: each
server of a wiki keeps the definition for a quarter of a minute."""


def gadget_texts(read: Read) -> dict[str, str]:
    """What is ours of every page; of the definition, our lines."""
    lines = "\n".join(gadget.line() for gadget in gadgets(read))
    return {**built(read), definition.TITLE: lines}


def user_texts(user: str, read: Read) -> dict[str, str]:
    """The page of somebody's user script."""
    return {user_script.title(user): user_script.script(read)}


def own(title: str, text: str) -> str:
    """What is ours of a page on the wiki."""
    if title == definition.TITLE:
        return "\n".join(definition.ours(text))
    return canonical(title, text)


@dataclass(frozen=True, slots=True)
class Change:
    """A page and what it shall be; ``before`` is None where it is not there yet."""

    title: str
    before: Revision | None
    text: str

    def diff(self) -> Iterator[str]:
        """Unified, without line breaks."""
        old = canonical(self.title, self.before.text) if self.before else ""
        there = self.title if self.before else "(no such page)"
        pair = (old.splitlines(), self.text.splitlines())
        return difflib.unified_diff(*pair, there, self.title, "on the wiki", "here", lineterm="")


def changes(now: dict[str, Revision], new: dict[str, str], section: str) -> list[Change]:
    """What has to be written, in this order: new pages, the definition, changed pages.

    So the definition never names a page that is not there, and no script asks for a file that the
    definition does not name yet.
    """
    found = []
    for title, text in new.items():
        page = now.get(title)
        if page is None or own(title, page.text) != text:
            if title == definition.TITLE:
                text = definition.merged(page.text if page else "", text.splitlines(), section)
            found.append(Change(title, page, text))
    return sorted(found, key=lambda one: (_turn(one), one.title))


def _turn(change: Change) -> int:
    if change.title == definition.TITLE:
        return 1
    return 2 if change.before else 0


def left_over(wiki: Wiki, new: dict[str, str]) -> list[str]:
    """Pages below our title that no gadget of ours names any more."""
    found = wiki.titles(PREFIX.partition(":")[2] + FOLDER)
    ours = (f"{PREFIX}{FOLDER}/", f"{PREFIX}{FOLDER}-")
    return [title for title in found if title.startswith(ours) and title not in new]


def write(wiki: Wiki, todo: list[Change], commit: str) -> Iterator[str]:
    """Write page by page; yields each title once it is there as it should be.

    Raises WikiError: the wiki refuses, or has another text afterwards; what was written stays.
    """
    for change in todo:
        base = change.before.id if change.before else 0
        try:
            wiki.edit(change.title, change.text, summary(commit), base)
        except WikiError as error:
            why = str(error).removeprefix(f"{error.code}: ")
            raise WikiError(error.code, f"{change.title}: {why}") from None
        yield change.title
    kept = wiki.latest(change.title for change in todo)
    for change in todo:
        page = kept.get(change.title)
        if page is None or canonical(change.title, page.text) != change.text:
            raise WikiError("strange", f"{change.title} is not what was written")


def faults(wiki: Wiki, found: list[Gadget]) -> Iterator[str]:
    """What ResourceLoader finds wrong with our modules."""
    for gadget in found:
        script = _module(wiki, gadget.module)
        if script is None:
            yield f"{gadget.module}: ResourceLoader does not know it"
            continue
        if PARSE_ERROR in script:
            told = script.partition(PARSE_ERROR)[2].partition('"')[0].strip()
            yield f"{gadget.module}: ResourceLoader cannot parse it: {told}"
        for name in gadget.scripts:
            if f'"{key(name)}":' not in script:
                yield f"{gadget.module}: ResourceLoader does not send {name}"


def _module(wiki: Wiki, name: str) -> str | None:
    for _ in range(PATIENCE):
        script = wiki.module(name, secrets.token_hex(8))
        if f'"{name}":"missing"' not in script.replace(" ", "").replace("\n", ""):
            return script
        wiki.wait(PAUSE)
    return None
