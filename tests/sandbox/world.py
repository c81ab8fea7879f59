"""What a wiki holds when it starts, as plain data: the shape of ``seed.json`` and a supplement.

``seed.json`` tells of files, users and entities. What it does not tell (passwords, log and
revision numbers, aliases, where the files' bytes are) comes in ``more``, all of it optional:

``files``  by title: ``revision_timestamp``, ``logid``, ``rcid``, ``touched``
``entities``  by id: ``aliases``, ``pageid``, ``revid``, ``timestamp``
``passwords``, ``tags``  where they are not the usual ones
``log``  further log rows; ``counters``  the next ``page``, ``revision``, ``log``, ``change``;
``item_counters``  the same of the items' wiki
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Blob = Callable[[], bytes]
"""Reads a file's bytes when they are wanted."""

DEFAULT_TAG = "suggest-depicts"
PASSWORDS = {
    "DepictsBot@depicts": "sandbox-bot-password",
    "Uploader@up": "sandbox-uploader-password",
    "Reviewer@gadget": "sandbox-editor-password",
    "Admin@seed": "sandbox-admin-password",
    "DepictsBot": "account-password-of-DepictsBot",
    "Uploader": "account-password-of-Uploader",
    "Reviewer": "account-password-of-Reviewer",
    "Admin": "account-password-of-Admin",
}
"""Bot passwords (``user@app``) and account passwords; there is nothing behind them."""


@dataclass(frozen=True, slots=True)
class World:
    """The start of a wiki.

    ``blobs`` are by file title; ``hidden`` are category titles; ``moves`` are titles, old and new,
    of files that an administrator has renamed.
    """

    files: tuple[Json, ...]
    users: tuple[Json, ...]
    entities: Mapping[str, Json]
    passwords: Mapping[str, str] = field(default_factory=lambda: dict(PASSWORDS))
    tags: tuple[str, ...] = (DEFAULT_TAG,)
    hidden: frozenset[str] = frozenset()
    log: tuple[Json, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    item_counters: Mapping[str, int] = field(default_factory=dict)
    blobs: Mapping[str, Blob] = field(default_factory=dict)
    moves: tuple[tuple[str, str], ...] = ()


def read_world(seed: Path, more: Path | None = None) -> World:
    """The world of two JSON files.

    Raises:
        ValueError: a file is not JSON or lacks a part.
    """
    supplement = json.loads(more.read_text()) if more else {}
    return world_of(json.loads(seed.read_text()), supplement)


def world_of(seed: Json, more: Json) -> World:
    """The world of seed and supplement, already parsed."""
    missing = {"files", "users", "entities"} - seed.keys()
    if missing:
        raise ValueError(f"the seed lacks {', '.join(sorted(missing))}")
    extra_files, extra_entities = more.get("files", {}), more.get("entities", {})
    return World(
        files=tuple(file | extra_files.get(file["title"], {}) for file in seed["files"]),
        users=tuple(seed["users"]),
        entities={
            key: entity | extra_entities.get(key, {}) for key, entity in seed["entities"].items()
        },
        passwords=more.get("passwords", dict(PASSWORDS)),
        tags=tuple(more.get("tags", (DEFAULT_TAG,))),
        log=tuple(more.get("log", ())),
        counters=more.get("counters", {}),
        item_counters=more.get("item_counters", {}),
    )


def plain_entities(labels: Mapping[str, str]) -> dict[str, Json]:
    """Entities with an English label and nothing else, in the seed's shape."""
    blank: Json = {"descriptions": {}, "datatype": None, "redirects": None, "claims": {}}
    return {qid: {"labels": {"en": label}, **blank} for qid, label in labels.items()}
