"""The application, as gunicorn starts it: ``gunicorn 'depicts_toolforge.app:create_app()'``."""

from __future__ import annotations

from importlib.resources import files
from logging import Logger
from pathlib import Path

from flask import Flask

from depicts_model.settings import Settings
from depicts_model.store import ANSWER_SECONDS, Store
from depicts_toolforge import latencies, logs, manners, pages, problems, production, sizes
from depicts_toolforge.api import api
from depicts_toolforge.catalogs import Catalogs
from depicts_toolforge.counting import Counts
from depicts_toolforge.latencies import Latencies
from depicts_toolforge.limiting import Limiter
from depicts_toolforge.lists import Lists
from depicts_toolforge.parts import Parts, attach, parts_of
from depicts_toolforge.switches import Switches
from depicts_toolforge.tokens import Tokens, signing_key
from depicts_toolforge.wikis import image_origins


def create_app(settings: Settings | None = None) -> Flask:
    """The service; in production, where none are given, its settings come from the environment.

    Raises ConfigurationError, ArtefactError or StoreError where it could not serve; in production
    these are one line on stderr, and exit status 2.
    """
    return production.started(_made) if settings is None else _made(settings)


def _made(chosen: Settings) -> Flask:
    app = Flask(__name__, static_folder=None)
    logs.install(app)
    attach(app, _parts(chosen, app.logger))
    problems.install(app)
    manners.install(app, frozenset(chosen.allowed_origins.split()), image_origins(chosen.wiki_api))
    latencies.install(app, Latencies(parts_of(app).store.count_latencies))
    app.register_blueprint(api)
    pages.install(app)
    # last: what is refused for its size is counted and logged all the same
    sizes.install(app)
    return app


def _parts(settings: Settings, logger: Logger) -> Parts:
    tokens = Tokens(signing_key(settings))
    catalogs = Catalogs(Path(settings.catalog) if settings.catalog else None, logger)
    try:
        store = Store.open(settings.database_url, ANSWER_SECONDS)
        switches = Switches(store)
        return Parts(
            settings=settings,
            store=store,
            catalogs=catalogs,
            tokens=tokens,
            counts=Counts(store),
            lists=Lists(catalogs, switches),
            switches=switches,
            limiter=Limiter.of(settings),
            description=(files(__package__) / "openapi.json").read_bytes(),
        )
    except BaseException:
        catalogs.close()
        raise
