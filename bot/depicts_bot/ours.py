"""Which edits are ours: the gadget's, by its tag and its summary; pure but for one question."""

from __future__ import annotations

import re
from typing import Final

from depicts_bot.wiki import Json, Wiki, ask_all

_SUMMARY: Final = re.compile(r"Suggest depicts, model (\S{1,64})(?:\s|$)")
"""As the gadget writes it, behind what Wikibase says of the change."""


def known_tag(wiki: Wiki, tag: str) -> str:
    """``tag`` where the wiki has it; empty where not, and edits are known by their summary.

    The gadget does the same: a wiki whose administrators made no tag refuses edits that bear it.
    """
    if not tag:
        return ""
    parts = ask_all(wiki, action="query", list="tags", tglimit="max")
    return tag if any(row["name"] == tag for part in parts for row in part["tags"]) else ""


def model_of(row: Json, tag: str) -> str | None:
    """The model's version that the edit's summary names; None where the edit is not ours.

    ``row``: of a change or a revision, with ``tags`` and ``comment``, which may be hidden.
    """
    found = _SUMMARY.search(row.get("comment", ""))
    if found is None or (tag and tag not in row.get("tags", ())):
        return None
    return found[1]
