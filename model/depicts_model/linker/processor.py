"""A checkpoint's ``preprocessor_config.json`` as our `images.Preprocess`.

Those of CLIP and of SigLIP with a fixed image size can be said in our terms (resize, cut the
middle, scale to 0 … 1, normalise); whatever cannot is an error, for a tower that sees images
otherwise than in its training is quietly worse.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image

from depicts_model.errors import ArtefactError
from depicts_model.linker.images import Preprocess

FILE: Final = "preprocessor_config.json"
_FAMILIES: Final = {
    "CLIPImageProcessor": True,
    "CLIPFeatureExtractor": True,  # its name before transformers 4.26, and in openai's repository
    "SiglipImageProcessor": False,
}
"""Kinds of image processors, and whether they cut out the middle where the file does not say."""
_STEPS: Final = {"do_resize": True, "do_rescale": True, "do_normalize": True}
"""Steps that are always taken."""
_HARMLESS: Final = frozenset({"do_convert_rgb", "do_center_crop"})
"""Our images are RGB already; the crop is dealt with."""


def read_processor(folder: Path) -> Preprocess:
    """The preprocessing of the checkpoint at ``folder``; ArtefactError names file and fault."""
    path = folder / FILE
    try:
        return preprocess_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ArtefactError(f"{path}: cannot be expressed here: {told}") from None


def preprocess_of(values: Mapping[str, Any]) -> Preprocess:
    """The same preprocessing in our terms; raises ValueError or KeyError naming the key."""
    crops = _FAMILIES[_family(values)]
    _refuse_other_steps(values)
    resize, kind = _resized(values["size"])
    cut = values.get("do_center_crop", crops)
    if cut and (side := _square(values["crop_size"], "crop_size")) != resize:
        raise ValueError(f"crop_size {side} is not size {resize}")
    if kind == "center" and not cut:
        raise ValueError("size keeps the shape of the image, and nothing cuts it to a square")
    mean, std = (_triple(values[key]) for key in ("image_mean", "image_std"))
    resample = Image.Resampling(values.get("resample", Image.Resampling.BICUBIC))
    return Preprocess(resize, mean, std, crop=kind, resample=resample.name.lower())


def _family(values: Mapping[str, Any]) -> str:
    name = str(values.get("image_processor_type") or values.get("feature_extractor_type"))
    family = name.removesuffix("Fast").removesuffix("Pil")
    if family not in _FAMILIES:
        raise ValueError(f"an image processor of the kind {name}")
    return family


def _refuse_other_steps(values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        expected = _STEPS.get(key, False)
        if key.startswith("do_") and key not in _HARMLESS and bool(value) is not expected:
            raise ValueError(f"{key} is {value}")
    if not math.isclose(values.get("rescale_factor", 1 / 255), 1 / 255, rel_tol=1e-6):
        raise ValueError(f"rescale_factor is {values['rescale_factor']}")


def _resized(size: Any) -> tuple[int, Literal["squash", "center"]]:
    """Side of the result, and how the image gets there. A bare number, in old files, is the
    shorter edge, as CLIP's processor reads it.
    """
    if isinstance(size, Mapping) and set(size) == {"shortest_edge"}:
        return _whole(size["shortest_edge"], "size"), "center"
    if isinstance(size, Mapping):
        return _square(size, "size"), "squash"
    return _whole(size, "size"), "center"


def _square(size: Any, key: str) -> int:
    if not isinstance(size, Mapping):
        return _whole(size, key)
    if set(size) != {"height", "width"} or size["height"] != size["width"]:
        raise ValueError(f"{key} is no square: {dict(size)}")
    return _whole(size["height"], key)


def _whole(value: Any, key: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{key} is no number of pixels: {value!r}")
    return value


def _triple(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
