"""The log: one JSON object a line, on stderr, for programs that read logs.

Whoever logs names fields of our own making alone; nothing here asks the request for anything.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TextIO, cast

from flask import Flask
from flask.logging import wsgi_errors_stream

_FIELDS: Final = "fields"
_ADDRESS: Final = " from ip="
_FRAMES: Final = 3
"""Places of a fault that are told, the innermost last."""


class JsonLines(logging.Formatter):
    """A record as one line: ``at``, ``level``, and its fields or ``message``, ``fault``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without the line break."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {"at": at, "level": record.levelname.lower()}
        line |= getattr(record, _FIELDS, None) or {"message": record.getMessage()}
        if record.exc_info:
            line["fault"] = self.formatException(record.exc_info)
        return json.dumps(line)


class ServerLines(JsonLines):
    """The same of what gunicorn logs, without what it repeats of requests.

    Its warnings and errors name the reader's address, the first line of a request, headers: of
    their arguments numbers are kept alone, and of a fault its kind and where it happened.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line, without the line break."""
        made = logging.makeLogRecord(record.__dict__)
        if record.levelno >= logging.WARNING:
            made.msg, made.args = _own_words(record), ()
        made.exc_info, made.exc_text = None, None
        return super().format(made)


def _own_words(record: logging.LogRecord) -> str:
    """What the server says by itself; it puts some words of readers in without arguments."""
    numbers = isinstance(record.args, tuple) and all(isinstance(a, int) for a in record.args)
    said = record.getMessage() if record.args and numbers else str(record.msg)
    said = said.partition(_ADDRESS)[0]
    if record.exc_info and record.exc_info[0]:
        frames = traceback.extract_tb(record.exc_info[2])[-_FRAMES:]
        where = ", ".join(f"{Path(one.filename).name}:{one.lineno}" for one in frames)
        said += f": {record.exc_info[0].__name__} at {where}"
    return said


def install(app: Flask) -> None:
    """Log as JSON, from INFO on."""
    handler = logging.StreamHandler(cast(TextIO, wsgi_errors_stream))
    handler.setFormatter(JsonLines())
    # not added: two apps of one process share the logger
    app.logger.handlers = [handler]
    app.logger.setLevel(logging.INFO)


def tell(logger: logging.Logger, message: str, **fields: object) -> None:
    """One line of these fields; ``message`` says them to whoever formats otherwise."""
    logger.info(message, extra={_FIELDS: fields})
