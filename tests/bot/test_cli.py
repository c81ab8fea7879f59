"""What the command says to nonsense: one line that names what and where, exit code 2."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner, Result

from depicts_bot import site
from depicts_bot.cli import main
from depicts_bot.runner import Options, check_model
from depicts_bot.site import connect
from depicts_model.errors import ConfigurationError, WikiError
from depicts_model.settings import Settings

NOBODY = "http://127.0.0.1:1/w/api.php"

Prepare = Callable[[Path], dict[str, str]]


def depicts_bot(folder: Path, environment: dict[str, str], *arguments: str) -> Result:
    """The command with a store in ``folder`` and a wiki where nobody answers."""
    usual = {
        "wiki_api": NOBODY,
        "wiki_username": "A@b",
        "wiki_password": "secret-word",
        "database_url": f"sqlite:///{folder}/store.sqlite",
    }
    values = {f"DEPICTS_{key.upper()}": value for key, value in (usual | environment).items()}
    return CliRunner().invoke(main, ["run", *arguments], env=values)


def cut_catalog(folder: Path) -> dict[str, str]:
    starter = Path(str(files("depicts_model").joinpath("data", "starter.sqlite"))).read_bytes()
    cut = folder / "cut.sqlite"
    cut.write_bytes(starter[: len(starter) // 2])
    return {"catalog": str(cut)}


def garbage_store(folder: Path) -> dict[str, str]:
    (folder / "garbage.sqlite").write_bytes(b"not a database " * 100)
    return {"database_url": f"sqlite:///{folder}/garbage.sqlite"}


def garbage_cache(folder: Path) -> dict[str, str]:
    (folder / "garbage.cache").write_bytes(b"not a cache " * 100)
    return {"embedding_cache": str(folder / "garbage.cache")}


def setting(**values: str) -> Prepare:
    return lambda folder: {k: v.replace("FOLDER", str(folder)) for k, v in values.items()}


TABLE = [
    pytest.param(setting(), ["no-answer", NOBODY], id="nobody answers"),
    pytest.param(
        setting(wiki_api="https://no-such-host.invalid/w/api.php"),
        ["network", "no-such-host.invalid"],
        id="unknown host",
    ),
    pytest.param(
        setting(wiki_api="http://no-such-host.invalid/w/api.php"),
        ["https only, not http://no-such-host.invalid/w/api.php"],
        id="a wiki in plain text",
    ),
    pytest.param(setting(wiki_api="commons"), ["wiki_api", "'commons'"], id="no address"),
    pytest.param(setting(wiki_api="http://[x"), ["wiki_api", "'http://[x'"], id="half an address"),
    pytest.param(setting(wiki_api="http://"), ["wiki_api", "'http://'"], id="no host"),
    pytest.param(
        setting(thumbnail_width="333"), ["thumbnail_width", "250, 330, 500", "not 333"], id="width"
    ),
    pytest.param(setting(wiki_password=""), ["wiki_password", "BotPasswords"], id="no password"),
    pytest.param(setting(wiki_username="A"), ["wiki_username", "User@label"], id="no label"),
    pytest.param(setting(batch_siez="5"), ["'batch_siez'", "'batch_size'"], id="unknown key"),
    pytest.param(setting(batch_size="many"), ["batch_size", "'many'"], id="not a number"),
    pytest.param(setting(catalog="FOLDER/none.sqlite"), ["none.sqlite"], id="no catalog"),
    pytest.param(cut_catalog, ["cut.sqlite"], id="catalog cut short"),
    pytest.param(garbage_store, ["garbage.sqlite", "not a database"], id="garbage for a store"),
    pytest.param(
        setting(database_url="sqlite:///FOLDER/no/such/folder/s.sqlite"),
        ["folder/s.sqlite", "unable to open"],
        id="store unwritable",
    ),
    pytest.param(setting(database_url="nonsense"), ["database_url"], id="no database"),
    pytest.param(
        setting(precision="int8"), ["precision", "float32, bfloat16", "'int8'"], id="precision"
    ),
    pytest.param(
        garbage_cache, ["garbage.cache", "damaged", "delete it"], id="garbage for a cache"
    ),
    pytest.param(
        setting(embedding_cache="FOLDER/no/such/folder/c.sqlite"),
        ["folder/c.sqlite", "unable to open"],
        id="cache unwritable",
    ),
    pytest.param(
        setting(database_url="mysql://u:secret-word@h:abc/db"),
        ["database_url", "port must be a number"],
        id="database's port",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("prepare", "words"), TABLE)
def test_nonsense_is_answered_in_one_line(
    tmp_path: Path, prepare: Prepare, words: list[str]
) -> None:
    result = depicts_bot(tmp_path, prepare(tmp_path))
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert [word for word in words if word not in line] == []
    assert "secret-word" not in line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"batch_siez = 5", ["settings.toml", "'batch_siez'", "'batch_size'"]),
        (b"batch_size = ", ["settings.toml", "not TOML"]),
        (b"\xff\xfe", ["settings.toml", "not TOML"]),
        (None, ["settings.toml", "No such file"]),
    ],
)
def test_a_bad_file_of_settings(tmp_path: Path, content: bytes | None, words: list[str]) -> None:
    path = tmp_path / "settings.toml"
    if content is not None:
        path.write_bytes(content)
    result = depicts_bot(tmp_path, {}, "--config", str(path))
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert [word for word in words if word not in line] == []


@pytest.mark.parametrize("arguments", [["--limit", "0"], ["--limit", "x"], ["--sumilate"]])
def test_bad_usage(tmp_path: Path, arguments: list[str]) -> None:
    assert depicts_bot(tmp_path, {}, *arguments).exit_code == 2


@pytest.mark.slow
def test_a_simulation_leaves_no_database_and_no_cache(tmp_path: Path) -> None:
    depicts_bot(tmp_path, {"embedding_cache": str(tmp_path / "c.sqlite")}, "--simulate")
    assert list(tmp_path.iterdir()) == []


def test_a_simulation_does_not_bring_an_old_store_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.touch()
    before = path.stat().st_mtime_ns
    result = depicts_bot(tmp_path, {}, "--simulate")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "store.sqlite: schema missing" in line and "0005" in line
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (b"", before)
    assert list(tmp_path.iterdir()) == [path]


class Answering(BaseHTTPRequestHandler):
    """Good JSON, and no MediaWiki's: to every question the same."""

    told: ClassVar[bytes] = b"{}"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.told)))
        self.end_headers()
        self.wfile.write(self.told)

    do_POST = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (b"{}", "network"),
        (b'{"query": 5}', "not-a-mediawiki"),
        (b'{"query": {"userinfo": {"id": 0}}}', "not-a-mediawiki"),
    ],
)
def test_json_that_is_no_mediawikis_is_said_in_one_line(
    tmp_path: Path, told: bytes, code: str
) -> None:
    made = type("Made", (Answering,), {"told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        api = f"http://127.0.0.1:{server.server_address[1]}/w/api.php"
        result = depicts_bot(tmp_path, {"wiki_api": api})
        server.shutdown()
        thread.join()
    assert result.exit_code == 2, result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: {code}: ") and api in line


@pytest.mark.parametrize("fault", [KeyError("domain"), TypeError("ours"), AssertionError()])
def test_a_fault_of_ours_is_not_blamed_on_the_wiki(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr(site, "_site", broken)
    with pytest.raises(type(fault)):
        connect(Settings(wiki_api=NOBODY, wiki_username="A@b", wiki_password="c"))


REAL = Settings(wiki_api="https://commons.wikimedia.org/w/api.php")
LOCAL = Settings(wiki_api=NOBODY)


def test_the_demo_model_stores_nothing_for_a_real_wiki() -> None:
    with pytest.raises(ConfigurationError, match="--demo-model"):
        check_model(True, REAL, Options())


@pytest.mark.parametrize(
    ("demo", "settings", "options"),
    [
        (False, REAL, Options()),
        (True, LOCAL, Options()),
        (True, REAL, Options(simulate=True)),
        (True, Settings(wiki_api=REAL.wiki_api, demo_model=True), Options()),
    ],
)
def test_other_models_and_wikis_are_let_through(
    demo: bool, settings: Settings, options: Options
) -> None:
    check_model(demo, settings, options)


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"]])
def test_help_costs_little(arguments: list[str]) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", "from depicts_bot.cli import main; main()", *arguments]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    assert spent < 0.3


@pytest.mark.parametrize(
    ("api", "live", "blocked"),
    [
        ("https://no-such-host.invalid/w/api.php", False, True),
        ("https://no-such-host.invalid/w/api.php", True, False),
        (NOBODY, False, False),
    ],
)
def test_writes_to_a_real_wiki_are_blocked_in_pywikibot_itself(
    api: str, live: bool, blocked: bool
) -> None:
    settings = Settings(wiki_api=api, wiki_username="A@b", wiki_password="c")
    with pytest.raises(WikiError):
        connect(settings, live)
    from pywikibot import config

    assert config.simulate is blocked
