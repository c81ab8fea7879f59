"""The switch: a page of JSON on the wiki that stops bot and service, or pauses classes of items.

    {"stopped": false, "reason": "", "paused": {"Q729": "birds are taken for planes"}}

Every key may be left out. A page that is not there stops nothing; one that cannot be understood
counts as stopped, since whoever wrote it meant to change something.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final

from depicts_model import json_pages
from depicts_model.errors import ConfigurationError
from depicts_model.types import Qid

NOTE: Final = "switch"
"""Name of the store's note that holds the switch as it was last read."""
LONGEST: Final = 300
"""Characters kept of a reason; it is shown to people."""


@dataclass(frozen=True, slots=True)
class Switch:
    """What the page says; each field is a key of it."""

    stopped: bool = False
    reason: str = ""
    """Why it is stopped, in one line for a person."""
    paused: Mapping[Qid, str] = field(default_factory=lambda: MappingProxyType({}))
    """Items with the reason: they and all below them are not shown."""

    def note(self) -> dict[str, Any]:
        """The switch in a form fit for JSON; see `noted`."""
        return {"stopped": self.stopped, "reason": self.reason, "paused": dict(self.paused)}


ON: Final = Switch()
"""Nothing is stopped."""
_KEYS: Final = tuple(field.name for field in fields(Switch))


def parse(text: str, title: str) -> Switch:
    """The switch that a page says.

    Raises ConfigurationError naming the page, the key or item at fault, and for an unknown key
    the nearest valid one.
    """
    values = json_pages.read(text, title, _KEYS)
    stopped, reason = values.get("stopped", False), values.get("reason", "")
    if not isinstance(stopped, bool):
        raise _unfit(title, "stopped", "true or false", stopped)
    if not isinstance(reason, str):
        raise _unfit(title, "reason", "a text", reason)
    paused = json_pages.items(values.get("paused", {}), f"{title}: paused")
    lines = {qid: _line(why) for qid, why in paused.items()}
    return Switch(stopped, _line(reason), MappingProxyType(lines))


def unreadable(fault: object) -> Switch:
    """The switch where the page cannot be understood; ``fault``: what is wrong with it."""
    return Switch(stopped=True, reason=_line(str(fault)))


def noted(value: Any) -> Switch:
    """The switch that `Switch.note` wrote; what cannot be understood counts as stopped here too."""
    try:
        paused = {Qid(qid): reason for qid, reason in value["paused"].items()}
        return Switch(value["stopped"], value["reason"], MappingProxyType(paused))
    except (AttributeError, KeyError, TypeError):
        return unreadable("what was noted of its page is of another version")


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _unfit(title: str, key: str, wanted: str, value: Any) -> ConfigurationError:
    return ConfigurationError(f"{title}: {key} must be {wanted}, not {json_pages.short(value)}")
