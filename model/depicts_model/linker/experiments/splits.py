"""Which items fit the projection and which are the work; which photos train, choose and test.

Items are split once: a half E fits the projection that joins images and words, the other half T is
the work of every system. Photos of T are split by near-duplicate cluster and source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.experiments.world import World
from depicts_model.linker.facts import numeric
from depicts_model.types import Qid

Rows = NDArray[np.intp]
TRAIN, VAL, TEST = range(3)
SHARES = (0.55, 0.15, 0.30)
"""Of the photos of T: train, validation, test."""


@dataclass(frozen=True, slots=True)
class Items:
    """The photos' items in two halves."""

    joining: frozenset[Qid]
    """E."""
    working: frozenset[Qid]
    """T."""


def halves(shown: Sequence[frozenset[Qid]], world: World, seed: int = 0) -> Items:
    """Split the items of all photos in two halves.

    Two items stay together where one is a telling ancestor of the other, or both are alternatives
    of one photo. ``shown``: the items of each photo. Raises ArtefactError where one leaked.
    """
    families = _families({item for items in shown for item in items}, shown, world)
    order = np.random.default_rng(seed).permutation(len(families))
    total = sum(map(len, families))
    joining: set[Qid] = set()
    for at in order:
        if len(joining) + len(families[at]) <= total / 2:
            joining |= families[at]
    working = {item for family in families for item in family} - joining
    found = Items(frozenset(joining), frozenset(working))
    check(found, shown, world)
    return found


def check(items: Items, shown: Iterable[frozenset[Qid]], world: World) -> None:
    """Raise ArtefactError where an item, or a telling ancestor of one, is in both halves."""
    for item in sorted(items.joining & items.working, key=numeric):
        raise ArtefactError(f"leak: {item} is in both halves of the items")
    for photo in shown:
        if photo & items.joining and photo & items.working:
            raise ArtefactError(f"leak: alternatives {sorted(photo)} are in both halves")
    for one, other in ((items.joining, items.working), (items.working, items.joining)):
        for item in sorted(one, key=numeric):
            for above in world.telling(item) & other:
                raise ArtefactError(f"leak: {item} and {above} above it are in both halves")


def _families(
    items: set[Qid], shown: Iterable[frozenset[Qid]], world: World
) -> list[frozenset[Qid]]:
    """Items that must stay together, in a fixed order."""
    head = {item: item for item in items}

    def root(item: Qid) -> Qid:
        while head[item] != item:
            item = head[item]
        return item

    pairs = [(item, above) for item in items for above in world.telling(item) & items]
    pairs += [(min(photo), other) for photo in shown for other in photo if len(photo) > 1]
    for one, other in pairs:
        head[root(one)] = root(other)
    families: dict[Qid, set[Qid]] = {}
    for item in sorted(items, key=numeric):
        families.setdefault(root(item), set()).add(item)
    return sorted(map(frozenset, families.values()), key=lambda some: min(map(numeric, some)))


def parts(clusters: Rows, sources: Sequence[str], seed: int) -> NDArray[np.uint8]:
    """(n,): TRAIN, VAL or TEST of each photo; a near-duplicate cluster is never torn.

    Within each source the clusters are shared out by `SHARES`; a cluster of several sources
    counts for the first.
    """
    draw = np.random.default_rng((seed, 7))
    lots = np.zeros(int(clusters.max()) + 1 if len(clusters) else 0)
    names = np.array(sources)
    heads, first = np.unique(clusters, return_index=True)
    for name in np.unique(names):
        some = heads[names[first] == name]
        lots[some] = (draw.permutation(len(some)) + 0.5) / max(len(some), 1)
    return np.searchsorted(np.cumsum(SHARES)[:2], lots[clusters]).astype(np.uint8)


def check_parts(clusters: Rows, roles: NDArray[np.uint8]) -> None:
    """Raise ArtefactError where a near-duplicate cluster is in two parts."""
    order = np.lexsort((roles, clusters))
    same = clusters[order][1:] == clusters[order][:-1]
    torn = same & (roles[order][1:] != roles[order][:-1])
    for at in np.flatnonzero(torn)[:1]:
        raise ArtefactError(f"leak: near-duplicates of photo {clusters[order][at]} in two parts")
