"""What a fault is to the command: a name, what is expected, and how it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.faults_ledger import WITHIN, Seen

if TYPE_CHECKING:
    from bench.faults_stand import Stand


@dataclass(frozen=True, slots=True)
class Fault:
    """``try_it`` breaks something on a stand, mends it, and tells what was seen."""

    name: str
    expected: str
    try_it: Callable[[Stand], Seen]
    within: float = WITHIN
    """Seconds from the end of the fault until all is whole."""
