"""``depicts-web``: the service on this machine, for development and the demonstration.

Production is gunicorn. Nothing heavy is imported before the arguments are read.
"""

from __future__ import annotations

from pathlib import Path

import click

from depicts_model.commands import Commands


@click.group(cls=Commands, invoke_without_command=True, subcommand_metavar="")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 takes a free one; the first line printed tells which.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file of settings; the environment's DEPICTS_… go before it.",
)
def main(host: str, port: int, config: Path | None) -> None:
    """Serve suggestions to this machine, until interrupted. In production use gunicorn."""
    from depicts_model.settings import load

    settings = load(config)
    from depicts_toolforge.serving import serve

    serve(settings, host, port)
