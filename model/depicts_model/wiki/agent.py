"""Who we are to a server."""

from __future__ import annotations

from importlib.metadata import version

DISTRIBUTION = "suggest-depicts"


def product(contact: str) -> str:
    """Our own part of every User-Agent: tool, version and contact."""
    return f"{DISTRIBUTION}/{version(DISTRIBUTION)} ({contact})"
