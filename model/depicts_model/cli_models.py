"""``depicts-model promote``, ``rollback``, ``list``: which model of the registry serves."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from depicts_model.cache import EmbeddingCache
    from depicts_model.linker.registry import Entry, Registry
    from depicts_model.settings import Settings

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
FIGURES = ("display_precision", "display_coverage", "display_ece")
"""What the list says of a model, where its manifest does."""

config_option = click.option("--config", type=FILE, help="TOML file of settings, as the bot's.")
models_option = click.option(
    "--models", type=FOLDER, help="Folder of the registry; the setting `models` without it."
)


def settings_with(config: Path | None, **given: Path | None) -> Settings:
    """The bot's settings, but for the paths that the options name."""
    from depicts_model import settings

    told = {key: str(value) for key, value in given.items() if value is not None}
    return replace(settings.load(config), **told)  # type: ignore[arg-type]


def path_of(setting: str) -> Path | None:
    """The path that a setting names, None where it is empty."""
    return Path(setting) if setting else None


def open_memory(settings: Settings) -> AbstractContextManager[EmbeddingCache | None]:
    """The embedding cache, where the settings name one."""
    from depicts_model.cache import EmbeddingCache

    if not settings.embedding_cache:
        return nullcontext()
    return EmbeddingCache(Path(settings.embedding_cache), settings.embedding_cache_mb * 1_000_000)


def registry_of(settings: Settings) -> Registry:
    """The registry of these settings; a usage error where they name none."""
    from depicts_model.linker.registry import Registry

    if not settings.models:
        raise click.UsageError("no registry of models: say --models, or set `models`")
    return Registry(Path(settings.models))


@click.command()
@click.argument("model", metavar="DIR|VERSION")
@models_option
@config_option
def promote(model: str, models: Path | None, config: Path | None) -> None:
    """Let a model serve: one of the registry by its version, or an artefact that is taken in.

    It is loaded first as the bot would load it, beside the catalog of the settings. The gate is not
    asked: `retrain` asks it. The last three models stay; what serves is replaced in one step.
    """
    from depicts_model.catalog import Catalog
    from depicts_model.linker.link import Linker  # seconds, and of use only now

    settings = settings_with(config, models=models)
    registry = registry_of(settings)
    source = registry.path(model) if _is_version(registry, model) else Path(model)
    with Catalog.open(path_of(settings.catalog)) as catalog:
        Linker.load(source, catalog, settings)
    click.echo(f"{registry.folder}: {registry.promote(source)} serves")


def _is_version(registry: Registry, model: str) -> bool:
    """Whether it is meant as a version: it is one, or there is no such folder."""
    return model in registry.versions() or not Path(model).is_dir()


@click.command()
@models_option
@config_option
def rollback(models: Path | None, config: Path | None) -> None:
    """Let the model serve again that was promoted before the current one."""
    from depicts_model.catalog import Catalog

    settings = settings_with(config, models=models)
    registry = registry_of(settings)
    with Catalog.open(path_of(settings.catalog)) as catalog:
        click.echo(f"{registry.folder}: {registry.rollback(catalog)} serves")


@click.command("list")
@models_option
@config_option
def list_models(models: Path | None, config: Path | None) -> None:
    """List the models of the registry, the newest promotion last, and what serves with a star."""
    registry = registry_of(settings_with(config, models=models))
    entries = registry.entries()
    for entry in entries:
        click.echo(f"{'*' if entry.current else ' '} {entry.version}  {_told(entry)}")
    if not entries:
        click.echo(f"{registry.folder}: no model was promoted yet", err=True)
    elif registry.current() is None:
        click.echo(f"{registry.folder}: none of them serves, promote one", err=True)


def _told(entry: Entry) -> str:
    if entry.manifest is None:
        return f"damaged: {entry.fault}"
    metrics = entry.manifest.metrics
    figures = [f"{name} {metrics[name]:.3f}" for name in FIGURES if name in metrics]
    return ", ".join([f"catalog {entry.manifest.catalog_snapshot}", *figures])
