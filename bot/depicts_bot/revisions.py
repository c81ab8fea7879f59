"""Revisions by their numbers, and what their MediaInfo said."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from depicts_bot.context import merge
from depicts_bot.wiki import Json, Wiki, ask_all


def pages_of(wiki: Wiki, revisions: Iterable[int], rvprop: str, **more: str) -> Collection[Json]:
    """The pages of these revisions, each with those of them that are there still.

    ``revisions``: as many as one request may name. ``more``: further parameters.
    """
    answers = ask_all(
        wiki,
        action="query",
        prop="revisions",
        revids="|".join(map(str, sorted(set(revisions)))),
        rvprop=rvprop,
        **more,
    )
    return merge(page for answer in answers for page in answer.get("pages", [])).values()


def media_info(revision: Json) -> Json | None:
    """The entity of a revision that was asked for with content; empty where there was none yet.

    None where the content is hidden.
    """
    slots = revision.get("slots")
    if slots is None:
        return None
    slot = slots.get("mediainfo", {"content": "{}"}) if slots else {"content": "{}"}
    found: Json | None = json.loads(slot["content"]) if "content" in slot else None
    return found
