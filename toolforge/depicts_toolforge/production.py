"""The start in production: under gunicorn, with settings from the environment, or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

import click
from flask import Flask

from depicts_model.commands import FAILED
from depicts_model.errors import ConfigurationError, DepictsError
from depicts_model.settings import Settings, check_production, load

_DEBUGGING: Final = "FLASK_DEBUG"
_OFF: Final = ("", "0", "false", "no")


def started(make: Callable[[Settings], Flask]) -> Flask:
    """What ``make`` makes of the settings in the environment, looked through for what is unsafe.

    Exits where it cannot serve: gunicorn would print a traceback for what is one line, and start
    its workers over and over.
    """
    try:
        settings = load()
        check_production(settings)
        _check_debugging()
        return make(settings)
    except DepictsError as error:
        line = " ".join(str(error).split())
        click.echo(f"error: {line}", err=True)
        raise SystemExit(FAILED) from None


def _check_debugging() -> None:
    """Flask reads this variable by itself, and tells readers what only we may see."""
    if os.environ.get(_DEBUGGING, "").lower() not in _OFF:
        raise ConfigurationError(f"{_DEBUGGING} is set: production is no place for it")
