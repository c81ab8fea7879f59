"""What the model says of itself: the two small files of its folder that say how sure it may be.

The service knows the model's folder only by its settings and loads nothing of it but these. A
model that cannot be read takes a section of a page with it, and nothing else.
"""

from __future__ import annotations

import json
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from depicts_toolforge.figures import HeldOut, Model

_MANIFEST: Final = "manifest.json"
_CALIBRATION: Final = "calibration.json"
_SHIPPED: Final = "data/tiny"


def model_of(folder: str) -> Model | None:
    """The model in this folder (empty: the one in the package); None where it cannot be read."""
    if folder:
        return _read(Path(folder))
    with as_file(files("depicts_model") / _SHIPPED) as shipped:
        return _read(shipped)


def _read(folder: Path) -> Model | None:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        calibration = json.loads((folder / _CALIBRATION).read_text(encoding="utf-8"))
        return _model(manifest, calibration)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _model(manifest: Any, calibration: Any) -> Model:
    rows = tuple(map(_row, calibration.get("reliability", ())))
    target = calibration.get("target_precision")
    return Model(
        version=str(manifest["version"]),
        demo=bool(manifest.get("demo", False)),
        target=None if target is None else float(target),
        reliability=rows,
    )


def _row(row: Any) -> HeldOut:
    numbers = (float(row[name]) for name in ("low", "high", "confidence", "precision"))
    low, high, confidence, precision = numbers
    return HeldOut(low, high, int(row["count"]), confidence, precision)
