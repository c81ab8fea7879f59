"""Every setting of the product, in one documented class; an unknown key is an error.

Sources, the later wins: defaults, a TOML file, environment variables ``DEPICTS_<KEY>``, of which
white space at both ends is no part: what is piped into a variable ends in a line break.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from depicts_model.errors import ConfigurationError

PREFIX: Final = "DEPICTS_"
THUMBNAIL_WIDTHS: Final = (20, 40, 60, 120, 250, 330, 500, 960, 1280, 1920, 3840)
"""Pixels; Commons has thumbnails in these widths, and answers 429 to any other."""

PRECISIONS: Final = ("float32", "bfloat16")
"""In which the image tower may compute."""
CURRENT: Final = "current"
"""Name of the link, in a registry of models, to the one that serves."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; each field is a key of the TOML file and of the environment."""

    wiki_api: str = "https://commons.wikimedia.org/w/api.php"
    """Action API of the wiki that holds the files."""
    wiki_username: str = ""
    """Bot password's name, as ``User@label``."""
    wiki_password: str = field(default="", repr=False)
    contact: str = "https://commons.wikimedia.org/wiki/Commons:Suggest_depicts"
    """Contact named in the User-Agent of every request."""
    query_service: str = "https://query.wikidata.org/sparql"
    """SPARQL endpoint of Wikidata's query service; only a catalog built from it asks there."""
    database_url: str = field(default="sqlite:///suggest-depicts.sqlite", repr=False)
    """SQLAlchemy URL of the store; it may hold a password. MariaDB is spoken to without TLS, unless
    the URL has options for it, as ``?ssl_verify_cert=true``."""
    catalog: str = ""
    """Path of the catalog file; empty: the starter catalog in the package."""
    model: str = ""
    """Folder of the model artefact; empty: the current one of ``models``."""
    models: str = ""
    """Folder of the registry of models (`depicts-model promote`); empty: there is none, and where
    ``model`` is empty too, the tiny demo model in the package serves."""
    approved: str = ""
    """File of approved images (`depicts-model approve`), which vote; empty: none."""
    language: str = "en"
    """Language of labels where a request names none."""
    lists_page: str = "MediaWiki:Gadget-SuggestDepicts-lists.json"
    """Page of the wiki that changes the lists of items, as JSON; empty: none is read."""
    switch_page: str = "MediaWiki:Gadget-SuggestDepicts-switch.json"
    """Page of the wiki that stops bot and service, or pauses classes, as JSON; empty: none."""
    report_page: str = ""
    """Page of the wiki that `depicts-bot report --post` edits; empty: none."""
    service_url: str = ""
    """Address of the web service, for links to its plots in the report; empty: no links."""
    opt_out_page: str = "MediaWiki:Gadget-SuggestDepicts-optout.json"
    """Page of the wiki that names users, categories and templates whose files get no suggestions,
    as JSON; empty: none is read."""
    event_stream: str = "https://stream.wikimedia.org/v2/stream/mediawiki.page-create"
    """Server-sent events of new pages, for ``run --stream`` alone."""
    change_tag: str = "suggest-depicts"
    """Tag of the edits that the gadget makes; by it the harvest knows them."""
    upload_delay_hours: float = 48.0
    """A file younger than this is left alone: new files are often renamed or deleted first."""
    max_suggestions: int = 5
    """At most this many suggestions a file, 1 to 5."""
    thumbnail_width: int = 500
    """Width asked for, in pixels: one of ``THUMBNAIL_WIDTHS``. A narrower file is read whole."""
    batch_size: int = 50
    """Files a request: 1 to 50, or to 500 with bot rights."""
    requests_per_run: int = 5000
    """Questions about files that a run asks the wiki at the most: some 80,000 files with 50 a
    request. The next run goes on from there."""
    stale_per_run: int = 500
    """Files that a run along the upload log or the stream looks at again at the most, for a new
    model, another content or new depicts; 0: none."""
    max_megapixels: float = 40.0
    """Larger images are refused before they are decoded."""
    precision: str = "float32"
    """In which the image tower computes: one of ``PRECISIONS``. A lower one takes less memory and,
    on some processors, less time; it is refused where it changes what the model says."""
    embedding_cache: str = ""
    """File that remembers what images look like to the model, on a local disk; empty: none."""
    embedding_cache_mb: int = 512
    """Megabytes that the file may take; the oldest go out first."""
    demo_model: bool = False
    """Store the demo model's suggestions for a wiki that is not on loopback."""
    secret_key: str = field(default="", repr=False)
    """Key that signs decision tokens; required when the service faces a wiki off loopback."""
    allowed_origins: str = "https://commons.wikimedia.org"
    """Origins that may read the API from a browser, separated by spaces."""

    requests_per_minute: int = 6000
    """Questions to the API that each worker of the service answers, whoever asks."""
    page_requests_per_minute: int = 120
    """Questions about one page that each worker answers."""
    token_requests_per_minute: int = 30
    """Times that each worker takes decisions with one token."""

    @property
    def model_folder(self) -> str:
        """Folder of the model that serves; empty: the tiny demo model in the package."""
        return self.model or (self.models and f"{self.models}/{CURRENT}")


_SECRETS: Final = frozenset(f.name for f in fields(Settings) if not f.repr)


