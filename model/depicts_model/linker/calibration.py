"""``calibration.json``: the numbers between cosines and what is shown, with their evidence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from depicts_model.errors import ArtefactError
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.combine import UNFITTED, Combiner
from depicts_model.linker.masks import Rules
from depicts_model.linker.rules import Rule, check_rule
from depicts_model.linker.score import Weights
from depicts_model.types import Qid, parse_qid

FILE = "calibration.json"


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that serving needs beside the vectors."""

    weights: Weights
    """Of the terms of an item's score."""
    calibrator: Calibrator
    display_threshold: float | None
    """None: on held-out data no threshold reached the target, and nothing may be shown."""
    specificity_floor: float
    """Bits."""
    target_precision: float
    supported: Mapping[Qid, int] | None = None
    """Node to the calibration photos that showed it; None: every node counts as supported."""
    min_support: int = 1
    order_bonus: float = 1.0
    combiner: Combiner = UNFITTED
    """What the file's page adds."""
    rule: Rule = "climb"
    """The rule of selection that the thresholds were fitted for."""
    darts_bonus: float = 0.0
    """λ of the rule ``darts``, bits."""
    unfitted: tuple[str, ...] = ()
    """Keys that are documented constants here, for want of judged files to fit them on."""
    reliability: tuple[Mapping[str, float], ...] = field(default=())
    """The reliability table of what is shown, on held-out data."""

    def __post_init__(self) -> None:
        check_rule(self.rule)
        if self.darts_bonus < 0:
            raise ValueError("darts_bonus must be at least 0")
        if self.display_threshold is not None and not 0 < self.display_threshold <= 1:
            raise ValueError("display_threshold must be above 0 and at most 1, or null")
        if not 0 < self.target_precision < 1 or self.specificity_floor < 0:
            raise ValueError("target_precision must be in (0, 1), specificity_floor at least 0")

    def rules(self, max_suggestions: int = 5) -> Rules:
        """The selection's knobs as this calibration sets them."""
        return Rules(
            threshold=self.display_threshold,
            specificity_floor=self.specificity_floor,
            order_bonus=self.order_bonus,
            max_suggestions=max_suggestions,
            rule=self.rule,
            darts_bonus=self.darts_bonus,
        )

    def supported_nodes(self) -> frozenset[Qid] | None:
        """Nodes judged at least ``min_support`` times; None: all."""
        if self.supported is None:
            return None
        return frozenset(qid for qid, n in self.supported.items() if n >= self.min_support)

    def to_json(self) -> str:
        """The text of ``calibration.json``."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def read(cls, path: Path) -> Calibration:
        """Read ``calibration.json``; ArtefactError names the file and the fault."""
        try:
            return cls.from_json(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ArtefactError(f"{path}: unfit calibration: {error}") from None

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """What `to_json` wrote.

        Raises ValueError, TypeError, KeyError or AttributeError where it is something else.
        """
        values: dict[str, Any] = json.loads(text)
        unknown = set(values) - {f.name for f in fields(cls)}
        if unknown:
            raise ValueError(f"unknown key {min(unknown)!r}")
        supported = values.get("supported")
        values["weights"] = Weights(**values["weights"])
        values["calibrator"] = Calibrator(**values["calibrator"])
        values["combiner"] = Combiner(**values["combiner"])
        values["reliability"] = tuple(values.get("reliability", ()))
        values["unfitted"] = tuple(values.get("unfitted", ()))
        if supported is not None:
            values["supported"] = {parse_qid(qid): int(n) for qid, n in supported.items()}
        return cls(**values)
