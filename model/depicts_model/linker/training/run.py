"""``depicts-model fit``: from photos, a teacher and a catalog to an artefact, in one line of steps.

photos → split → teacher's answers → vocabulary → fit → item vectors → calibration → artefact
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
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
from depicts_model.linker.training import teacher as teaching
from depicts_model.linker.training.batches import MEAN, STD, Lessons, textures
from depicts_model.linker.training.card import card
from depicts_model.linker.training.fit import TinyClip, Vocabulary, fit, seconds_of
from depicts_model.linker.training.knobs import Knobs
from depicts_model.linker.training.photos import (
    JUDGING,
    STRANGERS,
    TEST,
    TRAIN,
    Photos,
    read_photo,
)
from depicts_model.linker.training.teacher import MobileNet, Silent
from depicts_model.linker.training.text import ENCODER, embed_labels
from depicts_model.linker.training.vocabulary import (
    Kinds,
    item_counts,
    kinds_of,
    learnt,
    vocabulary,
)
from depicts_model.types import Manifest, Qid

LICENCES = {
    "weights": "MIT; trained by this project's fit, from what the card names",
    "text tower": ENCODER,
    "labels": "Wikidata, CC0",
}
TEXTURES = 0.1
"""Textures beside the photos that judge, as a share of them."""
VIEWS = (
    *("whole", "mirror", "zoom", "zoom mirror", "center", "center mirror"),
    *("upper left", "upper right", "lower left", "lower right"),
)
"""Views of a photo that are averaged in service. By cross-fitting on the photos that calibrate and
choose, the first, second, third and fifth answered 20 % at the target precision, all ten 23 %.
"""


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
    """Fit from scratch, or take up again from ``work``, and write the artefact to ``out``.

    Raises ArtefactError naming what is missing, damaged, or does not fit the checkpoint.
    """
    try:
        work.mkdir(parents=True, exist_ok=True)
        lot = prepare(sources, catalog, work, knobs)
        model = fit(lot.lessons, lot.words, work, knobs, lot.digest)
        return publish(model, lot, sources, catalog, out, seconds_of(work), knobs)
    except OSError as error:
        raise ArtefactError(f"{error.filename or work}: {error.strerror or error}") from None


@dataclass(frozen=True, slots=True)
class Lot:
    """All that is learnt from and judged by, made ready. ``digest`` names what is learnt from."""

    photos: Photos
    kinds: Kinds
    lessons: Lessons
    words: Vocabulary
    digest: str


def prepare(sources: Sources, catalog: Catalog, work: Path, knobs: Knobs) -> Lot:
    """Photos, split; what they are called; what the teacher says of those that are learnt."""
    excluded = [photo_lists.perceptual_hash(_opened(path)) for path in sources.exclude]
    loaded = photo_lists.load(sources.photos, sources.listed, work, knobs)
    photos = photo_lists.split(loaded, sources.test_set, np.array(excluded, np.uint64), knobs)
    rows, strangers = photos.rows(TRAIN), photos.rows(STRANGERS)
    kinds = kinds_of(photos.listed, catalog)
    known = learnt(kinds, rows)
    words = vocabulary(known, rows, sources.class_names)
    teacher = MobileNet(sources.teacher) if sources.teacher else Silent()
    who = teaching.digest_of(sources.teacher, knobs)
    asked = work / f"teacher-{photos.digest[:8]}-{who[:8]}"
    answers = teaching.ask(teacher, photos.pixels, photos.roles == TRAIN, asked, knobs)
    lessons = Lessons(photos.pixels, known.targets, answers, rows, strangers)
    parts = (
        photos.digest,
        who,
        photos.roles.tobytes(),
        known.labels,
        words.classes.numpy().tobytes(),
    )
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return Lot(photos, kinds, lessons, words, digest)


def publish(
    model: TinyClip,
    lot: Lot,
    sources: Sources,
    catalog: Catalog,
    out: Path,
    seconds: float,
    knobs: Knobs,
) -> Manifest:
    """Calibrate a fitted model beside its catalog and write the artefact."""
    photos, kinds = lot.photos, lot.kinds
    preprocess = Preprocess(knobs.side, MEAN, STD, views=VIEWS)
    items = item_table(model, kinds, photos.rows(TRAIN), catalog)
    encoder = Encoder(model.vision, preprocess, items.projection, knobs.dim, 1000.0)
    with photo_lists.opened(sources.photos) as archive:
        sure, held, report = (
            _judged(encoder, archive, lot, items, role, knobs) for role in JUDGING
        )
        scorer = fit_scorer(items, sure)
        shown = fit_display(catalog, items, scorer, sure, held, report)
        tested = _accuracy(encoder, archive, photos, kinds, items)
    manifest = _manifest(items, catalog, shown, dict(shown.metrics) | tested, model)
    page = card(manifest, shown, photos, kinds, items, knobs, sources, seconds)
    extra = {"card.md": page.encode(), "training.npz": _training_list(photos)}
    return artefacts.save(out, model.vision, preprocess, items, shown.calibration, manifest, extra)


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
    lot: Lot,
    items: ItemTable,
    role: int,
    knobs: Knobs,
) -> Judged:
    """The photos of a role whose labels are sure, and textures that show nothing.

    They are weighted as an open world: every learnt kind counts the same, the photos of kinds
    that are not learnt together as much as those that are.
    """
    photos = lot.photos
    rows = [row for row in photos.rows(role) if photos.listed[row].confidence != "low"]
    truths = [lot.kinds.truths[row] for row in rows]
    made = list(_textures(photos.pixels[rows], round(TEXTURES * len(rows)), role, knobs))
    images = [*(read_photo(archive, photos.listed[row].file) for row in rows), *made]
    known = {qid for qid, learnt in zip(items.qids, items.known, strict=True) if learnt}
    weights = open_world([frozenset(truth & known) for truth in truths], len(made))
    vectors = encode_all(encoder, images, [photos.listed[row].file for row in rows])
    return Judged(vectors, (*truths, *[frozenset[Qid]()] * len(made)), weights)


def encode_all(
    encoder: Encoder, images: Sequence[bytes], names: Sequence[str]
) -> NDArray[np.float32]:
    """Unit vectors (n, d); ArtefactError names a photo that cannot be read."""
    vectors, errors = encoder.encode(images)
    for row, error in errors.items():
        raise ArtefactError(f"{names[row]}: {error}")
    return vectors


def open_world(known: Sequence[frozenset[Qid]], made: int) -> NDArray[np.float64]:
    """Weights (len(known) + made,): kinds even among themselves, strangers as much in all.

    ``known``: what each photo shows of what is learnt, empty for a stranger's; ``made``: textures,
    which come last and count as they are many.
    """
    counts = Counter(qid for truth in known for qid in truth)
    weights = np.array([1 / min(counts[q] for q in truth) if truth else 0.0 for truth in known])
    strange = np.array([not truth for truth in known], dtype=bool)
    if strange.any() and not strange.all():
        weights[strange] = weights.sum() / strange.sum()
    weights[strange & (weights == 0)] = 1.0
    mean = weights.mean() if len(weights) else 1.0
    return np.concatenate([weights / mean, np.ones(made)])


def _textures(pixels: NDArray[np.uint8], count: int, seed: int, knobs: Knobs) -> Iterable[bytes]:
    draw = np.random.default_rng((knobs.seed, seed))
    some = torch.from_numpy(pixels[draw.integers(len(pixels), size=256)])
    for image in textures(some.permute(0, 3, 1, 2).float() / 255, count, draw):
        out = io.BytesIO()
        array = (image.permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        Image.fromarray(array).save(out, "PNG")
        yield out.getvalue()


def fit_scorer(items: ItemTable, judged: Judged) -> Scorer:
    """The logit scale and the prior's weight of least cross-entropy on photos of learnt kinds.

    The loss of the fit adds the logarithm of the prior once, hence at most 1 here.
    """
    row_of = {qid: row for row, qid in enumerate(items.qids) if items.known[row]}
    right = [[row_of[qid] for qid in truth if qid in row_of] for truth in judged.truths]
    known = [at for at, rows in enumerate(right) if rows]
    weights, prior = judged.weights[known], items.log_prior.astype(np.float64)
    cosines = Scorer(items.vectors, prior, 1.0).cosines(judged.vectors[known])

    def cross_entropy(scorer: Scorer) -> float:
        chances = scorer.probabilities(scorer.logits(cosines))
        sums = [chances[at, right[row]].sum() for at, row in enumerate(known)]
        return float(-(weights * np.log(np.maximum(sums, 1e-12))).sum())

    grid = [
        Scorer(items.vectors, prior, float(scale), weight)
        for scale in np.geomspace(8, 64, 10)
        for weight in (0.25, 0.5, 0.75, 1.0)
    ]
    return min(grid, key=cross_entropy)


def _accuracy(
    encoder: Encoder,
    archive: zipfile.ZipFile,
    photos: Photos,
    kinds: Kinds,
    items: ItemTable,
) -> dict[str, float]:
    rows = photos.rows(TEST)
    names = [photos.listed[row].file for row in rows]
    vectors = encode_all(encoder, [read_photo(archive, name) for name in names], names)
    return accuracy(vectors, [kinds.truths[row] for row in rows], items)


def accuracy(
    vectors: NDArray[np.float32], truths: Sequence[frozenset[Qid]], items: ItemTable
) -> dict[str, float]:
    """Top-1 and top-10 by cosine alone, the candidates being the kinds that occur in ``truths``."""
    candidates = sorted({qid for truth in truths for qid in truth})
    row_of = {qid: row for row, qid in enumerate(items.qids)}
    for qid in candidates:
        if qid not in row_of:
            raise ArtefactError(f"{qid} is shown by the photos but is not among the model's items")
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
    items: ItemTable,
    catalog: Catalog,
    shown: DisplayFit,
    metrics: dict[str, float],
    model: TinyClip,
) -> Manifest:
    threshold = shown.calibration.display_threshold
    return Manifest(
        version=f"tiny-{_mark(items, catalog, shown, model)}",
        encoder="ResNetModel (transformers), trained from scratch, joined to MiniLM's labels",
        encoder_revision="1",
        hashes={},
        catalog_snapshot=catalog.snapshot,
        thresholds={"display": threshold} if threshold is not None else {},
        metrics={name: round(value, 4) for name, value in metrics.items()},
        licences=LICENCES,
        demo=True,
    )


def _mark(items: ItemTable, catalog: Catalog, shown: DisplayFit, model: TinyClip) -> str:
    """Of all that decides what is suggested: another weight or threshold is another version."""
    made = hashlib.sha256(catalog.snapshot.encode())
    for tensor in model.vision.state_dict().values():
        made.update(tensor.contiguous().numpy().tobytes())
    made.update(items.vectors.tobytes())
    made.update(shown.calibration.to_json().encode())
    return made.hexdigest()[:10]


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