def is_loopback(host: str) -> bool:
    """Whether this host can only be this machine; a name other than localhost never is."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def on_loopback(url: str) -> bool:
    """Whether this address can only be of this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def _unknown(key: str, where: str) -> ConfigurationError:
    names = [f.name for f in fields(Settings)]
    near = difflib.get_close_matches(key.lower(), names, n=1, cutoff=0.0)[0]
    return ConfigurationError(f"{where}: unknown key {key!r}; the nearest valid one is {near!r}")


def _convert(key: str, value: Any, kind: type, where: str) -> Any:
    """``value`` as ``kind``; a text from the environment is parsed, other types must fit."""
    # a secret of the wrong type is still the secret
    told = type(value).__name__ if key in _SECRETS else repr(value)
    fault = ConfigurationError(f"{where}: {key} must be {kind.__name__}, not {told}")
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    if kind is bool and isinstance(value, str) and value.lower() in ("0", "1", "false", "true"):
        return value.lower() in ("1", "true")
    if kind in (int, float) and isinstance(value, str | int) and not isinstance(value, bool):
        try:
            return kind(value)
        except ValueError:
            raise fault from None
    raise fault


def _read(values: Mapping[str, Any], where: str) -> dict[str, Any]:
    kinds = {f.name: type(f.default) for f in fields(Settings)}
    for key in values:
        if key not in kinds:
            raise _unknown(key, where)
    return {key: _convert(key, value, kinds[key], where) for key, value in values.items()}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return _read(tomllib.loads(path.read_text(encoding="utf-8")), str(path))
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not TOML: {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    ours = {k: v for k, v in environment.items() if k.startswith(PREFIX)}
    named = {k.removeprefix(PREFIX).lower(): v.strip() for k, v in ours.items()}
    return _read(named, "environment")


def _check(settings: Settings) -> None:
    limits: dict[str, tuple[float, float]] = {
        "max_suggestions": (1, 5),
        "batch_size": (1, 500),
        "requests_per_run": (10, 1_000_000),
        "stale_per_run": (0, 100_000),
        "upload_delay_hours": (0, 24 * 365),
        "max_megapixels": (0.01, 1000),
        "embedding_cache_mb": (1, 1_000_000),
        "requests_per_minute": (1, 1_000_000),
        "page_requests_per_minute": (1, 1_000_000),
        "token_requests_per_minute": (1, 1_000_000),
    }
    for key, (low, high) in limits.items():
        value = getattr(settings, key)
        if not low <= value <= high:
            raise ConfigurationError(f"{key} must be between {low:,} and {high:,}, not {value!r}")
    if settings.thumbnail_width not in THUMBNAIL_WIDTHS:
        known = ", ".join(map(str, THUMBNAIL_WIDTHS))
        raise ConfigurationError(
            f"thumbnail_width must be one of {known}, not {settings.thumbnail_width}"
        )
    if settings.precision not in PRECISIONS:
        known = ", ".join(PRECISIONS)
        raise ConfigurationError(f"precision must be one of {known}, not {settings.precision!r}")
    for key in ("wiki_api", "query_service", "event_stream"):
        if not is_address(getattr(settings, key)):
            told = repr(getattr(settings, key))
            raise ConfigurationError(f"{key} must be an http(s) address, not {told}")
    if settings.service_url and not is_address(settings.service_url):
        raise ConfigurationError(
            f"service_url must be an http(s) address, not {settings.service_url!r}"
        )
    for origin in settings.allowed_origins.split():
        _check_origin(origin)


def _check_origin(text: str) -> None:
    """Browsers compare letter by letter: a slash too many would let nobody in, without a word."""
    parts = urlsplit(text) if is_address(text) else None
    if parts is None or text != f"{parts.scheme}://{parts.netloc.lower()}" or "@" in text:
        raise ConfigurationError(
            f"allowed_origins: not an origin as https://commons.wikimedia.org is: {text!r}"
        )


def check_production(settings: Settings) -> None:
    """Refuse what is fit for trying things out, and unsafe where the service faces people.

    Beside a wiki on loopback everything goes. Elsewhere a ConfigurationError names: a wiki or an
    origin that is not https, and SQLite, whose locks do not hold on a shared disk. (The key is
    looked at where it is used: ``depicts_toolforge.tokens.signing_key``.)
    """
    check_https(settings, settings.query_service, *settings.allowed_origins.split())
    if on_loopback(settings.wiki_api):
        return
    if settings.database_url.startswith("sqlite"):
        raise ConfigurationError(
            "database_url is SQLite: production needs a database server, mysql+pymysql://…"
        )


def check_https(settings: Settings, *others: str) -> None:
    """Refuse a wiki off loopback that is not https, and then ``others`` that are not.

    Whoever sits between could read the bot's password, and change what the wiki says.
    """
    if on_loopback(settings.wiki_api):
        return
    plain = [url for url in (settings.wiki_api, *others) if urlsplit(url).scheme != "https"]
    if plain:
        raise ConfigurationError(f"a wiki off this machine: https only, not {plain[0]}")


def is_address(url: str) -> bool:
    """Whether this names a scheme that we speak and a host; brackets and port must make sense."""
    try:
        parts = urlsplit(url)
        # reading the port checks it
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def load(path: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process.

    Raises ConfigurationError naming the file or the environment, the key, and for an unknown
    key the nearest valid one.
    """
    values = _from_file(path) if path else {}
    values |= _from_environment(os.environ if environment is None else environment)
    settings = Settings(**values)
    _check(settings)
    return settings
