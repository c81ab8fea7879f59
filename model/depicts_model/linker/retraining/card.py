"""The card of a retrained model: generated from the run, never typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from depicts_model.linker.cards import reliability, rules, weights
from depicts_model.linker.gate import MAIN, RIGHT, Verdict
from depicts_model.linker.items import ItemTable
from depicts_model.linker.retraining.fitting import Display
from depicts_model.linker.retraining.lessons import ROLES, Lessons
from depicts_model.types import Manifest


@dataclass(frozen=True, slots=True)
class Told:
    """What the run knows of the model."""

    manifest: Manifest
    display: Display
    taught: Lessons
    origin: Mapping[str, str]
    """Sources, each with its licence."""
    judged: int
    """Images of the holdout that the gate compared on."""
    verdict: Verdict


def card(told: Told, items: ItemTable) -> str:
    """The card as Markdown. Nothing of it tells of the machine or the hour."""
    parts = (
        _head(told.manifest, items),
        _data(told),
        _figures(told),
        _support(told.display),
        _gate(told.verdict),
        _rules(told.display),
        _terms(told.display),
    )
    return "\n\n".join(parts) + "\n"


def _head(manifest: Manifest, items: ItemTable) -> str:
    return (
        f"# {manifest.version}\n\n"
        "Written by `depicts-model retrain`. The image tower and the vectors of the items are\n"
        "those of the model that it was made from; prior, hubness, prototypes, whitening,\n"
        "weights, calibration and thresholds were fitted anew on vectors of judged images. It "
        "knows\n"
        f"{int(items.known.sum())} of its {len(items.qids)} items from images.\n\n"
        f"Encoder: {manifest.encoder}, revision {manifest.encoder_revision}. "
        f"Catalog: {manifest.catalog_snapshot}.\n\n"
        + "\n".join(f"- {what}: {licence}" for what, licence in manifest.licences.items())
    )


def _data(told: Told) -> str:
    rows = "\n".join(
        f"| {name} | {int((told.taught.roles == role).sum())} |" for role, name in enumerate(ROLES)
    )
    sources = "\n".join(f"- {name}: {licence}" for name, licence in told.origin.items())
    taken = f"{told_of}.\n\n" if (told_of := told.taught.told_of_taken()) else ""
    return (
        "## Images\n\n"
        "“Seen” taught prior, prototypes and whitening (the prior by all files of that split,\n"
        "looked at or not); “weights” and “terms” chose the score alone; “calibration” and\n"
        "“thresholds” are slices of their own, parted by units; the holdout chose nothing.\n"
        "`training.npz` marks the files that were used: none of them judges this model later.\n\n"
        f"| role | images |\n|---|---:|\n{rows}\n\n{taken}{sources}"
    )


def _figures(told: Told) -> str:
    metrics = told.manifest.metrics
    ranking = ", ".join(f"{name} {metrics[name]:.3f}" for name in (*MAIN, RIGHT))
    lured = metrics.get("display_lured")
    silent = "not measured" if lured is None else f"{lured:.1%} got a suggestion"
    return (
        "## Figures\n\n"
        f"On {told.judged} images of the holdout: {ranking}.\n\n"
        "What is shown, on the holdout, weighted as an open world: precision "
        f"{metrics['display_precision']:.3f}\n(95 % lower bound {metrics['display_bound']:.3f}), "
        f"{metrics['display_coverage']:.0%} of the images answered, expected calibration error "
        f"{metrics['display_ece']:.3f}.\nPerfectly true confidences would show "
        f"{metrics['display_ece_chance']:.3f} on as many images by chance alone, and in one case "
        f"of\ntwenty more than {metrics['display_ece_chance_95']:.3f}. The weights of the score "
        "and its terms were\nchosen on other images than the calibrator and the threshold.\n\n"
        f"Images of nothing (textures that were made): {silent}.\n\n"
        + reliability(told.display.calibration)
    )


def _support(display: Display) -> str:
    calibration = display.calibration
    supported = len(calibration.supported_nodes() or ())
    if calibration.display_threshold is None:
        return (
            "## What it shows\n\n**Nothing**: at no threshold was the target of "
            f"{calibration.target_precision:.0%} reached on the slice that chooses."
        )
    return (
        "## What it shows\n\n"
        f"What is at least {calibration.display_threshold:g} sure, of the {supported} items and "
        f"classes that at least {calibration.min_support} judged images showed.\nOf anything else "
        "no confidence is vouched for, and it is not shown, however sure the score."
    )


def _gate(verdict: Verdict) -> str:
    """Without the times, which are of a machine."""
    lines = [f"- {one.line()}" for one in verdict.checks if not one.name.startswith("latency")]
    first = "There was no model to compare with: only what needs none was asked.\n\n"
    return "## The gate\n\n" + (first if verdict.first else "") + "\n".join(lines)


def _rules(display: Display) -> str:
    if not display.rules:
        return "## Rules compared\n\nNo threshold was found: whatever the rule, nothing is shown."
    return "## Rules compared\n\nOn the holdout, with the same weights.\n\n" + rules(display.rules)


def _terms(display: Display) -> str:
    calibration = display.calibration
    constants = ", ".join(calibration.unfitted) or "none"
    scores = {n: v for n, v in asdict(calibration.weights).items() if np.isfinite(v)}
    return (
        "## Terms and their weights\n\n"
        f"{weights(scores)}\n\nOf the file's page:\n\n{weights(calibration.combiner.weights)}\n\n"
        f"Documented constants, not fitted: {constants}."
    )
