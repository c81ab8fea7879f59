"""The server of production: its file is read, and the service starts under it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_gunicorn_reads_its_file_where_it_starts_and_makes_the_service(tmp_path: Path) -> None:
    settings = {
        "DEPICTS_DATABASE_URL": f"sqlite:///{tmp_path}/web.sqlite",
        "DEPICTS_SECRET_KEY": "of this test, and of nothing else",
        "DEPICTS_WIKI_API": "http://127.0.0.1:1/w/api.php",
    }
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--print-config",
        "depicts_toolforge.app:create_app()",
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **settings},
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
