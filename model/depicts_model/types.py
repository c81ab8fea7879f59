"""The values that travel between the parts: frozen, slotted, comparable, standard library only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Final, NewType

Qid = NewType("Qid", str)
"""A Wikidata item id, such as ``Q146``."""
Mid = NewType("Mid", str)
"""A MediaInfo entity id on Commons: ``M`` and the page id of the file, such as ``M2``."""

_QID = re.compile(r"Q[1-9][0-9]{0,11}")
_MID = re.compile(r"M[1-9][0-9]{0,11}")


def parse_qid(text: str) -> Qid:
    """Return ``text`` as an item id; raise ValueError naming it where it is none."""
    if not _QID.fullmatch(text):
        raise ValueError(f"not an item id: {text[:40]!r}")
    return Qid(text)


def parse_mid(text: str) -> Mid:
    """Return ``text`` as a MediaInfo id; raise ValueError naming it where it is none."""
    if not _MID.fullmatch(text):
        raise ValueError(f"not a MediaInfo id: {text[:40]!r}")
    return Mid(text)


def mid_of(pageid: int) -> Mid:
    """The MediaInfo id of the file page with this page id."""
    return Mid(f"M{pageid}")


BY_PAGE_ID: Final = "Special:Redirect/page/"
"""Before a page id: in place of the title of a page that we never saw, to which it leads."""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file on the wiki, as the upload log and ``imageinfo`` know it."""

    mid: Mid
    title: str
    sha1: str
    """Hexadecimal, 40 digits (the upload log's base 36 form is converted on reading)."""
    revision: int
    """Latest revision of the file page when it was read."""
    uploaded: datetime
    """Time of upload, aware, UTC."""
    thumb_url: str
    """As the API gave it; never built by us."""


