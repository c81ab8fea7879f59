"""Reads a file's page into the terms of the combiner: what its words name, where the camera stood.

A node has support by words where it, or something below it, is named: "cat" supports Felidae. It
supports no kind of cat: which one it is, the word does not say, and odds that grew for all of them
alike would make each surer than the cat is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from depicts_model.linker.camera import Places
from depicts_model.linker.combine import (
    CAMERA,
    CAPTION,
    CATEGORY,
    DESCRIPTION,
    FILE_NAME,
    Told,
    with_words,
)
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.words import Words
from depicts_model.types import FileContext

SAID: Final = {
    FILE_NAME: "file name",
    CAPTION: "caption",
    DESCRIPTION: "description",
    CATEGORY: "categories",
}
"""How a place of words is called to the reader."""


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What a page says."""

    named: Mapping[int, str] = field(default_factory=dict)
    """The nodes that its words name themselves, each with the first place that does."""
    terms: Mapping[str, Told] = field(default_factory=dict)
    """By name (`combine.TERMS`); what the page does not have is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Reads pages for one catalog and model."""

    words: Words
    places: Places

    def read(self, context: FileContext) -> Page:
        """What the page of a file says."""
        named = self.words.named(context)
        terms = {place: _support(self.words.hierarchy, nodes) for place, nodes in named.items()}
        camera = self.places.told(context.location)
        if camera is not None:
            terms[CAMERA] = camera
        return Page(_first(named), with_words(terms))


def _first(named: Mapping[str, Iterable[int]]) -> dict[int, str]:
    """Nodes to the first place that names them, as it is called to the reader."""
    found: dict[int, str] = {}
    for place, nodes in named.items():
        for node in sorted(nodes):
            found.setdefault(node, SAID[place])
    return found


def _support(hierarchy: Hierarchy, named: Iterable[int]) -> Told:
    """1 for the nodes that are one of ``named`` or above one; 0 for the others."""
    rows = sorted(named)
    if not rows:
        return Told(np.zeros(0, np.intp), np.zeros(0))
    nodes = np.unique(hierarchy.up[rows].indices).astype(np.intp)
    return Told(nodes, np.ones(len(nodes)))
