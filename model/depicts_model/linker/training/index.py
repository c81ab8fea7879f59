"""``depicts-model index``: an encoder of the hub beside a catalog becomes an artefact.

checkpoint → texts of the items → item vectors → uncalibrated artefact, which shows nothing
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from depicts_model.catalog import Catalog
from depicts_model.errors import ArtefactError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.calibrate import Calibrator
from depicts_model.linker.calibration import Calibration
from depicts_model.linker.checkpoint import Checkpoint
from depicts_model.linker.display import Aim
from depicts_model.linker.encoders import Source, check_known
from depicts_model.linker.facts import numeric
from depicts_model.linker.items import ItemTable
from depicts_model.linker.score import Weights
from depicts_model.linker.training.text import PROMPTS as ENGLISH
from depicts_model.types import Manifest, Qid

PROMPTS: Final = {"en": ENGLISH}
"""By language; a label in any other stands alone."""
CHUNK: Final = 256
"""Items that are encoded and put aside at a time: what a kill can cost."""
BATCH: Final = 64
"""Texts that the tower takes at a time."""
Floats = NDArray[np.float32]
Texts = tuple[tuple[str, ...], ...]
"""What an item is called: for each language its prompts."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. ``work``: folder of what is done so far; ``out``: of the artefact."""

    source: Source
    languages: tuple[str, ...]
    work: Path
    out: Path


def index(order: Order, folder: Path, catalog: Catalog) -> Manifest:
    """Write the artefact of the checkpoint in ``folder`` beside ``catalog``, or go on with it.

    Raises ArtefactError naming what is missing, damaged, or not as expected.
    """
    checkpoint = Checkpoint.read(folder)
    biased = checkpoint.logit_bias is not None
    check_known(order.source, checkpoint.preprocess, checkpoint.dim, biased=biased)
    texts = texts_of(catalog, order.languages)
    if not texts:
        raise ArtefactError(f"catalog {catalog.snapshot}: no item that can be depicted has a label")
    chunks = _chunks(order, texts)
    try:
        order.work.mkdir(parents=True, exist_ok=True)
        manifest = _made(order, texts, chunks, checkpoint, catalog)
        for path in chunks:  # not before: all of them would have to be made anew
            path.unlink()
    except OSError as error:
        raise ArtefactError(f"{error.filename or order.work}: {error.strerror or error}") from None
    return manifest


def _made(
    order: Order,
    texts: dict[Qid, Texts],
    chunks: Mapping[Path, Sequence[Texts]],
    checkpoint: Checkpoint,
    catalog: Catalog,
) -> Manifest:
    """Write the artefact, once every chunk is there."""
    progress = tqdm(chunks.items(), f"item vectors of {order.source.name}", leave=False)
    vectors = np.concatenate([_kept(path, part, checkpoint) for path, part in progress])
    items = _table(tuple(texts), vectors)
    manifest = _manifest(order, checkpoint, catalog, items)
    extra = {"card.md": _card(order, checkpoint, manifest, items).encode()}
    calibration = uncalibrated(checkpoint.logit_scale)
    vision, preprocess = checkpoint.vision(), checkpoint.preprocess
    return artefacts.save(order.out, vision, preprocess, items, calibration, manifest, extra)


def texts_of(catalog: Catalog, languages: Sequence[str]) -> dict[Qid, Texts]:
    """The prompts of every item that can be depicted, by number; those without a label are left
    out. A language without a label of its own is passed over; without any, the first language's
    fallback stands in.
    """
    found: dict[Qid, Texts] = {}
    for qid in sorted(catalog.depictable, key=numeric):
        labels = catalog.labels(qid)
        texts = tuple(_prompts(tag, labels[tag]) for tag in languages if tag in labels)
        if not texts and (label := catalog.label(qid, languages[0])):
            texts = ((label,),)
        if texts:
            found[qid] = texts
    return found


def _prompts(language: str, label: str) -> tuple[str, ...]:
    return tuple(prompt.format(label) for prompt in PROMPTS.get(language, ("{}",)))


def _chunks(order: Order, texts: dict[Qid, Texts]) -> dict[Path, list[Texts]]:
    """The items in parts, by the file that keeps the vectors of each and outlives a kill."""
    told = json.dumps([order.source.repository, order.source.revision, list(texts.items())])
    mark = hashlib.sha256(told.encode()).hexdigest()[:16]
    rows = list(texts.values())
    return {
        order.work / f"{mark}-{start:07d}.npy": rows[start : start + CHUNK]
        for start in range(0, len(rows), CHUNK)
    }


