"""The tables that every model card has: how true the confidence is, the rules, the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from depicts_model.linker.calibration import Calibration
from depicts_model.linker.compare import Compared


def reliability(calibration: Calibration) -> str:
    """Confidence against the share that was right, on held-out images."""
    rows = "\n".join(
        f"| {row['low']:.1f} to {row['high']:.1f} | {row['count']} | {row['confidence']:.3f} | "
        f"{row['precision']:.3f} |"
        for row in calibration.reliability
    )
    return f"| confidence | shown | mean confidence | right |\n|---|---:|---:|---:|\n{rows}"


def rules(compared: Sequence[Compared]) -> str:
    """The rules of selection side by side."""
    rows = "\n".join(
        f"| `{one.rule}` | {one.knob or '—'} | {one.shown} | {one.precision:.3f} | "
        f"{one.coverage:.3f} |"
        for one in compared
    )
    return f"| rule | set to | shown | precision | coverage |\n|---|---|---:|---:|---:|\n{rows}"


def weights(terms: Mapping[str, float]) -> str:
    """Terms and what they weigh."""
    rows = "\n".join(f"| {name} | {value:.3g} |" for name, value in terms.items())
    return f"| term | weight |\n|---|---:|\n{rows}"
