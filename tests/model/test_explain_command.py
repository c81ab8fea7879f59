"""`depicts-model explain` on the shipped model: readable, and exact about bad input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from depicts_model.cli import main


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "noise.png"
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def said(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["explain", *map(str, words)])
    return done.exit_code, done.output


@pytest.mark.slow
def test_noise_is_explained(noise: Path) -> None:
    code, text = said(
        *(noise, "--limit", 3, "--title", "Cats.png", "--caption", "en=a cat"),
        *("--camera", "52.5,13.4", "--depicts", "Q146", "--category", "Cats"),
    )
    assert code == 0, text
    head, model, *rest = text.splitlines()
    assert head.startswith(f"{noise}: nothing to suggest: ")
    assert model.startswith("model tiny-") and ", catalog " in model
    blocks = "\n".join(rest).strip().split("\n\n")
    assert len(blocks) == 3
    for block in blocks:
        name, pixels, terms = block.splitlines()
        assert "%: " in name and "(Q" in name
        assert pixels.startswith("  pixels ") and ", mass " in pixels
        assert "similarity " in terms and "page words " in terms and "page camera missing" in terms


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--caption", "a cat"], "'a cat' is not LANGUAGE=TEXT"),
        (["--description", "=a cat"], "'=a cat' is not LANGUAGE=TEXT"),
        (["--camera", "52.5"], "'52.5' is not LAT,LON"),
        (["--camera", "nowhere,13"], "'nowhere,13' is not LAT,LON"),
        (["--camera", "91,13"], "'91,13' is not on Earth"),
        (["--camera", "nan,13"], "'nan,13' is not on Earth"),
        (["--depicts", "cat"], "not an item id: 'cat'"),
        (["--model", "nowhere"], "nowhere/manifest.json: missing"),
        (["--catalog", "nowhere"], "nowhere: the catalog cannot be read"),
    ],
)
def test_nonsense_is_one_line(noise: Path, words: list[str], fault: str) -> None:
    code, text = said(noise, *words)
    assert code == 2 and fault in text and "Traceback" not in text


def test_what_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    assert said(tmp_path / "gone.png") == (
        2,
        f"error: {tmp_path}/gone.png: cannot be read: No such file or directory\n",
    )
    code, text = said(tmp_path / "a.pdf")
    assert (code, text) == (2, f"error: {tmp_path}/a.pdf: not an image: a PDF document\n")
