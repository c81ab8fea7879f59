"""MediaWiki:Gadgets-definition: our lines in it, and everybody else's left alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from depicts_gadget.pages import FOLDER
from depicts_model.errors import ConfigurationError

TITLE = "MediaWiki:Gadgets-definition"
OURS = re.compile(rf"\*+ *{FOLDER}(-[\w-]+)?\s*[\[|]")
"""A line of ours, whatever gadget of ours it may have been."""
HEADING = re.compile(r"==+ *([^*:\s|]+)\s*(?<!=)==+\s*$")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def ours(text: str) -> list[str]:
    """Our lines, as they stand there."""
    lines = text.splitlines()
    return [lines[at] for at in _places(text)]


def _places(text: str) -> list[int]:
    """Where our lines stand; what is commented out is nobody's."""
    seen = COMMENT.sub(lambda found: re.sub(r"[^\n]", "#", found[0]), text).splitlines()
    return [at for at, line in enumerate(seen) if OURS.match(line)]


def merged(text: str, lines: Sequence[str], section: str = "") -> str:
    """The page with our lines in place of those that are there.

    Where there are none yet they come last in ``section``, or without one last of all.

    Raises ConfigurationError: there is no such section.
    """
    whole = text.splitlines()
    places = _places(text)
    first = places[0] if places else _end(whole, section)
    kept = [line for at, line in enumerate(whole) if at not in places]
    return "\n".join([*kept[:first], *lines, *kept[first:]]).rstrip()


def _end(lines: Sequence[str], section: str) -> int:
    """Behind the last gadget of the section."""
    if not section:
        return len(lines)
    heads = [at for at, line in enumerate(lines) if HEADING.match(line)]
    starts = [at for at in heads if (found := HEADING.match(lines[at])) and found[1] == section]
    if not starts:
        raise ConfigurationError(f"--section {section}: {TITLE} has no such section")
    end = next((at for at in heads if at > starts[0]), len(lines))
    used = [at for at in range(starts[0], end) if lines[at].strip()]
    return used[-1] + 1
