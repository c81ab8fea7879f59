"""A checkpoint of CLIP or SigLIP in a local folder: both towers, the words, the logit scale.

Read when an artefact is made; serving loads the vision tower of the artefact alone (`towers`).
Safetensors only, no remote code, no download.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.artefact import quiet
from depicts_model.linker.images import Preprocess
from depicts_model.linker.processor import read_processor
from depicts_model.linker.towers import line

CONFIG: Final = "config.json"
MODELS: Final = {"clip": "CLIPModel", "siglip": "SiglipModel"}
"""Model type of the configuration to transformers' class. SigLIP 2 of a fixed image size says
``siglip``; ``siglip2`` is its NaFlex form, whose images keep their own shapes."""
_SPARE: Final = "position_ids"
"""A buffer that older versions of transformers stored, and that later ones compute."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Two towers that share a space."""

    model: Any
    """A transformers model of both towers."""
    tokenizer: Any
    preprocess: Preprocess
    logit_scale: float
    """The factor of a cosine in a logit (the exponential of the stored weight)."""
    logit_bias: float | None
    """Added to every logit; None where the model has none. It changes no softmax."""

    @classmethod
    def read(cls, folder: Path) -> Checkpoint:
        """The checkpoint in ``folder``; ArtefactError names the file and the fault."""
        kind = _kind(folder)
        preprocess = read_processor(folder)
        model = _model(folder, MODELS[kind])
        bias = getattr(model, "logit_bias", None)
        return cls(
            model=model,
            tokenizer=_tokenizer(folder),
            preprocess=preprocess,
            logit_scale=model.logit_scale.exp().item(),
            logit_bias=None if bias is None else bias.item(),
        )

    @property
    def dim(self) -> int:
        """Numbers of a vector in the space that both towers share."""
        config = self.model.config
        clip = config.model_type == "clip"
        return int(config.projection_dim if clip else config.vision_config.hidden_size)

    def vision(self) -> Any:
        """The vision tower alone, as `artefact.save` takes it; it shares the model's weights."""
        if self.model.config.model_type != "clip":
            return self.model.vision_model
        from transformers import CLIPVisionModelWithProjection

        config = copy.deepcopy(self.model.config.vision_config)
        # the joint space is the whole model's affair; the tower's own entry may say another size
        config.projection_dim = self.model.config.projection_dim
        tower: Any = CLIPVisionModelWithProjection(config)
        ours = self.model.state_dict()
        tower.load_state_dict({name: ours[name] for name in tower.state_dict()})
        return tower.eval()

    def encode_texts(self, texts: Sequence[str]) -> Floats:
        """Unit vectors (len(texts), d) of the text tower."""
        import torch

        with torch.inference_mode():
            out = self.model.get_text_features(**self._tokens(texts)).pooler_output
            unit: Floats = torch.nn.functional.normalize(out.float(), dim=-1).numpy()
        return unit

    def _tokens(self, texts: Sequence[str]) -> Any:
        """The texts as each family saw them in training. CLIP: padded to the longest, masked."""
        if self.model.config.model_type != "clip":
            return {"input_ids": self._places(texts)}
        places = self.model.config.text_config.max_position_embeddings
        options = {"padding": True, "truncation": True, "max_length": places}
        return self.tokenizer(list(texts), return_tensors="pt", **options)

    def _places(self, texts: Sequence[str]) -> Any:
        """SigLIP's ids (n, 64): lower case, cut short so that the end is always told, padded on the
        right; no mask, for it looks at all places (big_vision, the authors' own code).

        The end is put here: transformers 5 goes by tokenizer.json, which need not add it, and no
        longer by the configuration's ``add_eos_token``.
        """
        import torch

        places = self.model.config.text_config.max_position_embeddings
        cut = {"truncation": True, "max_length": places - 1}
        ids = torch.full((len(texts), places), self.tokenizer.pad_token_id, dtype=torch.long)
        for row, text in enumerate(texts):
            found = self.tokenizer(text.lower(), add_special_tokens=False, **cut)["input_ids"]
            told = [*found, self.tokenizer.eos_token_id]
            ids[row, : len(told)] = torch.tensor(told)
        return ids


def _kind(folder: Path) -> str:
    path = folder / CONFIG
    try:
        kind = json.loads(path.read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArtefactError(f"{path}: not a model's configuration: {line(error)}") from None
    if kind == "siglip2":
        raise ArtefactError(
            f"{path}: siglip2 keeps each image's own shape (NaFlex), which is not supported;"
            " take a checkpoint of a fixed image size"
        )
    if kind not in MODELS:
        raise ArtefactError(f"{path}: model_type {kind!r}; known are {', '.join(MODELS)}")
    return str(kind)


def _model(folder: Path, name: str) -> Any:
    """The model in single floats. Weights that are missing would be random numbers: refused."""
    import torch
    import transformers

    options = {"local_files_only": True, "use_safetensors": True, "dtype": torch.float32}
    try:
        with quiet():
            model, info = getattr(transformers, name).from_pretrained(
                str(folder), output_loading_info=True, trust_remote_code=False, **options
            )
    except Exception as error:  # transformers and safetensors raise types of their own
        raise ArtefactError(f"{folder}: cannot be loaded: {line(error)}") from None
    left_over = {key for key in info["unexpected_keys"] if not key.endswith(_SPARE)}
    faults = sorted({*info["missing_keys"], *info["mismatched_keys"], *left_over})
    if faults:
        raise ArtefactError(f"{folder}: weights do not fit the model: {faults[0]}")
    return model.eval()


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        with quiet():
            return AutoTokenizer.from_pretrained(
                str(folder), local_files_only=True, trust_remote_code=False
            )
    except Exception as error:  # sentencepiece and tokenizers raise types of their own
        raise ArtefactError(f"{folder}: its tokenizer cannot be loaded: {line(error)}") from None
