"""The development server: loopback only, quiet about who asks, and gone when told to."""

from __future__ import annotations

import os
import signal
import socket
import sys
from types import FrameType

import click
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings, is_loopback
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of


class QuietHandler(WSGIRequestHandler):
    """The app logs its own line; the server's would hold the reader's address and path."""

    server_version = "depicts-web"
    sys_version = ""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: see ``manners``."""

    def log_error(self, format: str, *args: object) -> None:
        """Nothing: a request that is not HTTP is answered, and is nobody's business."""

    def version_string(self) -> str:
        """The name, without the versions of what we are built on."""
        return self.server_version


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; prints one line with the address once it listens.

    Raises ConfigurationError where the address is not on loopback or cannot be had.
    """
    with _listening(host, port) as listener:
        app = create_app(settings)
        try:
            _run(app, listener)
        finally:
            parts_of(app).close()


def _listening(host: str, port: int) -> socket.socket:
    if not is_loopback(host):
        raise ConfigurationError(f"--host {host}: not a loopback address; use gunicorn there")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # our own words: Python adds its arguments to the system's
        reason = os.strerror(error.errno or 0)
        raise ConfigurationError(f"--port {port} on {host}: {reason}") from None


def _run(app: Flask, listener: socket.socket) -> None:
    host, port = listener.getsockname()[:2]
    server = make_server(
        host, port, app, threaded=True, request_handler=QuietHandler, fd=listener.fileno()
    )
    signal.signal(signal.SIGTERM, _stop)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"depicts-web: serving on http://{shown}:{port}")
    sys.stdout.flush()
    # returns on KeyboardInterrupt, the server closed
    server.serve_forever()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
