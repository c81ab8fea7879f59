"""``depicts-model explain``: prints why each suggestion is there, and why its rivals are not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from depicts_model.catalog import Catalog
    from depicts_model.linker.explain import Explanation, Judgement
    from depicts_model.overrides import Overrides
    from depicts_model.settings import Settings
    from depicts_model.types import FileContext, Outcome

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
TAGGED = "LANGUAGE=TEXT"


@click.command()
@click.argument("image", metavar="FILE", type=FILE)
@click.option("--title", help="The file's name on the wiki; that of FILE without it.")
@click.option("--caption", "captions", multiple=True, metavar=TAGGED, help="May be repeated.")
@click.option("--description", "descriptions", multiple=True, metavar=TAGGED, help="Likewise.")
@click.option("--category", "categories", multiple=True, help="Likewise.")
@click.option("--camera", metavar="LAT,LON", help="Where the camera stood, degrees.")
@click.option("--depicts", multiple=True, metavar="QID", help="What the file says already.")
@click.option("--config", type=FILE, help="The bot's TOML file of settings; the options override.")
@click.option("--lists", type=FILE, help="JSON as on the wiki's page that changes the lists.")
@click.option("--model", type=FOLDER, help="Folder of the model; the shipped one without it.")
@click.option("--catalog", type=FILE, help="Catalog file; the starter without it.")
@click.option("--language", help="Language of labels; English without it.")
@click.option(
    "--limit", type=click.IntRange(1, 100), default=10, show_default=True, help="Rivals looked at."
)
def explain(
    image: Path,
    title: str | None,
    captions: tuple[str, ...],
    descriptions: tuple[str, ...],
    categories: tuple[str, ...],
    camera: str | None,
    depicts: tuple[str, ...],
    config: Path | None,
    lists: Path | None,
    model: Path | None,
    catalog: Path | None,
    language: str | None,
    limit: int,
) -> None:
    """Print why each suggestion for an image is there, and why its rivals are not.

    With the bot's settings (a file, or DEPICTS_<KEY> in the environment) and the wiki's lists, it
    explains the bot's own outcome. Of each item: its confidence, that from pixels alone, and what
    every term adds. The terms of the score are logits before the softmax over all items; those of
    the page are log-odds.
    """
    from depicts_model.catalog import Catalog
    from depicts_model.errors import ArtefactError, ImageError
    from depicts_model.linker.explain import explain as explained
    from depicts_model.linker.link import Linker

    settings = _settings(config, model=model, catalog=catalog, language=language)
    context = _context(title or image.name, captions, descriptions, categories, camera, depicts)
    data = _bytes(image)
    with Catalog.open(_path(settings.catalog)) as opened:
        changed = _overrides(lists, opened)
        linker = Linker.load(_path(settings.model_folder), opened, settings, changed)
        try:
            found = explained(linker, context, data, limit)
        except ImageError as error:
            raise ArtefactError(f"{image}: {error}") from None
        click.echo(f"{image}: {_outcome(found.outcome)}")
        click.echo(f"model {linker.version}, catalog {opened.snapshot}")
        for line in _lines(found, opened, settings.language):
            click.echo(line)


def _settings(config: Path | None, **given: Path | str | None) -> Settings:
    """The bot's settings, but for what the options say."""
    from dataclasses import replace

    from depicts_model import settings

    told: dict[str, Any] = {key: str(value) for key, value in given.items() if value is not None}
    return replace(settings.load(config), **told)


def _path(setting: str) -> Path | None:
    return Path(setting) if setting else None


def _bytes(path: Path) -> bytes:
    from depicts_model.errors import ArtefactError

    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"{path}: cannot be read: {error.strerror}") from None


def _overrides(lists: Path | None, catalog: Catalog) -> Overrides:
    """What the page says, as the bot would take it."""
    from depicts_model.errors import ConfigurationError
    from depicts_model.overrides import NONE, check, parse

    if lists is None:
        return NONE
    try:
        changed = parse(_bytes(lists).decode(), str(lists))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{lists}: not UTF-8: {error.reason}") from None
    check(changed, catalog.personal | catalog.people, str(lists))
    return changed


def _context(
    title: str,
    captions: Sequence[str],
    descriptions: Sequence[str],
    categories: tuple[str, ...],
    camera: str | None,
    depicts: Sequence[str],
) -> FileContext:
    from datetime import UTC, datetime

    from depicts_model.types import FileContext, FileRef, mid_of, parse_qid

    try:
        existing = tuple(parse_qid(qid) for qid in depicts)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--depicts") from None
    name = title if title.startswith("File:") else f"File:{title}"
    file = FileRef(mid_of(1), name, "0" * 40, 1, datetime.now(UTC), "")
    return FileContext(
        file,
        description=_tagged(descriptions, "--description"),
        categories=categories,
        captions=_tagged(captions, "--caption"),
        location=_position(camera),
        existing_depicts=existing,
    )


def _tagged(texts: Sequence[str], option: str) -> dict[str, str]:
    """Texts by language; several of one language are one."""
    found: dict[str, str] = {}
    for text in texts:
        language, sign, said = text.partition("=")
        if not sign or not language:
            raise click.BadParameter(f"{text!r} is not {TAGGED}", param_hint=option)
        found[language] = " ".join(filter(None, [found.get(language), said]))
    return found


def _position(text: str | None) -> tuple[float, float] | None:
    if text is None:
        return None
    try:
        latitude, longitude = (float(part) for part in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not LAT,LON", param_hint="--camera") from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 360):
        raise click.BadParameter(f"{text!r} is not on Earth", param_hint="--camera")
    return latitude, longitude


def _outcome(outcome: Outcome) -> str:
    from depicts_model.types import Failed, NothingToSuggest, Skipped, Suggested

    match outcome:
        case Suggested(suggestions):
            return f"{len(suggestions)} suggested"
        case NothingToSuggest(reason):
            return f"nothing to suggest: {reason}"
        case Skipped(reason):
            return f"skipped: {reason}"
        case Failed(error):
            return f"failed: {error}"


def _lines(found: Explanation, catalog: Catalog, language: str) -> Iterator[str]:
    for one in found.judgements:
        name = catalog.label(one.candidate.qid, language) or "no label"
        yield ""
        yield f"{name} ({one.candidate.qid}) {one.confidence:.1%}: {one.why}"
        mass = f"mass {one.candidate.mass:.1%}{_nearest(one, catalog, language)}"
        yield f"  pixels {one.pixels:.1%}, {mass}"
        yield f"  {_terms(one)}"


def _nearest(one: Judgement, catalog: Catalog, language: str) -> str:
    """The item at or below that the terms of the score are of, where it is another."""
    if one.item == one.candidate.qid:
        return ""
    return f"; most of it {catalog.label(one.item, language) or one.item} ({one.item})"


def _terms(one: Judgement) -> str:
    found = one.candidate.evidence.items()
    told = [f"{name.replace('page:', 'page ')} {value:+.2f}" for name, value in found]
    return ", ".join([*told, *(f"page {name} missing" for name in one.missing)])
