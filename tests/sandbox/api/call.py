"""One request to the API: who asks, for what, and what the wiki warns about meanwhile."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from .. import errors
from ..errors import Message
from ..records import Page
from ..site import Site
from ..state import Session, State

Json = dict[str, Any]

ANONYMOUS = "127.0.0.1"
Publish = Callable[[Page, Json, str], int]
"""Makes a page's revision in another wiki: of this entity, with this comment; returns its number.

Raises ApiError where the other one refuses; then nothing is saved here either.
"""


@dataclass(slots=True)
class Call:
    """A request; ``params`` from address and body together, ``in_address`` names the former's.

    ``base`` is the server's address without a final slash. ``publish``: where another wiki keeps
    the revisions of the pages, and this one their entities alone.
    """

    state: State
    site: Site
    session: Session
    base: str
    params: dict[str, str]
    posted: bool = True
    in_address: frozenset[str] = frozenset()
    warnings: dict[str, list[str]] = field(default_factory=dict)
    messages: dict[str, list[Message]] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    publish: Publish | None = None
    told: Counter[str] = field(default_factory=Counter)

    # --- who ---

    @property
    def user(self) -> str:
        """The account's name; '' for nobody."""
        return self.session.user

    @property
    def author(self) -> str:
        """Whom an edit is attributed to."""
        return self.user or ANONYMOUS

    @property
    def rights(self) -> list[str]:
        return self.state.rights_of(self.user)

    # --- what ---

    @property
    def v2(self) -> bool:
        return self.params.get("formatversion") in ("2", "latest")

    @property
    def action(self) -> str:
        return self.params.get("action", "help")

    @property
    def own(self) -> str:
        """The address of the site that was asked."""
        return self.base + self.site.prefix

    @property
    def items(self) -> str:
        """The address of the items' site."""
        return self.base + self.state.items.prefix

    def get(self, name: str, default: str = "") -> str:
        return self.params.get(name, default)

    def need(self, name: str) -> str:
        """A parameter that must be there."""
        if name not in self.params:
            raise errors.missing_param(name)
        return self.params[name]

    def flag(self, name: str) -> bool:
        """A flag is set by being there, whatever its value."""
        return name in self.params

    def number(self, name: str, default: int = 0) -> int:
        text = self.params.get(name, "")
        if text and not re.fullmatch(r"-?\d+", text):
            raise errors.bad_integer(name, text)
        return int(text) if text else default

    def limit(self, name: str, module: str, default: int = 10) -> int:
        """How many rows are wanted; never more than one may have. ``max`` is told in the answer."""
        most = 5000 if "apihighlimits" in self.rights else 500
        if self.get(name) == "max":
            self.limits[module] = most
            return most
        return min(max(self.number(name, default), 1), most)

    def values(self, name: str, default: str = "") -> list[str]:
        """A parameter with many values, each once; too many of them are refused."""
        text = self.params.get(name, default)
        parts = text[1:].split("\x1f") if text.startswith("\x1f") else text.split("|")
        found = list(dict.fromkeys(parts)) if text else []
        most = 500 if "apihighlimits" in self.rights else 50
        if len(found) > most:
            raise errors.too_many_values(name, most)
        return found

    def known(
        self, name: str, allowed: Iterable[str], default: str = "", module: str = ""
    ) -> list[str]:
        """Those of the values that exist; the others earn a warning."""
        found, choice = self.values(name, default), list(allowed)
        if found == ["*"]:
            return choice
        strange = [value for value in found if value not in choice]
        if strange:
            noun = "values" if len(strange) > 1 else "value"
            text = f'Unrecognized {noun} for parameter "{name}": {", ".join(strange)}'
            self.warn(module or self.action, text)
        return [value for value in found if value in choice]

    # --- warnings ---

    def warn(self, module: str, text: str) -> None:
        self.warnings.setdefault(module, []).append(text)

    def warn_message(self, name: str, text: str) -> None:
        """A warning with a message key, of the action that is running."""
        self.messages.setdefault(self.action, []).append(Message(name, text))
