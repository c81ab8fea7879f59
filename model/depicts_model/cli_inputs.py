"""Looks for what a command was given before it imports anything that takes seconds."""

from __future__ import annotations

from pathlib import Path

from depicts_model.errors import ArtefactError


def folder_there(path: Path, holds: str) -> Path:
    """The folder; ArtefactError naming it, and what it ``holds``, where there is none."""
    if not path.is_dir():
        raise ArtefactError(f"{path}: no such folder; it holds {holds}")
    return path


def file_there(path: Path) -> Path:
    """The file; ArtefactError naming it, or the folder that it should be in, if that is missing."""
    if not path.parent.is_dir():
        raise ArtefactError(f"{path.parent}: no such folder, of {path.name}")
    if not path.is_file():
        raise ArtefactError(f"{path}: no such file")
    return path
