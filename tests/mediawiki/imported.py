"""Many files at once, uploaded long ago: by the script that a wiki's administrator has for it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .installed import EDITOR
from .served import MediaWiki

NONE: Final[Mapping[str, str]] = {}


def put(
    wiki: MediaWiki,
    files: Mapping[str, bytes],
    at: datetime,
    texts: Mapping[str, str] = NONE,
) -> None:
    """Upload these, by name, as if at ``at``; ``texts``: what pages say, where it matters."""
    with TemporaryDirectory(dir=wiki.folder) as folder:
        for name, data in files.items():
            Path(folder, name).write_bytes(data)
            text = texts.get(name, "A photo.")
            Path(folder, name).with_suffix(".txt").write_text(text, encoding="utf-8")
        when = f"--timestamp={at:%Y%m%d%H%M%S}"
        words = ["--comment-ext=txt", f"--user={EDITOR}", when, folder]
        told = wiki.maintain("importImages", *words)
    assert f"Added: {len(files)}" in told, told
