"""What the teacher answers: a TensorFlow Lite classifier, asked once about every view.

Only its answers are kept (class scores and pooled features, as it quantised them); its weights
never enter the project.
"""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from depicts_model.errors import ArtefactError
from depicts_model.linker.training.knobs import Knobs

Mapped = np.memmap[tuple[int, ...], np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Answers:
    """For n photos and v views: ``boxes`` (n, v, 4) as left, top, width, height in 0..1;
    ``scores`` (n, v, classes) and ``features`` (n, v, width), quantised, with their scales.
    """

    boxes: NDArray[np.float32]
    scores: NDArray[np.uint8]
    features: NDArray[np.uint8]
    score_scale: float
    feature_scale: float


class Teacher(Protocol):
    """What answers: scores over ``classes`` and features of ``width``, quantised by the scales."""

    classes: int
    width: int
    score_scale: float
    feature_scale: float

    def answer(
        self, pixels: NDArray[np.uint8], box: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Quantised class scores (classes,) and features (width,) of one crop of a photo."""


class Silent:
    """No teacher: the labels alone teach."""

    classes = width = 0
    score_scale = feature_scale = 1.0

    def answer(
        self, pixels: NDArray[np.uint8], box: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Nothing."""
        return np.zeros(0, np.uint8), np.zeros(0, np.uint8)


def view_boxes(count: int, knobs: Knobs) -> NDArray[np.float32]:
    """Random crops as shares of the photo; the first view is the whole (n, v, 4)."""
    draw = np.random.default_rng(knobs.seed + 1)
    shape = (count, knobs.views)
    area = draw.uniform(*knobs.crop_area, shape)
    narrow, wide = knobs.crop_aspect
    aspect = np.exp(draw.uniform(np.log(narrow), np.log(wide), shape))
    width = np.minimum(1, np.sqrt(area * aspect))
    height = np.minimum(1, np.sqrt(area / aspect))
    left, top = draw.random(shape) * (1 - width), draw.random(shape) * (1 - height)
    boxes = np.stack([left, top, width, height], axis=-1).astype(np.float32)
    boxes[:, 0] = (0, 0, 1, 1)
    return boxes


def ask(
    teacher: Teacher,
    pixels: NDArray[np.uint8],
    wanted: NDArray[np.bool_],
    cache: Path,
    knobs: Knobs,
) -> Answers:
    """The teacher's answers on every view of the ``wanted`` photos, zero for the others.

    Kept in ``cache``, a folder for these photos and this teacher; taken up where they stopped.
    """
    cache.mkdir(parents=True, exist_ok=True)
    boxes = view_boxes(len(pixels), knobs)
    scores = _open(cache / "scores.npy", (*boxes.shape[:2], teacher.classes))
    features = _open(cache / "features.npy", (*boxes.shape[:2], teacher.width))
    asked = _open(cache / "asked.npy", (len(pixels),))
    missing = np.flatnonzero(wanted & (asked == 0))
    for count, row in enumerate(tqdm(missing, "teacher", smoothing=0), 1):
        for view, box in enumerate(boxes[row]):
            scores[row, view], features[row, view] = teacher.answer(pixels[row], box)
        if count % 1000 == 0 or count == len(missing):
            _settle(asked, missing[:count], scores, features)
    return Answers(boxes, scores, features, teacher.score_scale, teacher.feature_scale)


def _open(path: Path, shape: tuple[int, ...]) -> Mapped:
    mode = "r+" if path.exists() else "w+"
    opened = np.lib.format.open_memmap(path, mode=mode, dtype=np.uint8, shape=shape)
    if opened.shape != shape:
        raise ArtefactError(f"{path}: of other photos; remove it to ask anew")
    return opened


def _settle(asked: Mapped, rows: NDArray[np.intp], *answers: Mapped) -> None:
    """The answers are on disk before it is noted that they are."""
    for array in answers:
        array.flush()
    asked[rows] = 1
    asked.flush()


def digest_of(teacher: Path | None, knobs: Knobs) -> str:
    """Who answers, and about which views."""
    who = hashlib.sha256(teacher.read_bytes()).hexdigest() if teacher else "nobody"
    views = (knobs.seed, knobs.stored_side, knobs.views, knobs.crop_area, knobs.crop_aspect)
    return hashlib.sha256(repr((who, views)).encode()).hexdigest()


class MobileNet:
    """A quantised MobileNetV2 with ImageNet's classes, as a TensorFlow Lite file."""

    side = 224
    score_tensor = "MobilenetV2/Logits/Squeeze1"
    feature_tensor = "MobilenetV2/Logits/AvgPool"

    def __init__(self, model: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        if not model.is_file():
            raise ArtefactError(f"{model}: no such file; the teacher is a TensorFlow Lite file")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # keeping all tensors is what we want here
                self._net = Interpreter(
                    str(model), num_threads=2, experimental_preserve_all_tensors=True
                )
            self._net.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            line = " ".join(str(error).split())[:120]
            raise ArtefactError(f"{model}: not a TensorFlow Lite model: {line}") from None
        self._input = self._net.get_input_details()[0]["index"]
        tensors = {detail["name"]: detail for detail in self._net.get_tensor_details()}
        score, feature = tensors[self.score_tensor], tensors[self.feature_tensor]
        self._score, self._feature = score["index"], feature["index"]
        self.classes, self.width = int(score["shape"][-1]), int(feature["shape"][-1])
        self.score_scale, self.feature_scale = score["quantization"][0], feature["quantization"][0]

    def answer(
        self, pixels: NDArray[np.uint8], box: NDArray[np.float32]
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Quantised class scores (classes,) and features (width,) of one crop."""
        left, top, width, height = box * pixels.shape[0]
        crop = Image.fromarray(pixels).resize(
            (self.side, self.side),
            Image.Resampling.BILINEAR,
            (left, top, left + width, top + height),
        )
        self._look(crop)
        return self._net.get_tensor(self._score)[0], self._net.get_tensor(self._feature).ravel()

    def feature(self, image: Image.Image) -> NDArray[np.float32]:
        """The pooled feature (width,) of a whole image in RGB, dequantised; its zero point is 0."""
        self._look(image.resize((self.side, self.side), Image.Resampling.BILINEAR))
        quantised = self._net.get_tensor(self._feature).ravel()
        result: NDArray[np.float32] = quantised.astype(np.float32) * np.float32(self.feature_scale)
        return result

    def _look(self, image: Image.Image) -> None:
        self._net.set_tensor(self._input, np.asarray(image)[None])
        self._net.invoke()
