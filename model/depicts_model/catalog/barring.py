"""What lies below the items that are never suggested with all below them: by the raw hierarchy.

The mended hierarchy will not do. It leaves out upper classes, metaclasses and what no photo shows,
and P31 of whatever has something below it; with these goes the way from a runner to a person.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from depicts_model.catalog.builder import number
from depicts_model.catalog.mending import Tables, pairs_of
from depicts_model.types import Qid

Below = Callable[[int], Iterable[tuple[int, bool]]]
"""What lies one step below an item, by number; True where it is an instance of it (P31)."""


@dataclass(frozen=True, slots=True)
class Subtrees:
    """What the roots bar. By number, each with the root it was found from."""

    items: Mapping[int, int]
    """All that lies below a root: subclasses, instances of these, and subclasses of instances."""
    classes: Mapping[int, int]
    """The roots, and what lies below them by other steps than P31: instances of it are barred."""

    def root(self, item: int, kinds: Iterable[int]) -> int | None:
        """The root above an item that is an instance of ``kinds``; None where it is not barred."""
        found = (self.classes[kind] for kind in kinds if kind in self.classes)
        return self.items.get(item, next(found, None))


def subtrees(roots: Iterable[int], below: Below) -> Subtrees:
    """All below these roots, of which an earlier one is named before a later one.

    A way down has one step of P31 at the most: what is an instance of an instance of a role is
    no role, and ways with two of them lead from *person* to nearly everything.
    """
    items: dict[int, int] = {}
    classes: dict[int, int] = {}
    for root in roots:
        classes.setdefault(root, root)
        waiting = deque([(root, False)])
        while waiting:
            at, instance = waiting.popleft()
            for child, by_p31 in below(at):
                if instance and by_p31:
                    continue
                as_instance = instance or by_p31
                fresh = child not in (items if as_instance else classes)
                items.setdefault(child, root)
                if not as_instance:
                    classes.setdefault(child, root)
                if fresh:
                    waiting.append((child, as_instance))
    return Subtrees(items, classes)


def roots_of(tables: Tables) -> list[int]:
    """Items that are never suggested with all below them; first those that tell of people."""
    rows = [r for r in tables.never_suggest if r["kept"] == "yes" and r["scope"] == "subtree"]
    rows.sort(key=lambda row: row["personal"] != "yes")
    return [number(Qid(row["qid"])) for row in rows]


def mended_below(below: Below, tables: Tables) -> Below:
    """``below`` without blocked edges, with added ones, and with duplicates below each other."""
    blocked = {(number(child), number(parent)) for child, parent in pairs_of(tables, "block")}
    more: dict[int, list[int]] = {}
    twins = {(Qid(row["qid"]), Qid(row["representative"])) for row in tables.duplicates}
    pairs = {*pairs_of(tables, "add"), *twins, *((other, one) for one, other in twins)}
    for child, parent in sorted((number(child), number(parent)) for child, parent in pairs):
        more.setdefault(parent, []).append(child)

    def steps(item: int) -> Iterator[tuple[int, bool]]:
        yield from (step for step in below(item) if (step[0], item) not in blocked)
        yield from ((child, False) for child in more.get(item, ()))

    return steps
