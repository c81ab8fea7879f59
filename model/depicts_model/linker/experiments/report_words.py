"""What the words and figures of a report mean, for whoever reads it without the papers."""

from __future__ import annotations

from typing import Final

from depicts_model.linker.metrics import NORMALISERS

RANKING: Final = {
    "thing": "what an image shows; items of it that are alternatives count as one thing",
    "R@k": "share of images with anything that they show among the first k answers",
    "mAP@k": "mean average precision: precision at the rank of each thing that is found, summed "
    f"and divided by {NORMALISERS['min']}, |G| being how many things the image shows",
    "DivR@k": "diversity recall: things found among the first k, divided by "
    f"{NORMALISERS['min']}; only the item itself counts, and none near it",
    "MRR@100": "mean of 1 / rank of the first right answer, 0 where it is not among 100",
    "seed": "a number that draws which photos take part; figures are averaged over seeds",
    "interval": "where the figure would lie in 95 of 100 draws of other images like these; where "
    "all images are alike, 3 / number of images wide (the rule of three)",
}
SHOWN: Final = {
    "precision": "share of the suggestions that are right: an item that the image shows, or an "
    "ancestor of one that is not too general",
    "exact": "share of the suggestions that are an item that the image shows",
    "too general": "share of the suggestions that are an ancestor with more than 2 % of all visual "
    "items below it",
    "coverage": "share of the images that get a suggestion",
    "ECE": "expected calibration error: how far confidence and the share that was right lie apart, "
    "on average; 0 is best",
    "specificity": "bits that a suggestion tells, on average: an item with 1 of 2ⁿ training images "
    "at or below it tells n; more is more specific",
    "hP": "hierarchical precision: of the suggestions with all their ancestors, the share that is "
    "also among what is shown and its ancestors",
    "hR": "hierarchical recall: of what the images show with all ancestors, the share that is "
    "among the suggestions and theirs; images without a suggestion count as missed",
    "target": "the precision that was asked for when the threshold was chosen, on other images",
    "rule": "how one of an item's ancestors is chosen: argmax shows the most probable item, "
    "threshold those that are sure enough, climb goes up to an ancestor until it is sure enough, "
    "darts weighs specificity against sureness",
}
