"""Which files are ours to look at; pure: facts in, a reason or None out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from depicts_model.types import FileContext, SkipReason

MIN_PIXELS: Final = 150
"""A smaller side shows too little to be sure of anything."""

# SVG, PDF, DjVu, audio and video are left out: drawings and pages are not what we are sure of.
IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/tiff"})
GIF: Final = "image/gif"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A file as the API described it, for deciding; ``context`` is what the linker will read."""

    context: FileContext
    missing: bool = False
    """The page, or the file behind it, is gone."""
    redirect: bool = False
    mime: str = ""
    mediatype: str = ""
    width: int = 0
    height: int = 0
    pages: int = 1
    frames: int | None = None
    """Of a GIF; None where the wiki did not say."""
    has_depicts: bool = False
    """Any depicts statement, also one of an unknown value."""
    is_artwork: bool = False
    """By template, or by a digital-representation-of statement."""
    upload_host: str = field(default="", compare=False)
    """Where the wiki keeps its originals; thumbnails come from nowhere else."""


def why_not(facts: FileFacts) -> SkipReason | None:
    """Why the file is not looked at; None where it is."""
    if facts.missing:
        return SkipReason.DELETED
    if facts.redirect:
        return SkipReason.REDIRECT
    return _unfit_format(facts) or _unfit_content(facts)


def _unfit_format(facts: FileFacts) -> SkipReason | None:
    if facts.mediatype != "BITMAP" or facts.mime not in IMAGES:
        return SkipReason.NOT_AN_IMAGE
    if facts.mime == GIF and facts.frames != 1:
        return SkipReason.ANIMATED
    if facts.pages > 1:
        return SkipReason.MULTI_PAGE
    return None


def _unfit_content(facts: FileFacts) -> SkipReason | None:
    if facts.is_artwork:
        return SkipReason.ARTWORK
    if facts.has_depicts:
        return SkipReason.HAS_DEPICTS
    # a side of 0 is a file that the wiki itself could not read: the linker will say so
    if 0 < min(facts.width, facts.height) < MIN_PIXELS:
        return SkipReason.TOO_SMALL
    return None
