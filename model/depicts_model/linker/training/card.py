"""The model card: generated from the run, never typed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from depicts_model.linker.cards import reliability, rules, weights
from depicts_model.linker.compare import Compared
from depicts_model.linker.display import DisplayFit
from depicts_model.linker.items import ItemTable
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.photos import ROLES, Photos
from depicts_model.linker.training.vocabulary import Kinds
from depicts_model.types import Manifest

if TYPE_CHECKING:
    from depicts_model.linker.training.lot import Sources

TERMS = {
    "tiny": "ImageNet terms: research use",
    "imagen": "ImageNet terms: research use",
    "caltech": "research use",
    "grocery": "MIT",
    "clothing": "CC0",
    "heritage": "Creative Commons, from Flickr and Wikimedia Commons",
}


def card(
    manifest: Manifest,
    shown: DisplayFit,
    compared: Sequence[Compared],
    photos: Photos,
    kinds: Kinds,
    items: ItemTable,
    knobs: Knobs,
    sources: Sources,
    seconds: float,
) -> str:
    """The card as Markdown."""
    parts = (
        _head(manifest, items),
        _data(photos, sources),
        _recipe(knobs, seconds),
        _figures(manifest, shown, sources),
        _rules(compared),
        _terms(shown),
        _limits(items),
        _known(kinds, items),
    )
    return "\n\n".join(parts) + "\n"


def _head(manifest: Manifest, items: ItemTable) -> str:
    return (
        f"# {manifest.version}\n\n"
        "The small model of the offline demonstration: an image tower trained from scratch by\n"
        "`depicts-model fit --from-scratch`, and item vectors that are the text tower's output\n"
        f"for label prompts. It knows {int(items.known.sum())} of its {len(items.qids)} items\n"
        "from photos. It is small, it says so beside every suggestion, and it is silent where\n"
        "its own calibration does not hold.\n\n"
        f"Encoder: {manifest.encoder}. Catalog: {manifest.catalog_snapshot}.\n\n"
        + "\n".join(f"- {what}: {licence}" for what, licence in manifest.licences.items())
    )


def _data(photos: Photos, sources: Sources) -> str:
    rows = Counter((p.source, int(r)) for p, r in zip(photos.listed, photos.roles, strict=True))
    sets = sorted({source for source, _ in rows})
    lines = [
        f"| {name} | "
        + " | ".join(str(rows[name, role]) for role in range(len(ROLES)))
        + f" | {TERMS.get(name.split('/')[0], 'see its source')} |"
        for name in sets
    ]
    return (
        "## Photos\n\n"
        f"| set | {' | '.join(ROLES)} | terms |\n|---|{'---:|' * len(ROLES)}---|\n"
        + "\n".join(lines)
        + f"\n\nLeft out: near-duplicates (perceptual hash) of `{sources.test_set}` or of the "
        f"{len(sources.exclude)} images\nnamed by `--exclude`. The photos are not part of this "
        "project. `training.npz` lists every file\nwith its role and hash." + _teacher(sources)
    )


def _teacher(sources: Sources) -> str:
    if sources.teacher is None:
        return " There was no teacher."
    return (
        f" The teacher (`{sources.teacher.name}`, trained on\nImageNet) answered for the photos "
        "of the first column; its weights are not part of this project."
    )


def _recipe(knobs: Knobs, seconds: float) -> str:
    rows = "\n".join(f"| {name} | {value} |" for name, value in asdict(knobs).items())
    return (
        f"## Recipe\n\nThe epochs took {seconds / 60:.0f} minutes in all, the last of them on a "
        f"machine of\n{os.cpu_count()} cores.\n\n"
        f"| knob | value |\n|---|---|\n{rows}"
    )


def _figures(manifest: Manifest, shown: DisplayFit, sources: Sources) -> str:
    metrics = manifest.metrics
    lured = metrics.get("display_lured")
    textures = "" if lured is None else f"{lured:.1%} of the textures answered, "
    return (
        "## Figures\n\n"
        f"On `{sources.test_set}`, by text vectors among its {metrics['test_candidates']:.0f} "
        f"kinds ({metrics['test_photos']:.0f} photos): top-1 {metrics['test_top1']:.3f}, top-10 "
        f"{metrics['test_top10']:.3f}.\n\nWhat is shown, on the photos of the column "
        "“report”, which took no part in fitting, calibration or\nthresholds. They are "
        "weighted as an open world: every learnt kind counts the same, and photos of\nkinds that "
        "are not learnt count as much in all as those that are. "
        f"Precision {metrics['display_precision']:.3f}\n(95 % lower bound "
        f"{metrics['display_bound']:.3f}), {metrics['display_coverage']:.0%} of the photos "
        f"answered, {textures}expected\n"
        f"calibration error {metrics['display_ece']:.3f}. Perfectly true confidences would show "
        f"{metrics['display_ece_chance']:.3f} on as many photos by\nchance alone, and in one case "
        f"of twenty more than {metrics['display_ece_chance_95']:.3f}. The weights\nof the score "
        "and its terms were chosen on other photos than the calibrator and the threshold.\n\n"
        + reliability(shown.calibration)
    )


def _rules(compared: Sequence[Compared]) -> str:
    """The rules of selection side by side."""
    head = "## Rules compared\n\n"
    if not compared:
        return head + "No threshold was found: whatever the rule, nothing is shown."
    return (
        f"{head}On the same photos of the column “report”, with the same weights. `argmax` and "
        "`darts` know\nno threshold and answer for photos of nothing known, too; λ of `darts` was "
        "fitted to the target\nprecision on photos of the columns “calibration” and “thresholds” "
        "that show something which may\nbe shown.\n\n" + rules(compared)
    )


def _terms(shown: DisplayFit) -> str:
    """Weights of the terms, and which of them no data here could fit."""
    calibration = shown.calibration
    return (
        "## Terms and their weights\n\n"
        "An item's score from pixels; hubness, prototypes and their whitening stay only where "
        "they save\na hundredth of the cross-entropy on photos that did not fit them.\n\n"
        f"{weights(asdict(calibration.weights))}\n\n"
        "What the file's page adds to the log-odds: `words` for what its name, captions, "
        "description or\ncategories name, `camera` for what is near where it stood.\n\n"
        f"{weights(calibration.combiner.weights)}\n\n"
        f"Documented constants, not fitted: {', '.join(calibration.unfitted)}. No judged photo "
        "here comes with a\npage of its own, and the figures above are of pixels alone. A page "
        "alone never suffices."
    )


def _limits(items: ItemTable) -> str:
    return (
        "## What it cannot do\n\n"
        "It sees 64 × 64 pixels and was shown one subject a photo. It does not read text, count,\n"
        "or tell places and persons apart; faces only hold an image back. Of the "
        f"{len(items.qids)} items that it scores,\n{int((~items.known).sum())} are known to it "
        "by name alone and are practically never suggested."
    )


def _known(kinds: Kinds, items: ItemTable) -> str:
    known = [row for row in range(len(items.qids)) if items.known[row]]
    order = sorted(known, key=lambda row: -items.n_train[row])
    names = [f"{kinds.items[items.qids[row]]} ({items.n_train[row]})" for row in order]
    return "## What it knows, with the number of photos\n\n" + ", ".join(names)
