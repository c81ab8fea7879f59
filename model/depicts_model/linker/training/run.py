"""``depicts-model fit``: from photos, a teacher and a catalog to an artefact, in one line of steps.

photos → split → teacher's answers → vocabulary → fit → item vectors → calibration → artefact
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.display import DisplayFit, Judged, fit_display
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.images import Preprocess
from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import Scorer
from depicts_model.linker.training import photos as photo_lists
from depicts_model.linker.training.batches import MEAN, STD, Lessons, textures
from depicts_model.linker.training.card import card
from depicts_model.linker.training.fit import TinyClip, fit
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.photos import CALIBRATION, TEST, THRESHOLDS, TRAIN, Photos
from depicts_model.linker.training.teacher import MobileNet, Silent, ask
from depicts_model.linker.training.text import ENCODER, embed_labels
from depicts_model.linker.training.vocabulary import Kinds, item_counts, kinds_of, vocabulary
from depicts_model.types import Manifest, Qid

LICENCES = {
    "weights": "MIT; trained by this project's fit, from what the card names",
    "text tower": ENCODER,
    "labels": "Wikidata, CC0",
}
STRANGE_SHARE = 0.1
"""Textures beside the photos that calibrate, as a share of them."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything is; a teacher comes with its class names, or not at all.

    ``exclude``: images whose near-duplicates are left out.
    """

    photos: Path
    listed: Path
    teacher: Path | None = None
    class_names: Path | None = None
    exclude: tuple[Path, ...] = ()
    test_set: str = "tiny/val"


def run(sources: Sources, catalog: Catalog, out: Path, work: Path, knobs: Knobs) -> Manifest:
    """Fit from scratch, or take up again from ``work``, and write the artefact to ``out``."""
    started = time.time()
    work.mkdir(parents=True, exist_ok=True)
    excluded = np.array(
        [photo_lists.perceptual_hash(_opened(path)) for path in sources.exclude], np.uint64
    )
    loaded = photo_lists.load(sources.photos, sources.listed, work, knobs)
    photos = photo_lists.split(loaded, sources.test_set, excluded, knobs)
    kinds = kinds_of(photos.listed, catalog)
    teacher = MobileNet(sources.teacher) if sources.teacher else Silent()
    answers = ask(teacher, photos.pixels, photos.roles < TEST, work, knobs)
    rows = photos.rows(TRAIN)
    words = vocabulary(kinds, rows, sources.class_names)
    model = fit(Lessons(photos.pixels, kinds.targets, answers, rows), words, work, knobs)
    return publish(model, photos, kinds, sources, catalog, out, knobs, time.time() - started)


def publish(
    model: TinyClip,
    photos: Photos,
    kinds: Kinds,
    sources: Sources,
    catalog: Catalog,
    out: Path,
    knobs: Knobs,
    seconds: float,
) -> Manifest:
    """Calibrate a fitted model beside its catalog and write the artefact."""
    preprocess = Preprocess(knobs.side, MEAN, STD)
    items = item_table(model, kinds, photos.rows(TRAIN), catalog)
    vision = model.vision
    encoder = Encoder(vision, preprocess, items.projection, knobs.dim, 1000.0)
    with zipfile.ZipFile(sources.photos) as archive:
        sure = _judged(encoder, archive, photos, kinds, CALIBRATION, knobs)
        held = _judged(encoder, archive, photos, kinds, THRESHOLDS, knobs)
        scorer = fit_scorer(items, sure)
        shown = fit_display(catalog, items, scorer, sure, held)
        metrics = dict(shown.metrics) | _accuracy(encoder, archive, photos, kinds, items, TEST)
    manifest = _manifest(items, catalog, shown, metrics, sources.test_set)
    page = card(manifest, shown, photos, kinds, items, knobs, sources, seconds)
    extra = {"card.md": page.encode(), "training.npz": _training_list(photos)}
    return artefacts.save(out, vision, preprocess, items, shown.calibration, manifest, extra)


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path).convert("RGB")
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read as an image: {error}") from None


@torch.inference_mode()
def item_table(
    model: TinyClip, kinds: Kinds, rows: NDArray[np.intp], catalog: Catalog
) -> ItemTable:
    """Everything that the catalog can depict, and the items of the photos, by the
    text tower's vectors of their labels; no item has a vector of its own.
    """
    counts = item_counts(kinds, rows)
    wanted = sorted({*catalog.depictable, *counts}, key=lambda qid: int(qid[1:]))
    labelled = [(qid, label) for qid in wanted if (label := catalog.label(qid))]
    vectors = model.text_vectors(torch.from_numpy(embed_labels([text for _, text in labelled])))
    n_train = np.array([counts.get(qid, 0) for qid, _ in labelled], np.int32)
    prior = (n_train + 1) / (n_train + 1).sum()
    return ItemTable(
        qids=tuple(qid for qid, _ in labelled),
        vectors=vectors.numpy(),
        log_prior=np.log(prior).astype(np.float32),
        known=n_train > 0,
        n_train=n_train,
        projection=model.projection.weight.detach().numpy().T.copy(),
    ).in_order()


def _judged(
    encoder: Encoder,
    archive: zipfile.ZipFile,
    photos: Photos,
    kinds: Kinds,
    role: int,
    knobs: Knobs,
) -> Judged:
    """The photos of a role whose labels are sure, and textures that show nothing."""
    rows = [row for row in photos.rows(role) if photos.listed[row].confidence != "low"]
    strange = list(_textures(photos.pixels[rows], round(STRANGE_SHARE * len(rows)), role, knobs))
    images = [*(archive.read(photos.listed[row].file) for row in rows), *strange]
    vectors, _ = encoder.encode(images)
    truths = [kinds.truths[row] for row in rows] + [frozenset[Qid]()] * len(strange)
    return Judged(vectors, tuple(truths))


def _textures(pixels: NDArray[np.uint8], count: int, seed: int, knobs: Knobs) -> Iterable[bytes]:
    draw = np.random.default_rng((knobs.seed, seed))
    some = torch.from_numpy(pixels[draw.integers(len(pixels), size=256)])
    for image in textures(some.permute(0, 3, 1, 2).float() / 255, count, draw):
        out = io.BytesIO()
        array = (image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        Image.fromarray(array).save(out, "PNG")
        yield out.getvalue()


def fit_scorer(items: ItemTable, judged: Judged) -> Scorer:
    """The logit scale and the prior's weight of least cross-entropy on the judged photos."""
    row_of = {qid: row for row, qid in enumerate(items.qids)}
    known = [at for at, truth in enumerate(judged.truths) if truth]
    right = [[row_of[qid] for qid in judged.truths[at] if qid in row_of] for at in known]
    prior = items.log_prior.astype(np.float64)

    def cross_entropy(scorer: Scorer) -> float:
        chances = scorer.probabilities(scorer.logits(scorer.cosines(judged.vectors[known])))
        sums = [chances[at, rows].sum() for at, rows in enumerate(right)]
        return float(-np.log(np.maximum(sums, 1e-12)).mean())

    grid = [
        Scorer(items.vectors, prior, float(scale), weight)
        for scale in np.geomspace(8, 64, 10)
        for weight in (0.5, 0.75, 1.0, 1.5)
    ]
    return min(grid, key=cross_entropy)


