"""Production refuses what is fit for trying things out, in one line; depicts-web does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings, check_production, load
from tests.watching import unwatched

ROOT = Path(__file__).parents[2]
KEY = "of this test, and of nothing else"
MARIADB = "mysql+pymysql://us:hush@127.0.0.1:1/depicts"
UNSAFE = {
    "no key": ({"database_url": MARIADB}, "secret_key is not set"),
    "a short key": ({"database_url": MARIADB, "secret_key": "hush"}, "fewer than 32"),
    "no database server": ({"secret_key": KEY}, "database_url is SQLite"),
    "a wiki in plain text": (
        {"secret_key": KEY, "database_url": MARIADB, "wiki_api": "http://wiki.test/w/api.php"},
        "https only, not http://wiki.test/w/api.php",
    ),
    "an origin in plain text": (
        {"secret_key": KEY, "database_url": MARIADB, "allowed_origins": "http://wiki.test"},
        "https only, not http://wiki.test",
    ),
    "everybody": (
        {"secret_key": KEY, "database_url": MARIADB, "allowed_origins": "*"},
        "allowed_origins: not an origin",
    ),
    "an unknown key": ({"secret_kye": KEY}, "the nearest valid one is 'secret_key'"),
    "no database": ({"secret_key": KEY, "database_url": MARIADB}, "mysql+pymysql://us:***@"),
}


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    """Gunicorn with these settings and none of ours; it ends before it listens."""
    plain = unwatched(os.environ)
    kept = {name: value for name, value in plain.items() if not name.startswith("DEPICTS_")}
    ours = {f"DEPICTS_{key.upper()}": value for key, value in settings.items() if key.islower()}
    others = {key: value for key, value in settings.items() if key.isupper()}
    command = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0"]
    return subprocess.run(
        [*command, "depicts_toolforge.app:create_app()"],
        cwd=ROOT,
        env={**kept, **ours, **others},
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.mark.slow
@pytest.mark.parametrize("case", UNSAFE)
def test_gunicorn_does_not_start_with_what_is_unsafe(case: str) -> None:
    settings, words = UNSAFE[case]
    done = start(**settings)
    (line,) = [one for one in done.stderr.splitlines() if one.startswith("error: ")]
    assert done.returncode == 2 and words in line
    assert "Traceback" not in done.stderr and "hush" not in done.stderr


@pytest.mark.slow
def test_gunicorn_does_not_start_a_debugger() -> None:
    done = start(secret_key=KEY, database_url=MARIADB, FLASK_DEBUG="1")
    assert (done.returncode, "FLASK_DEBUG is set" in done.stderr) == (2, True)


def test_safe_settings_and_a_wiki_on_loopback_are_taken() -> None:
    check_production(Settings(database_url=MARIADB))
    check_production(Settings(wiki_api="http://127.0.0.1:1/w/api.php"))
    with pytest.raises(ConfigurationError, match="not http"):
        check_production(Settings(database_url=MARIADB, query_service="http://127.0.0.1/sparql"))


@pytest.mark.parametrize(
    "origin",
    [
        *("*", "null", "commons.wikimedia.org", "https://commons.wikimedia.org/", "https://"),
        *("https://Commons.wikimedia.org", "https://u@commons.test", "https://commons.test/w"),
    ],
)
def test_what_no_browser_would_send_as_its_origin_is_refused(origin: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^allowed_origins: not an origin"):
        load(None, {"DEPICTS_ALLOWED_ORIGINS": f"https://commons.wikimedia.org {origin}"})


def test_several_origins_and_a_port_are_taken() -> None:
    origins = "https://commons.wikimedia.org http://127.0.0.1:8080"
    assert load(None, {"DEPICTS_ALLOWED_ORIGINS": origins}).allowed_origins == origins
