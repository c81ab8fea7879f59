"""The vision tower of an artefact: loaded through transformers from its folder, and run.

Safetensors only, no remote code, no download; half floats on disk, single floats in memory.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError
from depicts_model.linker.artefact import CONFIG, VISION, quiet

TOWERS: Final = {
    "CLIPVisionModelWithProjection": "CLIPVisionModelWithProjection",
    "SiglipVisionModel": "SiglipVisionModel",
}
"""Architectures for which AutoModel would pick another class, or none. SigLIP 2 of a fixed image
size is a SiglipVisionModel; its NaFlex form (Siglip2VisionModel) keeps each image's own shape,
which `images.Preprocess` cannot say: `load` refuses it by its first forward."""
Floats = NDArray[np.float32]


def load(folder: Path) -> Any:
    """The tower of the artefact at ``folder`` in single floats, a torch module ready to serve.

    Weights that are missing or left over are refused: transformers would fill what is missing
    with random numbers, and say so in a warning. Raises ArtefactError naming the folder.
    """
    import torch

    options = {"local_files_only": True, "use_safetensors": True, "dtype": torch.float32}
    try:
        with quiet():
            model, info = _class_of(folder).from_pretrained(
                str(folder / VISION), output_loading_info=True, trust_remote_code=False, **options
            )
    except Exception as error:  # transformers and safetensors raise types of their own
        raise ArtefactError(f"{folder / VISION}: cannot be loaded: {line(error)}") from None
    faults = sorted({*info["missing_keys"], *info["mismatched_keys"], *info["unexpected_keys"]})
    if faults:
        raise ArtefactError(f"{folder / VISION}: weights do not fit the model: {faults[0]}")
    return model.eval()


def hidden_size(model: Any, folder: Path, side: int) -> int:
    """How many numbers the tower gives for an image of ``side`` pixels; ArtefactError if none."""
    try:
        return int(forward(model, np.zeros((1, 3, side, side), dtype=np.float32)).shape[1])
    except (RuntimeError, ValueError, TypeError) as error:
        raise ArtefactError(f"{folder / CONFIG}: {line(error)}") from None


def forward(model: Any, pixels: Floats) -> Floats:
    """The tower's output (n, hidden) for pixels (n, 3, side, side), in the tower's own precision:
    ``image_embeds`` where it has one, else pooled.
    """
    import torch

    with torch.inference_mode():
        out = model(pixel_values=torch.from_numpy(pixels).to(model.device, model.dtype))
    embeds = getattr(out, "image_embeds", None)
    pooled = out.pooler_output if embeds is None else embeds
    result: Floats = pooled.flatten(1).float().cpu().numpy()
    return result


def line(error: Exception) -> str:
    """What an error of a library says, as one short line."""
    return " ".join(str(error).split())[:160] or type(error).__name__


def _class_of(folder: Path) -> Any:
    import transformers

    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    name = (config.get("architectures") or [""])[0]
    return getattr(transformers, TOWERS.get(name, "AutoModel"))