def _kept(path: Path, items: Sequence[Texts], checkpoint: Checkpoint) -> Floats:
    """The chunk at ``path``; made and put there whole where it is not."""
    try:
        kept: Floats = np.load(path)
        if len(kept) == len(items) and np.isfinite(kept).all():
            return kept
    except (FileNotFoundError, ValueError, EOFError):
        pass  # not made yet, or damaged: it is made anew
    made = mean_vectors(items, checkpoint)
    draft = path.with_suffix(".part")
    with draft.open("wb") as stream:
        np.save(stream, made)
    draft.replace(path)
    return made


def mean_vectors(items: Sequence[Texts], checkpoint: Checkpoint) -> Floats:
    """Unit vectors (len(items), d): of an item, the mean over its languages of the mean over the
    prompts, each mean brought to unit length, so that every language counts the same.
    """
    flat = [text for item in items for prompts in item for text in prompts]
    batches = (flat[start : start + BATCH] for start in range(0, len(flat), BATCH))
    waiting = iter(np.concatenate([checkpoint.encode_texts(batch) for batch in batches]))
    return np.stack([_mean(_mean(_next(waiting, prompts)) for prompts in item) for item in items])


def _next(vectors: Iterator[Floats], prompts: Sequence[str]) -> Iterator[Floats]:
    return (next(vectors) for _ in prompts)


def _mean(vectors: Iterator[Floats]) -> Floats:
    total = np.sum(list(vectors), axis=0)
    unit: Floats = (total / max(float(np.linalg.norm(total)), 1e-12)).astype(np.float32)
    return unit


def _table(qids: tuple[Qid, ...], vectors: Floats) -> ItemTable:
    """No item has training photos: the prior is uniform."""
    count = len(qids)
    return ItemTable(
        qids=qids,
        vectors=vectors,
        log_prior=np.full(count, -np.log(count), dtype=np.float32),
        known=np.zeros(count, dtype=bool),
        n_train=np.zeros(count, dtype=np.int32),
    )


def uncalibrated(logit_scale: float) -> Calibration:
    """Masses as they are, no threshold: nothing is shown until photos have calibrated it."""
    aim = Aim()
    return Calibration(
        weights=Weights(similarity=logit_scale),
        calibrator=Calibrator(bias=0.0, mass=1.0),
        display_threshold=None,
        specificity_floor=aim.specificity_floor,
        target_precision=aim.target_precision,
    )


def _manifest(order: Order, checkpoint: Checkpoint, catalog: Catalog, items: ItemTable) -> Manifest:
    source = order.source
    parts = (source.revision, catalog.snapshot, items.vectors.tobytes())
    mark = hashlib.sha256(repr(parts).encode()).hexdigest()[:10]
    metrics = {"logit_scale": checkpoint.logit_scale}
    if checkpoint.logit_bias is not None:
        metrics["logit_bias"] = checkpoint.logit_bias
    return Manifest(
        version=f"{source.name}-{mark}",
        encoder=source.repository,
        encoder_revision=source.revision,
        hashes={},
        catalog_snapshot=catalog.snapshot,
        thresholds={},
        metrics=metrics,
        licences={"weights": f"{source.licence} ({source.repository})", "labels": "Wikidata, CC0"},
    )


def _card(order: Order, checkpoint: Checkpoint, manifest: Manifest, items: ItemTable) -> str:
    """The model card, of what is known before any photo was looked at."""
    shape: Any = checkpoint.preprocess
    return (
        f"# {manifest.version}\n\n"
        f"The vision tower of `{manifest.encoder}` at revision `{manifest.encoder_revision}`, in\n"
        "half floats, and vectors of items by its text tower: unit means over prompts and "
        f"languages\n({', '.join(order.languages)}). Written by `depicts-model index`.\n\n"
        "**It is not calibrated and shows nothing**: no photo has told how far its scores can be\n"
        "trusted. The prior is uniform.\n\n"
        f"- items: {len(items.qids)}, of catalog {manifest.catalog_snapshot}\n"
        f"- vectors: {items.vectors.shape[1]} dimensions\n"
        f"- image: {shape.size} × {shape.size} pixels, {shape.crop}, {shape.resample}\n"
        f"- logit scale: {checkpoint.logit_scale:.4g}; bias: {_told(checkpoint.logit_bias)}\n"
        + "".join(f"- {what}: {licence}\n" for what, licence in manifest.licences.items())
    )


def _told(bias: float | None) -> str:
    return "none" if bias is None else f"{bias:.4g}"
