"""The rows that a site keeps: pages, revisions, files, log entries, changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import entity as entities
from .namespaces import namespace_of
from .world import Blob

Json = dict[str, Any]


def iso(moment: datetime) -> str:
    """``2026-11-21T09:01:17Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Revision:
    """One state of a page; ``entity`` is its MediaInfo or item, None without one."""

    id: int
    parent: int
    page: int
    user: str
    timestamp: str
    comment: str
    text: str
    entity: Json | None = None
    tags: list[str] = field(default_factory=list)
    minor: bool = False

    @property
    def size(self) -> int:
        return len(self.text.encode()) + (entities.slot_size(self.entity) if self.entity else 0)


@dataclass(slots=True)
class StoredFile:
    """The current upload of a file page; ``blob`` None where nobody has the bytes."""

    timestamp: str
    user: str
    comment: str
    size: int
    width: int
    height: int
    sha1: str
    mime: str
    mediatype: str
    blob: Blob | None = None


@dataclass(slots=True)
class Page:
    """A page; ``revisions`` are ids, oldest first; ``protection`` is level by action."""

    id: int
    title: str
    revisions: list[int] = field(default_factory=list)
    file: StoredFile | None = None
    protection: dict[str, str] = field(default_factory=dict)
    touched: str = ""

    @property
    def ns(self) -> int:
        return namespace_of(self.title)


@dataclass(slots=True)
class Entry:
    """A log row; ``hidden`` names what oversight took away: ``action``, ``user``, ``comment``."""

    id: int
    type: str
    action: str
    ns: int
    title: str
    page: int
    revid: int
    user: str
    timestamp: str
    comment: str
    params: Json
    tags: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Change:
    """A row of recent changes: an edit (``log`` None) or a log row."""

    id: int
    ns: int
    title: str
    page: int
    revid: int
    old: int
    user: str
    timestamp: str
    comment: str
    bot: bool = False
    minor: bool = False
    old_size: int = 0
    new_size: int = 0
    tags: list[str] = field(default_factory=list)
    log: Entry | None = None
