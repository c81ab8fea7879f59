"""The application, as gunicorn starts it: ``gunicorn 'depicts_toolforge.app:create_app()'``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from flask import Flask

from depicts_model.catalog import Catalog
from depicts_model.settings import Settings
from depicts_model.store import Store
from depicts_toolforge import manners, pages, problems, production
from depicts_toolforge.api import api
from depicts_toolforge.counting import Counts
from depicts_toolforge.lists import Lists
from depicts_toolforge.parts import Parts, attach
from depicts_toolforge.tokens import Tokens, signing_key
from depicts_toolforge.wikis import image_origins

LARGEST_BODY: Final = 64 * 1024
"""Bytes that a request may carry."""


def create_app(settings: Settings | None = None) -> Flask:
    """The service; in production, where none are given, its settings come from the environment.

    Raises ConfigurationError, ArtefactError or StoreError where it could not serve; in production
    these are one line on stderr, and exit status 2.
    """
    return production.started(_made) if settings is None else _made(settings)


def _made(chosen: Settings) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.logger.setLevel(logging.INFO)
    attach(app, _parts(chosen))
    problems.install(app)
    manners.install(app, frozenset(chosen.allowed_origins.split()), image_origins(chosen.wiki_api))
    app.register_blueprint(api)
    pages.install(app)
    return app


def _parts(settings: Settings) -> Parts:
    tokens = Tokens(signing_key(settings))
    catalog = Catalog.open(Path(settings.catalog) if settings.catalog else None)
    try:
        store = Store.open(settings.database_url)
        return Parts(settings, store, catalog, tokens, Counts(store), Lists(store, catalog))
    except BaseException:
        catalog.close()
        raise
