"""Where figures come from: the day, the package's version and commit, the command given."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import click
from click.core import ParameterSource

PACKAGE: Final = "suggest-depicts"
HASH: Final = 12
"""Digits of a commit that are told."""


def origin(context: click.Context) -> dict[str, str]:
    """``date`` (UTC), ``version``, ``commit`` where it is known, and ``command``."""
    found = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "version": f"{PACKAGE} {version(PACKAGE)}"}
    if told := commit():
        found["commit"] = told
    return {**found, "command": command_line(context)}


def command_line(context: click.Context) -> str:
    """The command with the options that were given; of files their names alone."""
    words = ["depicts-model", str(context.info_name)]
    for parameter in context.command.params:
        name = parameter.name or ""
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            words += [parameter.opts[0], _word(context.params[name])]
    return " ".join(words)


def _word(value: Any) -> str:
    return value.resolve().name if isinstance(value, Path) else str(value)


def commit(file: Path = Path(__file__)) -> str:
    """Of the work tree that this package runs from, with ``-dirty`` where it was changed since.

    Empty where it was installed: then git knows nothing of the file.
    """
    folder = file.resolve().parent
    if not _git(folder, "ls-files", file.name):
        return ""
    return _git(folder, "describe", "--always", "--dirty", "--exclude=*", f"--abbrev={HASH}")


def _git(folder: Path, *words: str) -> str:
    """What git says; empty where it says no, or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return "" if done.returncode else done.stdout.strip()
