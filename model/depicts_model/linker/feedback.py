"""What people approved becomes votes at once: the file of approved images, from their decisions.

Only what a person stood behind counts (promise 5), by the same rule as in a retraining
(`dataset.decisions.untaught`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.dataset.decisions import refused_by_all, untaught
from depicts_model.errors import ImageError, WikiError
from depicts_model.linker.approved_file import save_approved, vectors_in
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.cached import CachedEncoder
from depicts_model.types import Decision, FileRef, Qid, Refusal

CHUNK: Final = 64
"""Images in memory at a time."""
Floats = NDArray[np.float32]
Said = tuple[Decision, FileRef | None]


@dataclass(frozen=True, slots=True)
class Approval:
    """A content, where its thumbnail is (empty: not known), and what it was approved to show."""

    sha1: str
    thumb_url: str
    items: tuple[Qid, ...]


def approvals(decisions: Iterable[Said], refusals: Iterable[Refusal]) -> list[Approval]:
    """What counts, by content; in the order of the contents."""
    refused = refused_by_all(refusals)
    found: dict[str, set[Qid]] = {}
    urls: dict[str, str] = {}
    for one, file in decisions:
        if untaught(one, refused) is None:
            found.setdefault(one.sha1, set()).add(one.qid)
            urls[one.sha1] = (file.thumb_url if file else "") or urls.get(one.sha1, "")
    return [Approval(sha1, urls[sha1], tuple(sorted(found[sha1]))) for sha1 in sorted(found)]


@dataclass(frozen=True, slots=True)
class Voting:
    """What became of the approvals: images that vote, and faults of those that cannot yet."""

    images: int
    faults: Mapping[str, str]
    """SHA-1 to why."""


def vote(
    path: Path,
    approved: Iterable[Approval],
    artefact: Artefact,
    encoder: CachedEncoder,
    fetch: Callable[[str], bytes],
) -> Voting:
    """Write the file of approved images to ``path``, whole or not at all.

    An image that the file holds already, or that is remembered, is not fetched; one that cannot be
    had is left out, and the next call asks for it again. Without any approval the file is there
    all the same, and nobody votes.
    """
    wanted = list(approved)
    known = vectors_in(path, artefact)
    known |= encoder.recalled([one.sha1 for one in wanted if one.sha1 not in known])
    new = [one for one in wanted if one.sha1 not in known]
    faults: dict[str, str] = {}
    for start in range(0, len(new), CHUNK):
        faults |= _look(new[start : start + CHUNK], encoder, fetch, known)
    there = [one for one in wanted if one.sha1 in known]
    vectors = [np.zeros((0, encoder.encoder.dim), np.float32)]
    vectors += [known[one.sha1][None] for one in there]
    save_approved(path, vectors, [o.items for o in there], artefact, [o.sha1 for o in there])
    return Voting(len(there), faults)


def _look(
    some: list[Approval],
    encoder: CachedEncoder,
    fetch: Callable[[str], bytes],
    known: dict[str, Floats],
) -> dict[str, str]:
    """Adds to ``known`` what can be seen; returns the faults of the others."""
    faults: dict[str, str] = {}
    images: dict[str, bytes] = {}
    for one in some:
        try:
            images[one.sha1] = _fetched(one, fetch)
        except (ImageError, WikiError) as error:
            faults[one.sha1] = str(error)
    sha1s = list(images)
    vectors, errors = encoder.encode(list(images.values()), sha1s)
    faults |= {sha1s[row]: str(error) for row, error in errors.items()}
    known |= {sha1: vectors[row] for row, sha1 in enumerate(sha1s) if row not in errors}
    return faults


def _fetched(one: Approval, fetch: Callable[[str], bytes]) -> bytes:
    if not one.thumb_url:
        raise ImageError("no thumbnail of it is known")
    return fetch(one.thumb_url)
