"""Both towers of each family, read from the hub's layout; and what is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from depicts_model.errors import ArtefactError
from depicts_model.linker.checkpoint import Checkpoint
from depicts_model.linker.towers import forward

TEXTS = ("a photo of a cat", "Tulip", "bicycle " * 40)


@pytest.fixture
def checkpoint(checkpoint_dir: Path) -> Checkpoint:
    return Checkpoint.read(checkpoint_dir)


def test_the_logit_scale_and_bias_are_those_of_the_checkpoint(
    checkpoint: Checkpoint, kind: str
) -> None:
    assert checkpoint.logit_scale == pytest.approx(np.exp(3.0))
    assert checkpoint.logit_bias == (None if kind == "clip" else -9.0)


def test_the_vision_tower_alone_sees_what_the_whole_model_sees(
    checkpoint: Checkpoint, kind: str
) -> None:
    """In CLIP's case through the projection, whose size the tower's own configuration may miss."""
    pixels = np.random.default_rng(1).normal(size=(3, 3, 32, 32)).astype(np.float32)
    with torch.inference_mode():
        whole = checkpoint.model.get_image_features(pixel_values=torch.from_numpy(pixels))
    alone = forward(checkpoint.vision(), pixels)
    assert alone.shape == (3, 12 if kind == "clip" else 16)
    assert np.allclose(alone, whole.pooler_output.numpy(), atol=1e-6)


def test_a_tower_on_its_own_has_no_words(checkpoint: Checkpoint) -> None:
    names = {name for name, _ in checkpoint.vision().named_parameters()}
    assert names and not [name for name in names if "text" in name or "logit" in name]


def test_texts_become_unit_vectors_whatever_stands_beside_them(checkpoint: Checkpoint) -> None:
    together = checkpoint.encode_texts(TEXTS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([checkpoint.encode_texts([text]) for text in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)


def test_siglip_reads_64_places_in_lower_case_with_the_end_told_and_padded(
    checkpoint: Checkpoint, kind: str
) -> None:
    tokens = checkpoint._tokens(TEXTS)
    if kind == "clip":
        assert set(tokens) == {"input_ids", "attention_mask"}
        return
    assert set(tokens) == {"input_ids"}, "SigLIP was trained without a mask"
    ids = tokens["input_ids"]
    end, pad = checkpoint.tokenizer.eos_token_id, checkpoint.tokenizer.pad_token_id
    assert ids.shape == (3, 64)
    short = ids[1].tolist()
    told = short.index(end)
    assert set(short[told + 1 :]) == {pad} and pad not in short[:told]
    assert ids[2, -1] == end, "a text that is cut short ends too"
    lower = checkpoint._tokens(["tulip"])["input_ids"][0].tolist()
    assert short == lower


def test_siglips_ids_are_those_of_its_own_tokenizer(cache: Path) -> None:
    (folder,) = (cache / "models--toy--siglip" / "snapshots").iterdir()
    checkpoint = Checkpoint.read(folder)
    theirs = checkpoint.tokenizer(
        list(TEXTS), padding="max_length", max_length=64, truncation=True, return_tensors="pt"
    )
    assert checkpoint._tokens(TEXTS)["input_ids"].tolist() == theirs["input_ids"].tolist()


# --- what is refused ---


def _config(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        values = json.loads((folder / "config.json").read_text())
        change(values)
        (folder / "config.json").write_text(json.dumps(values))

    return damage


def _weights(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], object]:
    def damage(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        change(tensors)
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})

    return damage


REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "NaFlex": (_config(lambda c: c.update(model_type="siglip2")), "NaFlex"),
    "another model": (_config(lambda c: c.update(model_type="bert")), "model_type 'bert'"),
    "no kind": (_config(lambda c: c.pop("model_type")), "not a model's configuration"),
    "no JSON": (lambda f: (f / "config.json").write_text("{"), "not a model's configuration"),
    "no configuration": (lambda f: (f / "config.json").unlink(), "not a model's configuration"),
    "a weight lost": (
        _weights(lambda w: w.pop("logit_scale")),
        "weights do not fit the model: logit_scale",
    ),
    "a weight too many": (
        _weights(lambda w: w.update(lora=torch.zeros(1))),
        "weights do not fit the model: lora",
    ),
    "a weight of another shape": (
        _config(lambda c: c["vision_config"].update(hidden_size=32)),
        "cannot be loaded",
    ),
    "weights cut short": (
        lambda f: (f / "model.safetensors").write_bytes(b"cut"),
        "cannot be loaded",
    ),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), "cannot be loaded"),
    "a pickle in their place": (
        lambda f: (f / "model.safetensors").rename(f / "pytorch_model.bin"),
        "cannot be loaded",
    ),
    "a tokenizer that is none": (
        lambda f: (f / "tokenizer.json").write_text("{"),
        "its tokenizer cannot be loaded",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_checkpoint_that_is_not_sound_is_one_line(
    case: str, cache: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "clip"
    (whole,) = (cache / "models--toy--clip" / "snapshots").iterdir()
    shutil.copytree(whole, folder)
    damage, expected = REFUSED[case]
    damage(folder)
    with pytest.raises(ArtefactError) as caught:
        Checkpoint.read(folder)
    assert expected in str(caught.value)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)
    assert capfd.readouterr().err == "", "no report beside the line"


def test_a_buffer_of_older_versions_is_no_weight_too_many(cache: Path, tmp_path: Path) -> None:
    """openai's file has them."""
    folder = tmp_path / "clip"
    (whole,) = (cache / "models--toy--clip" / "snapshots").iterdir()
    shutil.copytree(whole, folder)
    name = "vision_model.embeddings.position_ids"
    _weights(lambda w: w.update({name: torch.arange(17)[None]}))(folder)
    assert Checkpoint.read(folder).preprocess.size == 32
