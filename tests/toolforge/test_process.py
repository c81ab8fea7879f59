"""``depicts-web`` as a process: what it maps, how it stops, and how it refuses."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from depicts_model.store import Store
from depicts_model.types import NothingReason, NothingToSuggest
from tests.model.store.values import V, file_ref, suggested

WEB = str(Path(sys.executable).parent / "depicts-web")
LOCAL = 'wiki_api = "http://127.0.0.1:1/w/api.php"\n'


def configured(folder: Path, text: str = LOCAL) -> Path:
    path = folder / "web.toml"
    path.write_text(f'{text}database_url = "sqlite:///{folder}/web.sqlite"\n', encoding="utf-8")
    return path


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it serves."""
    command = [WEB, "--port", "0", "--config", str(configured(folder))]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()


def ask(url: str) -> tuple[int, dict[str, object]]:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.status, json.load(answer)


def token_for(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return str(answer.headers["Decision-Token"])


def fill(folder: Path) -> None:
    with Store.open(f"sqlite:///{folder}/web.sqlite") as store:
        run = store.start_run("bot", V, {})
        results = [(file_ref(n), suggested(n)) for n in range(1, 30)]
        store.save_batch(run, V, results)
        store.save_batch(run, V, [(file_ref(30), NothingToSuggest(NothingReason.NOT_SURE))])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks at Linux's /proc")
def test_after_a_hundred_requests_nothing_heavy_is_mapped(tmp_path: Path) -> None:
    fill(tmp_path)
    with running(tmp_path) as (process, url):
        asked = [ask(f"{url}/api/v1/files/M{n % 35 + 1}/suggestions?lang=de") for n in range(99)]
        asked.append(ask(f"{url}/healthz"))
        maps = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
        process.terminate()
        _, log = process.communicate(timeout=20)
    assert {status for status, _ in asked} == {200, 202}
    assert "sqlite" in maps
    for library in ("torch", "faiss", "numpy", "scipy", "transformers", "pywikibot", "tokenizers"):
        assert library not in maps.lower()
    assert process.returncode == 0
    assert len(log.splitlines()) == 100
    assert "127.0.0.1" not in log and "Traceback" not in log


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WEB, *words],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_answers_at_once() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = run("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert answer.returncode == 0 and "--port" in answer.stdout
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 0.3


REFUSED = {
    "host": (["--host", "0.0.0.0"], {}, "--host 0.0.0.0: not a loopback address"),
    "host, nonsense": (["--host", "x y"], {}, "--host x y: not a loopback address"),
    "port": (["--port", "65536"], {}, "65536 is not in the range"),
    "config": (["--config", "nowhere.toml"], {}, "nowhere.toml: No such file"),
    "unknown key": ([], {"DEPICTS_SECRET_KYE": "x"}, "nearest valid one is 'secret_key'"),
    "no key": (["--port", "0"], {}, "secret_key is not set"),
    "command": (["start"], {}, "No such command 'start'"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", REFUSED)
def test_a_start_that_makes_no_sense_is_one_line(case: str) -> None:
    words, environment, expected = REFUSED[case]
    answer = run(*words, **environment)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert expected in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr


def _cut_catalog(folder: Path) -> dict[str, str]:
    starter = Path(str(files("depicts_model").joinpath("data", "starter.sqlite"))).read_bytes()
    (folder / "cut.sqlite").write_bytes(starter[: len(starter) // 2])
    return {"catalog": str(folder / "cut.sqlite")}


def _garbage_store(folder: Path) -> dict[str, str]:
    (folder / "web.sqlite").write_bytes(GARBAGE)
    return {}


def _setting(key: str, value: str) -> Callable[[Path], dict[str, str]]:
    return lambda folder: {key: value.replace("FOLDER", str(folder))}


GARBAGE = b"not a database " * 100
UNFIT: dict[str, tuple[Callable[[Path], dict[str, str]], list[str]]] = {
    "catalog cut short": (_cut_catalog, ["cut.sqlite: "]),
    "catalog, a folder": (_setting("catalog", "FOLDER"), ["Is a directory"]),
    "no catalog": (_setting("catalog", "FOLDER/none.sqlite"), ["none.sqlite: "]),
    "garbage for a store": (_garbage_store, ["web.sqlite: file is not a database"]),
    "store, a folder": (_setting("database_url", "sqlite:///FOLDER"), ["unable to open"]),
    "half an address": (_setting("wiki_api", "http://[x"), ["wiki_api", "'http://[x'"]),
    "no host": (_setting("wiki_api", "http://"), ["wiki_api", "'http://'"]),
    "database's port": (
        _setting("database_url", "mysql://u:hush@h:abc/db"),
        ["database_url: ", "port must be a number"],
    ),
    "width": (_setting("thumbnail_width", "333"), ["thumbnail_width", "not 333"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", UNFIT)
def test_what_it_cannot_serve_from_is_one_line(tmp_path: Path, case: str) -> None:
    prepare, expected = UNFIT[case]
    config = str(configured(tmp_path))
    settings = {f"DEPICTS_{key.upper()}": value for key, value in prepare(tmp_path).items()}
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    answer = run("--port", "0", "--config", config, **settings)
    assert (answer.returncode, answer.stdout) == (2, "")
    (line,) = answer.stderr.splitlines()
    assert [words for words in expected if words not in line] == []
    assert "hush" not in line
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def post(url: str, body: object) -> tuple[int, dict[str, object]]:
    data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
    asked = urllib.request.Request(url, data, headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="fills the disk of one process")
def test_a_verdict_on_a_full_disk_is_refused_and_loses_nothing(tmp_path: Path) -> None:
    fill(tmp_path)
    with running(tmp_path) as (process, url):
        tokens = [token_for(f"{url}/api/v1/files/M{n}/suggestions") for n in (1, 2)]
        bodies = [
            {"token": token, "decisions": [{"item": "Q146", "verdict": "accepted"}]}
            for token in tokens
        ]
        urls = [f"{url}/api/v1/files/M{n}/decisions" for n in (1, 2)]
        assert post(urls[0], bodies[0]) == (201, {"stored": 1, "not_offered": []})
        _, most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, most))
        status, problem = post(urls[1], bodies[1])
        assert (status, problem["code"]) == (503, "unavailable")
        assert ask(f"{url}/api/v1/files/M1/suggestions")[0] == 200
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
        assert post(urls[0], bodies[0]) == (200, {"stored": 0, "not_offered": []})
        assert post(urls[1], bodies[1]) == (201, {"stored": 1, "not_offered": []})
        process.terminate()
        _, log = process.communicate(timeout=20)
    assert "Traceback" not in log
    assert [line for line in log.splitlines() if "unavailable: " in line and "web.sqlite" in line]
    with Store.open(f"sqlite:///{tmp_path}/web.sqlite") as store:
        assert store.counts()["decisions"] == 2


@pytest.mark.slow
def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        answer = run("--port", port, "--config", str(configured(tmp_path)))
    assert answer.returncode == 2
    assert answer.stderr == f"error: --port {port} on 127.0.0.1: Address already in use\n"


@pytest.mark.slow
def test_an_interrupt_ends_it_quietly(tmp_path: Path) -> None:
    with running(tmp_path) as (process, url):
        assert ask(f"{url}/healthz")[0] == 200
        process.send_signal(signal.SIGINT)
        _, log = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in log