@dataclass(frozen=True, slots=True)
class FileContext:
    """What the wiki says about a file, beside its pixels."""

    file: FileRef
    description: Mapping[str, str] = field(default_factory=dict)
    """Language code to plain text; ``und`` where the page names no language."""
    categories: tuple[str, ...] = ()
    """Visible categories, without the namespace."""
    captions: Mapping[str, str] = field(default_factory=dict)
    location: tuple[float, float] | None = None
    """Camera position: latitude, longitude in degrees."""
    existing_depicts: tuple[Qid, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A Wikidata item as the catalog holds it, in one reader's language."""

    qid: Qid
    label: str
    description: str
    parents: tuple[Qid, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item under consideration. ``similarity``: cosine; ``mass``: rolled-up probability."""

    qid: Qid
    similarity: float
    mass: float
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that we would show for a file, and why."""

    mid: Mid
    qid: Qid
    confidence: float
    """Calibrated where pixels alone speak: of all suggestions shown with 0.8, 80 % were right on
    held-out photos. What a page's words and place add is a documented constant, not measured yet,
    as long as the calibration lists ``combiner`` among its ``unfitted``."""
    reasons: tuple[str, ...]
    more_general: tuple[Qid, ...]
    more_specific: tuple[Qid, ...]
    model_version: str


class NothingReason(StrEnum):
    """Why a file that was looked at gets no suggestion."""

    NOT_SURE = "not-sure"
    TOO_GENERAL = "too-general"
    ALREADY_THERE = "already-there"
    NEVER_SUGGEST = "never-suggest"


class SkipReason(StrEnum):
    """Why a file was not looked at, or is held back."""

    HAS_DEPICTS = "has-depicts"
    REDIRECT = "redirect"
    DELETED = "deleted"
    NOT_AN_IMAGE = "not-an-image"
    ANIMATED = "animated"
    MULTI_PAGE = "multi-page"
    TOO_SMALL = "too-small"
    ARTWORK = "artwork"
    OPTED_OUT = "opted-out"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Suggested:
    """The file has suggestions, best first."""

    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class NothingToSuggest:
    """The file was looked at, and silence is the answer."""

    reason: NothingReason


@dataclass(frozen=True, slots=True)
class Skipped:
    """The file is not ours to tag."""

    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Failed:
    """The file could not be looked at. ``retry_after``: seconds, None for never."""

    error: str
    retry_after: float | None = None


Outcome = Suggested | NothingToSuggest | Skipped | Failed


@dataclass(frozen=True, slots=True)
class Term:
    """A value in an answer of SPARQL. ``kind``: ``uri``, ``literal`` or ``bnode``."""

    kind: str
    value: str
    language: str = ""
    """BCP 47 tag of a literal, as it was written; empty where it has none."""


class Verdict(StrEnum):
    """What a person did with a suggestion; a skip is not a rejection (promise 5)."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    TOO_GENERAL = "too-general"
    TOO_SPECIFIC = "too-specific"
    SKIPPED = "skipped"
    NOT_SHOWN = "not-shown"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on one item of one file. ``revision``: of the edit saved in the dialog, if any.

    It is cleared as soon as it was compared with the file's history.
    """

    mid: Mid
    sha1: str
    qid: Qid
    verdict: Verdict
    at: datetime
    revision: int | None = None
    confidence: float | None = None
    """With which the item was offered: the store looks it up, and takes nobody's word for it.
    None where the item was not among the suggestions of that model."""
    confirmed: bool = False
    """Whose edit was found in the file's history, with the claim if it was accepted; the store
    finds out."""
    issued: datetime | None = None
    """When the token was made. None: not known, and no edit confirms it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that an edit of ours added, as the file's history tells. Nothing of its author."""

    mid: Mid
    qid: Qid
    statement: str
    """The statement's id (GUID)."""
    revision: int
    at: datetime
    model_version: str
    """As the edit's summary says."""


class RefusalState(StrEnum):
    """What became of a "no" by two revisions (promise 5)."""

    SHARED = "shared"
    """Two different people said it: nobody is shown the item any more."""
    WAITING = "waiting"
    """An outlier: the operator decides."""
    DISMISSED = "dismissed"
    """It does not count."""


@dataclass(frozen=True, slots=True)
class Question:
    """A "no" said in at least two revisions: were they two people's?"""

    sha1: str
    qid: Qid
    revisions: tuple[tuple[Mid, int], ...]
    """Each once, with the file in whose dialog it was said."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What became of a "no" about an item of a file's content, and since when."""

    sha1: str
    qid: Qid
    state: RefusalState
    at: datetime


class Age(IntEnum):
    """Days after its save at which a claim of ours is looked at again."""

    WEEK = 7
    MONTH = 30


class Fate(StrEnum):
    """What became of a claim of ours by an age."""

    STANDING = "standing"
    """The file says it still, as it was saved."""
    CHANGED = "changed"
    """The statement stands with another value, rank or qualifier."""
    REVERTED = "reverted"
    """The wiki marks the edit as reverted, or the file does not say it any more."""
    DELETED = "deleted"
    """The file is gone: that says nothing about the claim."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A class of items that is not shown: of ``saved`` claims ``reverted`` were taken back."""

    qid: Qid
    reason: str
    saved: int
    reverted: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Noted:
    """A single fact that one process leaves for the others. ``value``: fit for JSON."""

    value: Any
    at: datetime


@dataclass(frozen=True, slots=True)
class Latency:
    """How many answers of a route took as long as ``bucket`` says, in the hour that begins then."""

    hour: datetime
    route: str
    bucket: int
    count: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run of the bot or of a job. ``finished``: None while it goes on, or where it was killed."""

    id: int
    kind: str
    version: str
    started: datetime
    finished: datetime | None
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model artefact is made of; it refuses to load beside another catalog or encoder."""

    version: str
    encoder: str
    encoder_revision: str
    hashes: Mapping[str, str]
    """File name to sha256, hexadecimal."""
    catalog_snapshot: str
    thresholds: Mapping[str, float]
    metrics: Mapping[str, float]
    licences: Mapping[str, str]
    demo: bool = False
    """True for the small model shipped for the offline demonstration."""
