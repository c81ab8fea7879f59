"""Who we are to a server, and whether that server is this machine."""

from __future__ import annotations

import ipaddress
from importlib.metadata import version
from urllib.parse import urlsplit

DISTRIBUTION = "suggest-depicts"


def product(contact: str) -> str:
    """Our own part of every User-Agent: tool, version and contact."""
    return f"{DISTRIBUTION}/{version(DISTRIBUTION)} ({contact})"


def is_loopback(url: str) -> bool:
    """Whether ``url`` can only mean this machine; a name other than localhost never does."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
