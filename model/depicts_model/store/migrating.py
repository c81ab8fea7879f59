"""Carries out migrations; Alembic is loaded here alone, and only where the schema changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from depicts_model.errors import StoreError
from depicts_model.store.transactions import line_of


def move(connection: sa.Connection, revision: str, up: bool) -> None:
    """Bring the schema up or down to ``revision``, in the transaction of ``connection``.

    Raises StoreError where there is no such revision.
    """
    change = command.upgrade if up else command.downgrade
    where = connection.engine.url.render_as_string(hide_password=True)
    with history() as config:
        config.attributes["connection"] = connection
        try:
            change(config, revision)
        except CommandError as error:
            raise StoreError(f"{where}: {line_of(error)}") from error


@contextmanager
def history() -> Iterator[Config]:
    """The revisions, as Alembic reads them."""
    with as_file(files(__package__) / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        yield config
