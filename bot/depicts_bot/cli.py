"""``depicts-bot``: the operator's command. Nothing heavy is imported before arguments are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from depicts_model.commands import Commands

if TYPE_CHECKING:
    from depicts_model.settings import Settings


@click.group(cls=Commands)
@click.version_option(package_name="suggest-depicts")
def main() -> None:
    """Look at new uploads and store suggestions of what they depict."""


@main.command()
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file of settings; DEPICTS_<KEY> in the environment overrides it.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Stop after this many files.")
@click.option("--simulate", is_flag=True, help="Print the decisions and store nothing.")
@click.option("--live", is_flag=True, help="Allow writes to a wiki that is not on loopback.")
@click.option(
    "--demo-model", is_flag=True, help="Store the demo model's suggestions for such a wiki too."
)
def run(
    config: Path | None, limit: int | None, simulate: bool, live: bool, demo_model: bool
) -> None:
    """Look at the uploads since the last run, each once.

    Progress goes to stderr, a line a batch; decisions of a simulation and the summary to stdout.
    """
    settings = _settings(config, demo_model)

    from depicts_bot.runner import Options, run_bot

    run_bot(settings, Options(limit, simulate, live))


def _settings(config: Path | None, demo_model: bool) -> Settings:
    from dataclasses import replace

    from depicts_model import settings

    loaded = settings.load(config)
    return replace(loaded, demo_model=loaded.demo_model or demo_model)
