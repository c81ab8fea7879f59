"""What the wiki holds and the conditions it is in; no API, no HTTP.

Two sites share one state: ``commons`` holds files, ``items`` holds items and properties. All
access goes under ``state.lock``; nothing here takes it, the request handler does.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from .loading import load_entities, load_files
from .rendezvous import Rendezvous
from .rights import rights_of
from .site import Site
from .world import World

Json = dict[str, Any]


def utc_now() -> datetime:
    """The clock of a wiki that was given none."""
    return datetime.now(UTC)


@dataclass(slots=True)
class User:
    """An account; ``groups`` without the implicit ones."""

    id: int
    name: str
    groups: list[str]
    options: dict[str, str] = field(default_factory=dict)

    @property
    def rights(self) -> list[str]:
        return rights_of(self.groups)


@dataclass(slots=True)
class Block:
    id: int
    user: str
    by: str
    reason: str
    start: datetime
    expiry: datetime | None


@dataclass(slots=True)
class Session:
    """One client's cookie: who it is logged in as ('' for nobody), and its tokens' secret."""

    user: str = ""
    secret: str = field(default_factory=lambda: secrets.token_hex(20))
    login_secret: str = field(default_factory=lambda: secrets.token_hex(20))

    def token(self, kind: str) -> str:
        """The token of a kind as the wiki issues it; people without account share one."""
        if kind == "login":
            return self.login_secret + "+\\"
        return (self.secret if self.user else "") + "+\\"


@dataclass(slots=True)
class Conditions:
    """The special states; a wiki starts with the ordinary ones.

    ``lag`` in seconds (-1 is what a lone database reports); ``edit_limit`` is edits and seconds,
    for people without the right ``noratelimit``; ``read_only`` is the reason, '' for none.
    """

    lag: float = -1
    read_only: str = ""
    edit_limit: tuple[int, int] = (900, 180)
    anonymous_edits: bool = True


class State:
    """Everything that a running wiki remembers."""

    def __init__(self, world: World, clock: Callable[[], datetime] = utc_now) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self.world = world
        self.reset()

    def reset(self, world: World | None = None) -> None:
        """Back to the start (of another world, if given): sessions and conditions go too."""
        if world is not None:
            self.world = world
        world = self.world
        self.conditions = Conditions()
        self.rendezvous = Rendezvous(self.lock)
        self.sessions: dict[str, Session] = {}
        self.users = {
            row["name"]: User(row["userid"], row["name"], list(row["groups"]))
            for row in world.users
        }
        self.passwords = dict(world.passwords)
        self.blocks: dict[str, Block] = {}
        self._block_ids = 0
        self._edits: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self.commons = Site("commons", "", self)
        self.items = Site("items", "/wikidata", self)
        load_entities(self.items, world.entities, world.item_counters)
        load_files(self.commons, world)

    # --- people ---

    def session(self, cookie: str | None) -> tuple[str, Session]:
        """The session of a cookie, or a new one with a new cookie."""
        if cookie is None or cookie not in self.sessions:
            cookie = secrets.token_hex(16)
            self.sessions[cookie] = Session()
        return cookie, self.sessions[cookie]

    def expire_sessions(self) -> None:
        """Forget every login, as a wiki does after a while."""
        self.sessions.clear()

    def groups_of(self, name: str) -> list[str]:
        return self.users[name].groups if name in self.users else []

    def rights_of(self, name: str) -> list[str]:
        """The rights of a user, or of somebody without account ('')."""
        if name in self.users:
            return self.users[name].rights
        rights = rights_of(None)
        return rights if self.conditions.anonymous_edits else [r for r in rights if r != "edit"]

    def block(self, user: str, by: str, reason: str, expiry: datetime | None = None) -> Block:
        """Block a user everywhere."""
        self._block_ids += 1
        self.blocks[user] = Block(self._block_ids, user, by, reason, self.clock(), expiry)
        return self.blocks[user]

    def block_of(self, user: str) -> Block | None:
        """The block in force, if any."""
        block = self.blocks.get(user)
        if block and block.expiry and block.expiry <= self.clock():
            return None
        return block

    def throttled(self, user: str) -> bool:
        """Count an edit of ``user``; True if it is one too many."""
        if "noratelimit" in self.rights_of(user):
            return False
        hits, seconds = self.conditions.edit_limit
        edits, now = self._edits[user], self.clock()
        while edits and (now - edits[0]).total_seconds() >= seconds:
            edits.popleft()
        if len(edits) >= hits:
            return True
        edits.append(now)
        return False

    # --- facts that both sites need ---

    def datatype(self, prop: str) -> str | None:
        """The datatype of a property; None if there is no such property."""
        entity = self.items.entity(prop)
        found: str | None = entity["datatype"] if entity else None
        return found
