"""Which source a run goes along: what the options of the command come to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import click

from depicts_bot.events import NewPages
from depicts_bot.listings import Category, Random, Search, UserUploads
from depicts_bot.named import read_names
from depicts_bot.sources import NEW_UPLOADS, Source
from depicts_model.settings import Settings

_NAMESPACE = re.compile(r"\s*(?:category|user)\s*:\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """The options that name a source; each as the operator gave it, None where he did not."""

    category: str | None = None
    depth: int | None = None
    user: str | None = None
    files: str | None = None
    search: str | None = None
    random: int | None = None
    stream: bool | None = None


def source_of(choice: Choice, settings: Settings) -> Source:
    """The source that is meant; new uploads where none is named.

    Raises click.UsageError for more than one, and ConfigurationError for a list that is none.
    """
    _check(choice)
    if choice.category is not None:
        return Category(f"Category:{_local(choice.category, '--category')}", choice.depth or 0)
    if choice.user is not None:
        return UserUploads(_local(choice.user, "--user"))
    if choice.files is not None:
        return read_names(choice.files)
    if choice.search is not None:
        return Search(_words(choice.search, "--search"))
    if choice.random is not None:
        return Random(choice.random)
    return NewPages(settings.event_stream) if choice.stream else NEW_UPLOADS


def _check(choice: Choice) -> None:
    names = ("category", "user", "files", "search", "random", "stream")
    given = [f"--{name}" for name in names if getattr(choice, name) is not None]
    if len(given) > 1:
        raise click.UsageError(f"one source a run, not {' and '.join(given)}")
    if choice.depth is not None and choice.category is None:
        raise click.UsageError("--depth goes with --category")


def _local(text: str, option: str) -> str:
    """A title without its namespace, spelt as the wiki does."""
    name = _words(_NAMESPACE.sub("", text, count=1).replace("_", " "), option)
    return name[0].upper() + name[1:]


def _words(text: str, option: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise click.UsageError(f"{option} names nothing")
    return words
