"""Where nobody watches, a step says a line now and then, and rewrites none."""

from __future__ import annotations

import pytest

from depicts_model.dataset.progress import shown


def test_a_log_gets_a_line_at_start_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    with shown("images", 5_000, "images") as bar:
        for _ in range(5_000):
            bar.update()
    said = capsys.readouterr().err
    assert "\r" not in said
    first, last = said.splitlines()
    assert first.startswith("images: 0 of 5000 images, ")
    assert last.startswith("images: 5000 of 5000 images, ")
