"""A catalog as plain dictionaries, and the slow definitions that the fast ones must equal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st

from depicts_model.types import Qid

steady = settings(deadline=None)
"""A busy machine is no reason for a law to fail."""


def q(number: int) -> Qid:
    return Qid(f"Q{number}")


@dataclass(frozen=True)
class World:
    """A catalog by value; everything is visual and labelled unless said otherwise."""

    edges: Mapping[Qid, tuple[Qid, ...]]
    """Every item to its parents."""
    order: tuple[Qid, ...] = ()
    never_suggest: frozenset[Qid] = frozenset()
    withhold: frozenset[Qid] = frozenset()
    too_general: frozenset[Qid] = frozenset()
    hidden: frozenset[Qid] = frozenset()
    """Not visual."""
    people: frozenset[Qid] = frozenset()
    personal: frozenset[Qid] = frozenset()
    nameless: frozenset[Qid] = frozenset()
    labels: Mapping[Qid, str] = field(default_factory=dict)
    same: Mapping[Qid, Qid] = field(default_factory=dict)
    snapshot: str = "2026-01-01-world"
    languages: tuple[str, ...] = ("en",)
    stated: Mapping[Qid, str] = field(default_factory=dict)
    """Item to its category on Commons."""
    places: Mapping[Qid, tuple[float, float]] = field(default_factory=dict)
    others: tuple[tuple[Qid, str], ...] = ()
    """Items with names beside their label."""

    @property
    def qids(self) -> tuple[Qid, ...]:
        return self.order or tuple(sorted(self.edges, key=lambda x: int(x[1:])))

    @property
    def depictable(self) -> frozenset[Qid]:
        return frozenset(self.edges) - self.hidden - self.people - frozenset(self.same)

    @property
    def visual(self) -> frozenset[Qid]:
        return self.depictable - self.never_suggest - self.too_general

    def label(self, qid: Qid, language: str = "en") -> str | None:
        if qid in self.nameless or qid not in self.edges:
            return None
        return self.labels.get(qid, f"thing {qid[1:]}")

    def other_names(self, language: str = "en") -> tuple[tuple[Qid, str], ...]:
        return self.others

    def parents(self, qid: Qid) -> tuple[Qid, ...]:
        return self.edges.get(qid, ())

    def children(self, qid: Qid) -> tuple[Qid, ...]:
        return tuple(child for child, parents in self.edges.items() if qid in parents)

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        found: set[Qid] = set()
        queue = list(self.parents(qid))
        while queue:
            above = queue.pop()
            if above not in found:
                found.add(above)
                queue += self.parents(above)
        return frozenset(found)

    def representative(self, qid: Qid) -> Qid:
        return self.same.get(qid, qid)

    def commons_categories(self) -> Iterable[tuple[Qid, str]]:
        return self.stated.items()

    def coordinates(self) -> Iterable[tuple[Qid, float, float]]:
        return ((qid, *place) for qid, place in self.places.items())

    def closure_rows(self) -> Iterable[tuple[int, int]]:
        rows = {qid: row for row, qid in enumerate(self.qids)}
        for qid in self.qids:
            for above in {qid, *self.ancestors(qid)}:
                yield rows[qid], rows[above]


def related(world: World, one: Qid, other: Qid) -> bool:
    return one == other or one in world.ancestors(other) or other in world.ancestors(one)


@st.composite
def dags(draw: st.DrawFn, most: int = 14) -> World:
    """Random hierarchies with diamonds; item Qn's parents have smaller numbers."""
    size = draw(st.integers(2, most))
    edges = {}
    for n in range(1, size + 1):
        above = st.lists(st.integers(1, n - 1), max_size=3, unique=True) if n > 1 else st.just([])
        edges[q(n)] = tuple(q(p) for p in sorted(draw(above)))
    return World(edges)


# A little of the real world: 1 animal > 2 carnivore > 3 cat > 4 tabby, 6 Siamese;
# 2 > 16 dog > 7 beagle; 3 and 16 are also 8 pets; 9 vehicle > 10 bicycle; 11 person > 12 baker.
ZOO = World(
    edges={
        q(1): (),
        q(2): (q(1),),
        q(3): (q(2), q(8)),
        q(4): (q(3),),
        q(6): (q(3),),
        q(16): (q(2), q(8)),
        q(7): (q(16),),
        q(8): (q(1),),
        q(9): (),
        q(10): (q(9),),
        q(11): (),
        q(12): (q(11),),
    },
    labels={
        q(1): "animal",
        q(2): "carnivore",
        q(3): "cat",
        q(4): "tabby",
        q(6): "Siamese",
        q(16): "dog",
        q(7): "beagle",
        q(8): "pet",
        q(9): "vehicle",
        q(10): "bicycle",
        q(11): "person",
        q(12): "baker",
    },
)
