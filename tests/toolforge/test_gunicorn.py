"""The server of production: its file is read, and the service starts under it."""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from depicts_toolforge.logs import ServerLines

ROOT = Path(__file__).parents[2]


def environment(folder: Path) -> dict[str, str]:
    settings = {
        "DEPICTS_DATABASE_URL": f"sqlite:///{folder}/web.sqlite",
        "DEPICTS_SECRET_KEY": "of this test, and of nothing else",
        "DEPICTS_WIKI_API": "http://127.0.0.1:1/w/api.php",
        "HOME": str(folder),
    }
    return {**os.environ, **settings}


GUNICORN = [sys.executable, "-m", "gunicorn", "depicts_toolforge.app:create_app()"]


@pytest.mark.slow
def test_gunicorn_reads_its_file_where_it_starts_and_makes_the_service(tmp_path: Path) -> None:
    done = subprocess.run(
        [*GUNICORN, "--print-config"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    values = {key.strip(): value.strip() for key, value in found.items()}
    assert values["config"] == "./gunicorn.conf.py"
    assert (values["preload_app"], values["workers"]) == ("True", "2")
    assert "pre_fork" in values["pre_fork"]


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int, list[str]]]:
    """The server, its port, and what it has logged so far."""
    command = [*GUNICORN, "--bind", "127.0.0.1:0", "--workers", "1"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(folder), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            lines: list[str] = []
            while "Listening" not in (lines or [""])[-1]:
                lines.append(process.stderr.readline())
                assert lines[-1], "".join(lines)
            found = re.search(r":(\d+) \(", lines[-1])
            assert found is not None
            yield process, int(found[1]), lines
        finally:
            process.kill()


NO_REQUESTS = (
    b"GET /api/v1/items?search=my+secret+words\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nCookie Alice: secret\r\n\r\n",
    b"GET /secret HTTP/1.1\r\nHost: a\r\nContent-Length: Alice\r\n\r\n",
    b"GET /" + b"secret" * 2000 + b" HTTP/1.1\r\n\r\n",
)


@pytest.mark.slow
def test_what_is_no_request_leaves_neither_its_words_nor_an_address_in_the_log(
    tmp_path: Path,
) -> None:
    with served(tmp_path) as (process, port, lines):
        for words in NO_REQUESTS:
            with socket.create_connection(("127.0.0.1", port), 20) as asked:
                asked.sendall(words)
                assert asked.recv(100).startswith(b"HTTP/1.1 4")
        process.terminate()
        lines += process.communicate(timeout=30)[1].splitlines()
    told = [json.loads(line) for line in lines]
    assert [one["message"] for one in told].count("Invalid request") == len(NO_REQUESTS)
    logged = "".join(lines)
    assert "secret" not in logged and "Alice" not in logged and "ip=" not in logged
    assert logged.count("127.0.0.1") == 1, "where it listens"
    assert {path.name for path in tmp_path.iterdir()} <= {"web.sqlite"}, "no control socket"


def test_a_fault_of_the_server_is_told_by_its_kind_and_place() -> None:
    try:
        raise ValueError("GET /secret")
    except ValueError:
        fault = sys.exc_info()
    made = ("gunicorn.error", logging.ERROR, __file__, 1)
    words = logging.LogRecord(*made, "Error handling request %s %s", ("GET", "/secret"), fault)
    line = ServerLines().format(words)
    assert "secret" not in line
    said = json.loads(line)["message"]
    assert said.startswith("Error handling request") and "ValueError at test_gunicorn.py:" in said
    pid = logging.LogRecord(*made, "WORKER TIMEOUT (pid:%s)", (7,), None)
    assert json.loads(ServerLines().format(pid))["message"] == "WORKER TIMEOUT (pid:7)"
