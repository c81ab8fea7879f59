"""The log: one JSON object a line, on stderr, for programs that read logs.

Whoever logs names fields of our own making alone; nothing here asks the request for anything.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final, TextIO, cast

from flask import Flask
from flask.logging import wsgi_errors_stream

_FIELDS: Final = "fields"


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
