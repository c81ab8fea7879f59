"""Where the camera stood, against where items are: it supports what is near, and nothing alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.combine import Told
from depicts_model.linker.facts import Facts
from depicts_model.linker.hierarchy import Hierarchy

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
RADIUS: Final = 6371.0
"""Of the Earth, kilometres."""
NEAR: Final = 1.0
"""Kilometres at which the support has fallen to 1/e; items are points here, cameras see far."""
NOTHING: Final = 0.01
"""Support below this is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """The nodes with coordinates."""

    hierarchy: Hierarchy
    nodes: Rows
    """(k,)."""
    coordinates: Floats
    """(k, 2): latitude and longitude in radians."""

    @classmethod
    def of(cls, facts: Facts, hierarchy: Hierarchy) -> Places:
        """Those that the catalog has coordinates of.

        Raises ArtefactError where these are no numbers: one would spoil the confidence of all.
        """
        known = {
            hierarchy.index[qid]: (latitude, longitude)
            for qid, latitude, longitude in facts.coordinates()
            if qid in hierarchy.index
        }
        degrees = np.array(list(known.values()), dtype=np.float64).reshape(-1, 2)
        for row in np.flatnonzero(~np.isfinite(degrees).all(axis=1)).tolist()[:1]:
            qid = hierarchy.nodes[[*known][row]]
            raise ArtefactError(f"catalog {facts.snapshot}: {qid} is at no place: {degrees[row]}")
        return cls(hierarchy, np.array(list(known), dtype=np.intp), np.radians(degrees))

    def told(self, camera: tuple[float, float] | None) -> Told | None:
        """The support of each node for a camera at latitude and longitude in degrees.

        None where the file says no place, or the catalog knows none. Nodes without coordinates
        are left out as missing, but what is above an item near by is supported as that item is.
        """
        if camera is None or not len(self.nodes):
            return None
        near = np.exp(-distance(np.radians(camera), self.coordinates) / NEAR)
        near[near < NOTHING] = 0
        support = dict(zip(self.nodes.tolist(), near.tolist(), strict=True))
        for at in np.flatnonzero(near).tolist():
            self._lift(support, int(self.nodes[at]), float(near[at]))
        nodes = np.array(sorted(support), dtype=np.intp)
        return Told(nodes, np.array([support[node] for node in nodes.tolist()]), everywhere=False)

    def _lift(self, support: dict[int, float], node: int, value: float) -> None:
        for above in self.hierarchy.ancestors(node).tolist():
            support[above] = max(support.get(above, 0.0), value)


def distance(one: Floats, many: Floats) -> Floats:
    """Great-circle distance in kilometres of (2,) to (k, 2), in radians (haversine formula)."""
    half = np.sin((many - one) / 2) ** 2
    inside = half[:, 0] + np.cos(one[0]) * np.cos(many[:, 0]) * half[:, 1]
    result: Floats = 2 * RADIUS * np.arcsin(np.sqrt(np.clip(inside, 0, 1)))
    return result
