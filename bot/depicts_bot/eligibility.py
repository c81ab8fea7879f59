"""Which files are ours to look at; pure: facts in, a reason or None out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from depicts_bot.opting_out import NOBODY, OptOuts
from depicts_model.types import FileContext, SkipReason

MIN_PIXELS: Final = 150
"""A smaller side shows too little to be sure of anything."""

# Left out by policy, since their mediatype is none of BITMAP: SVG (maps, diagrams, flags and logos,
# of which a model of photographs is sure and wrong), PDF and DjVu (pages), audio and video.
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
    asks_bots_to_stay: bool = False
    """By a template of the page that bots know."""
    templates: frozenset[str] = frozenset()
    """Written on the page itself, not by other templates; as `wikitext` names them."""
    hidden_categories: tuple[str, ...] = ()
    """Without the namespace; what wikis keep house with is no evidence."""
    uploader: str = field(default="", compare=False, repr=False)
    """Of the newest version; compared with the opt-outs, never stored and never shown."""
    upload_host: str = field(default="", compare=False)
    """Where the wiki keeps its originals; thumbnails come from nowhere else."""


def why_not(facts: FileFacts, opt_outs: OptOuts = NOBODY) -> SkipReason | None:
    """Why the file is not looked at; None where it is."""
    if facts.missing:
        return SkipReason.DELETED
    if facts.redirect:
        return SkipReason.REDIRECT
    if _opted_out(facts, opt_outs):
        return SkipReason.OPTED_OUT
    return _unfit_format(facts) or _unfit_content(facts)


def _opted_out(facts: FileFacts, opt_outs: OptOuts) -> bool:
    categories = (*facts.context.categories, *facts.hidden_categories)
    return facts.asks_bots_to_stay or opt_outs.name(facts.uploader, categories, facts.templates)


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
