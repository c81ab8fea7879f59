"""`depicts-model explain` on the shipped model: readable, and exact about bad input."""

from __future__ import annotations

import json
import re
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


def test_the_operators_settings_are_obeyed_and_options_override_them(
    noise: Path, tmp_path: Path
) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('catalog = "nowhere"\nmodel = "elsewhere"\n')
    assert "nowhere: the catalog cannot be read" in said(noise, "--config", config)[1]
    (tmp_path / "here").write_text("")
    assert (
        f"{tmp_path}/here: " in said(noise, "--config", config, "--catalog", tmp_path / "here")[1]
    )
    config.write_text('approved = "none.safetensors"\n')
    code, text = said(noise, "--config", config)
    assert code == 2 and text.startswith("error: none.safetensors: no file of approved images")


@pytest.mark.slow
def test_the_wikis_lists_are_obeyed(noise: Path, tmp_path: Path) -> None:
    lists = tmp_path / "lists.json"
    rivals = said(noise, "--limit", 3)[1]
    (item, *_) = re.findall(r"\((Q\d+)\) [\d.]+%:", rivals)
    lists.write_text(json.dumps({"never_suggest": {item: "on every street"}}))
    code, text = said(noise, "--limit", 3, "--lists", lists)
    assert code == 0 and re.search(rf"\({item}\) .*: never suggested: listed", text)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"\xff\xfe", "not UTF-8"),
        (b"{", "not JSON"),
        (b'{"never_sugest": {}}', "unknown key 'never_sugest'"),
        (b'{"allow": {"Q5": "shown"}}', "Q5 is about people"),
    ],
)
def test_nonsense_for_lists_is_one_line(
    noise: Path, tmp_path: Path, content: bytes | None, fault: str
) -> None:
    path = tmp_path / "lists.json"
    if content is not None:
        path.write_bytes(content)
    code, text = said(noise, "--lists", path)
    assert code == 2 and text.startswith(f"error: {path}: ") and fault in text
    assert text.count("\n") == 1


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
        (["--config", "nowhere"], "nowhere: No such file or directory"),
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