def _accuracy(
    encoder: Encoder,
    archive: zipfile.ZipFile,
    photos: Photos,
    kinds: Kinds,
    items: ItemTable,
    role: int,
) -> dict[str, float]:
    rows = photos.rows(role)
    vectors, _ = encoder.encode([archive.read(photos.listed[row].file) for row in rows])
    return accuracy(vectors, [kinds.truths[row] for row in rows], items)


def accuracy(
    vectors: NDArray[np.float32], truths: Sequence[frozenset[Qid]], items: ItemTable
) -> dict[str, float]:
    """Top-1 and top-10 by cosine alone, the candidates being the kinds that occur in ``truths``."""
    candidates = sorted({qid for truth in truths for qid in truth})
    row_of = {qid: row for row, qid in enumerate(items.qids)}
    ranked = np.argsort(-(vectors @ items.vectors[[row_of[q] for q in candidates]].T), axis=1)
    hits = [
        [candidates[at] in truth for at in row[:10]]
        for row, truth in zip(ranked, truths, strict=True)
    ]
    found = np.array(hits)
    return {
        "test_photos": float(len(truths)),
        "test_candidates": float(len(candidates)),
        "test_top1": float(found[:, 0].mean()),
        "test_top10": float(found.any(axis=1).mean()),
    }


def _manifest(
    items: ItemTable, catalog: Catalog, shown: DisplayFit, metrics: dict[str, float], test_set: str
) -> Manifest:
    mark = int(np.abs(items.vectors[:64]).sum() * 1e6) % 0xFFFFF
    threshold = shown.calibration.display_threshold
    return Manifest(
        version=f"tiny-1-{mark:05x}",
        encoder="ResNetModel (transformers), trained from scratch, joined to MiniLM's labels",
        encoder_revision="1",
        hashes={},
        catalog_snapshot=catalog.snapshot,
        thresholds={"display": threshold} if threshold is not None else {},
        metrics={name: round(value, 4) for name, value in metrics.items()},
        licences=LICENCES,
        demo=True,
    )


def _training_list(photos: Photos) -> bytes:
    """Every listed photo with its role and perceptual hash, so that leaks can be looked for."""
    out = io.BytesIO()
    np.savez_compressed(
        out,
        files=np.array([photo.file for photo in photos.listed]),
        roles=photos.roles,
        role_names=np.array(photo_lists.ROLES),
        hashes=photos.hashes,
    )
    return out.getvalue()
