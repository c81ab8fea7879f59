"""Small random checkpoints, saved by transformers itself and laid out as the hub's cache is."""

from __future__ import annotations

import hashlib
import io
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers

Build = Callable[[Path], object]
REVISION = "0123456789abcdef0123456789abcdef01234567"
SIDE = 32
_TOWER: dict[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
_VISION = {**_TOWER, "image_size": SIDE, "patch_size": 8}
WORDS = ["a photo of", "a picture showing", "cat dog horse tulip bicycle", "jellyfish lion banana"]


def clip(folder: Path) -> None:
    """As openai/clip-vit-base-patch32: a projection, a crop, byte-level BPE in vocab and merges."""
    tokens = _clip_tokenizer()
    ends = {"bos_token_id": tokens.bos_token_id, "eos_token_id": tokens.eos_token_id}
    text = {**_TOWER, "vocab_size": len(tokens), "max_position_embeddings": 24, **ends}
    text["pad_token_id"] = tokens.pad_token_id
    config = transformers.CLIPConfig(text_config=text, vision_config=_VISION, projection_dim=12)
    _save(folder, transformers.CLIPModel, config, tokens)
    processor = transformers.CLIPImageProcessorPil(size=SIDE, crop_size=SIDE)
    processor.save_pretrained(folder)


def siglip(folder: Path) -> None:
    """As google/siglip-base-patch16-224: a bias, squashed images, sentencepiece."""
    folder.mkdir(parents=True)
    (folder / "spiece.model").write_bytes(_sentencepiece())
    tokens = transformers.SiglipTokenizer(str(folder / "spiece.model"))
    _save(folder, transformers.SiglipModel, _siglip_config(tokens), tokens)
    _squash(folder, resample=3)


def siglip2(folder: Path) -> None:
    """As google/siglip2-base-patch32-256: SigLIP's towers with the tokenizer of Gemma."""
    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", "▁", *string.ascii_lowercase, *"ABC"]
    tokens = transformers.GemmaTokenizer({piece: n for n, piece in enumerate(pieces)}, [])
    _save(folder, transformers.SiglipModel, _siglip_config(tokens), tokens)
    _squash(folder, resample=2)


def in_cache(cache: Path, repository: str, build: Build, revision: str = REVISION) -> Path:
    """A checkpoint in the hub's own layout, blobs and links; the folder of its snapshot."""
    home = cache / f"models--{repository.replace('/', '--')}"
    made, snapshot = home / "made", home / "snapshots" / revision
    build(made)
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(revision)
    (home / "blobs").mkdir()
    snapshot.mkdir(parents=True)
    for path in sorted(made.iterdir()):
        blob = home / "blobs" / hashlib.sha256(path.read_bytes()).hexdigest()
        path.replace(blob)
        (snapshot / path.name).symlink_to(Path("../../blobs") / blob.name)
    made.rmdir()
    return snapshot


def _save(folder: Path, model: Any, config: Any, tokens: Any) -> None:
    torch.manual_seed(5)
    made = model(config)
    with torch.no_grad():
        made.logit_scale.fill_(3.0)
        if hasattr(made, "logit_bias"):
            made.logit_bias.fill_(-9.0)
    made.save_pretrained(folder)
    tokens.save_pretrained(folder)


def _siglip_config(tokens: Any) -> Any:
    ends = {"bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 1}
    text = {**_TOWER, "vocab_size": len(tokens), "max_position_embeddings": 64, **ends}
    text["projection_size"] = _TOWER["hidden_size"]
    return transformers.SiglipConfig(text_config=text, vision_config=_VISION)


def _squash(folder: Path, resample: int) -> None:
    size = {"height": SIDE, "width": SIDE}
    halves = [0.5, 0.5, 0.5]
    processor = transformers.SiglipImageProcessorPil(
        size=size, resample=resample, image_mean=halves, image_std=halves
    )
    processor.save_pretrained(folder)


def _clip_tokenizer() -> Any:
    letters = [*string.ascii_lowercase, *string.digits]
    pieces = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>"]
    vocabulary = {piece: n for n, piece in enumerate([*pieces, "<|endoftext|>"])}
    return transformers.CLIPTokenizer(vocabulary, [])


def _sentencepiece() -> bytes:
    import sentencepiece

    out = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(WORDS * 20),
        model_writer=out,
        vocab_size=48,
        hard_vocab_limit=False,
        unk_id=2,
        eos_id=1,
        pad_id=0,
        bos_id=-1,
        minloglevel=2,
    )
    return out.getvalue()
