"""Images reach a tower as transformers' own processors would have sent them, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from depicts_model.errors import ArtefactError
from depicts_model.linker.encoders import KNOWN, Known
from depicts_model.linker.images import BANNER, Preprocess, to_tensor
from depicts_model.linker.processor import preprocess_of, read_processor

CLIP: dict[str, Any] = {
    "feature_extractor_type": "CLIPFeatureExtractor",
    "do_resize": True,
    "do_center_crop": True,
    "do_normalize": True,
    "size": 224,
    "crop_size": 224,
    "resample": 3,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}
"""As openai's repository has it."""
SIGLIP: dict[str, Any] = {
    "image_processor_type": "SiglipImageProcessor",
    "do_convert_rgb": None,
    "do_resize": True,
    "do_rescale": True,
    "do_normalize": True,
    "rescale_factor": 0.00392156862745098,
    "size": {"height": 96, "width": 96},
    "resample": 2,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.4, 0.3],
}


def processor(values: dict[str, Any]) -> Any:
    if "feature_extractor_type" in values:
        return transformers.CLIPImageProcessorPil(**values)
    return transformers.SiglipImageProcessorPil(**values)


def noise(width: int, height: int) -> Image.Image:
    """The hardest image to resample: every pixel another colour."""
    draw = np.random.default_rng(width * 10_000 + height)
    return Image.fromarray(draw.integers(0, 256, (height, width, 3), dtype=np.uint8))


def apart(values: dict[str, Any], image: Image.Image) -> float:
    """The largest difference in a channel, of 1, before it is normalised."""
    theirs = np.asarray(processor(values)(image, return_tensors="np")["pixel_values"])
    ours = to_tensor([image], preprocess_of(values))
    assert ours.shape == theirs.shape
    return float((np.abs(ours - theirs).max(axis=(0, 2, 3)) * values["image_std"]).max())


@pytest.mark.parametrize("values", [CLIP, SIGLIP], ids=["clip", "siglip"])
@settings(max_examples=15)
@given(st.integers(1, 700), st.integers(1, 700))
def test_our_pixels_are_those_of_transformers(
    values: dict[str, Any], width: int, height: int
) -> None:
    if max(width, height) // min(width, height) < BANNER:
        assert apart(values, noise(width, height)) <= 1 / 255


@pytest.mark.parametrize(("width", "height"), [(333, 500), (500, 333), (225, 224), (31, 77)])
@pytest.mark.parametrize("resample", [0, 1, 2, 3, 4, 5])
def test_every_way_to_resample_is_known(width: int, height: int, resample: int) -> None:
    assert apart({**CLIP, "resample": resample}, noise(width, height)) <= 1 / 255


@pytest.mark.parametrize("size", [(4000, 20), (20, 4000)])
def test_a_banner_is_cut_before_it_is_enlarged_and_looks_the_same(size: tuple[int, int]) -> None:
    soft = noise(40, 4).resize(size, Image.Resampling.BICUBIC)
    assert apart(CLIP, soft) <= 2 / 255


def changed(values: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {key: value for key, value in {**values, **other}.items() if value is not ...}


UNFIT = {
    "another family": (changed(SIGLIP, image_processor_type="ViTImageProcessor"), "ViTImage"),
    "no family": (changed(SIGLIP, image_processor_type=...), "kind None"),
    "NaFlex": (changed(SIGLIP, image_processor_type="Siglip2ImageProcessor"), "Siglip2Image"),
    "no resizing": (changed(SIGLIP, do_resize=False), "do_resize is False"),
    "no normalising": (changed(SIGLIP, do_normalize=False), "do_normalize is False"),
    "padding": (changed(SIGLIP, do_pad=True), "do_pad is True"),
    "another scale": (changed(SIGLIP, rescale_factor=1 / 127.5), "rescale_factor"),
    "an oblong": (changed(SIGLIP, size={"height": 96, "width": 64}), "size is no square"),
    "a crop of another size": (changed(CLIP, size=256), "crop_size 224 is not size 256"),
    "no crop": (changed(CLIP, do_center_crop=False), "nothing cuts it"),
    "no mean": (changed(SIGLIP, image_mean=...), "'image_mean' is missing"),
    "no size": (changed(SIGLIP, size=...), "'size' is missing"),
    "a size of words": (changed(CLIP, size="large"), "no number of pixels"),
    "grey": (changed(SIGLIP, image_mean=[0.5]), "unpack"),
    "a filter that is none": (changed(SIGLIP, resample=9), "9"),
    "a list": ([1], "attribute"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_what_cannot_be_said_in_our_terms_is_refused(case: str, tmp_path: Path) -> None:
    values, expected = UNFIT[case]
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(values))
    with pytest.raises(ArtefactError, match="cannot be expressed here: ") as caught:
        read_processor(tmp_path)
    assert expected in str(caught.value) and "\n" not in str(caught.value)


def test_a_checkpoint_without_a_processor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match=r"preprocessor_config\.json"):
        read_processor(tmp_path)


def test_what_is_saved_is_read_back(checkpoint_dir: Path, kind: str) -> None:
    found = read_processor(checkpoint_dir)
    assert found.size == 32
    assert (found.crop, found.resample) == {
        "clip": ("center", "bicubic"),
        "siglip": ("squash", "bicubic"),
        "siglip2": ("squash", "bilinear"),
    }[kind]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.source.name)
def test_the_known_encoders_are_pinned_and_whole(known: Known) -> None:
    source = known.source
    assert len(source.revision) == 40 and set(source.revision) <= set("0123456789abcdef")
    assert source.repository.count("/") == 1 and source.licence
    assert isinstance(known.preprocess, Preprocess) and known.dim in (512, 768, 1152)


def test_openais_file_gives_the_preprocessing_that_is_expected_of_it() -> None:
    (known,) = (k for k in KNOWN if k.source.repository.startswith("openai/"))
    assert preprocess_of(CLIP) == known.preprocess
