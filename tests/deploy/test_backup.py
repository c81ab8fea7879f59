"""A backup is whole or is not there; a restore gives back every row, and takes none unasked."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError

from depicts_model.store import Store
from depicts_model.types import Decision, Mid, Qid, Verdict
from tests.deploy.mariadb import PASSWORD, Server
from tests.model.store.values import V

SCRIPTS = Path(__file__).parents[2] / "toolforge" / "scripts"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)

pytestmark = pytest.mark.slow


def script(
    name: str, url: str, home: Path, *words: str | Path, **more: str
) -> subprocess.CompletedProcess[str]:
    kept = {key: os.environ[key] for key in ("PATH",)}
    environment = {**kept, "HOME": str(home), "DEPICTS_DATABASE_URL": url, **more}
    command = [str(SCRIPTS / name), *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def decide(url: str, number: int) -> None:
    with Store.open(url) as store:
        one = Decision(Mid(f"M{number}"), f"{number:040x}", Qid("Q146"), Verdict.ACCEPTED, NOW, 7)
        store.add_decisions(f"key {number}", [one], V)


def decided(url: str) -> list[int]:
    with Store.open(url) as store:
        return [n for n in range(1, 9) if store.decisions(Mid(f"M{n}"))]


def backups(home: Path) -> list[Path]:
    return sorted((home / "backups").iterdir())


def test_what_is_backed_up_comes_back_and_what_came_later_is_kept_aside(
    server: Server, database: str, tmp_path: Path
) -> None:
    url = server.url(database)
    decide(url, 1)
    with Store.open(url) as store:
        run = store.start_run("bot", V, {"words": "ü \U0001f431 ‮"})
    done = script("backup", url, tmp_path)
    (file,) = backups(tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{file}\n"), done.stderr
    assert file.stat().st_mode & 0o077 == 0
    decide(url, 2)

    refused = script("restore", url, tmp_path, file)
    assert refused.returncode == 2 and "say --replace" in refused.stderr
    assert decided(url) == [1, 2]

    done = script("restore", url, tmp_path, "--replace", file)
    assert done.returncode == 0, done.stderr
    assert decided(url) == [1]
    with Store.open(url) as store:
        assert store.last_inputs("bot") == {"words": "ü \U0001f431 ‮"}
        store.finish_run(run, {})
    assert script("restore", url, tmp_path, "--replace", backups(tmp_path)[1]).returncode == 0
    assert decided(url) == [1, 2]


def test_the_line_break_of_a_pipe_is_no_part_of_the_address(
    server: Server, database: str, tmp_path: Path
) -> None:
    decide(server.url(database), 1)
    done = script("backup", f"{server.url(database)}\n", tmp_path)
    assert done.returncode == 0, done.stderr


CHECKING = """\
#!/usr/bin/env bash
# {name}, which checks certificates unless it is told not to, as it does from 11.4 on
options=$(mktemp)
{{ printf '[client]\\nssl-verify-server-cert=1\\n'; cat "${{1#--defaults-file=}}"; }} >"$options"
{real} --defaults-file="$options" "${{@:2}}"
"""


def test_a_client_that_checks_certificates_speaks_with_a_server_that_has_none(
    server: Server, database: str, tmp_path: Path
) -> None:
    url, programs = server.url(database), tmp_path / "bin"
    decide(url, 1)
    programs.mkdir()
    for name in ("mariadb", "mariadb-dump"):
        program = programs / name
        program.write_text(CHECKING.format(name=name, real=shutil.which(name)), encoding="utf-8")
        program.chmod(0o755)
    newer = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    done = script("backup", url, tmp_path, **newer)
    assert done.returncode == 0, done.stderr
    done = script("restore", url, tmp_path, "--replace", done.stdout.strip(), **newer)
    assert done.returncode == 0, done.stderr
    assert decided(url) == [1]


def test_tables_of_a_newer_schema_do_not_outlive_a_restore(
    server: Server, database: str, tmp_path: Path
) -> None:
    url = server.url(database)
    decide(url, 1)
    file = script("backup", url, tmp_path).stdout.strip()
    server.real.carry_out(
        f"CREATE TABLE {database}.newer (id INT PRIMARY KEY, file_id INT,"
        f" FOREIGN KEY (file_id) REFERENCES {database}.file (id))"
    )
    assert script("restore", url, tmp_path, "--replace", file).returncode == 0
    with pytest.raises(ProgrammingError, match="doesn't exist"):
        server.real.carry_out(f"SELECT 1 FROM {database}.newer")
    assert decided(url) == [1]


def test_the_newest_are_kept_and_nothing_else_is_touched(
    server: Server, database: str, tmp_path: Path
) -> None:
    url = server.url(database)
    decide(url, 1)
    (tmp_path / "backups").mkdir()
    mine = tmp_path / "backups" / "before-the-move.sql.gz"
    mine.write_bytes(b"mine")
    made = [Path(script("backup", url, tmp_path, KEEP="2").stdout.strip()) for _ in range(3)]
    assert backups(tmp_path) == [mine, *made[1:]]


def test_a_dump_that_fails_leaves_no_file_and_one_line(
    server: Server, database: str, tmp_path: Path
) -> None:
    done = script("backup", server.url(f"{database}nowhere"), tmp_path)
    assert done.returncode and "nowhere" in done.stderr
    assert backups(tmp_path) == []
    assert PASSWORD not in done.stderr


def test_a_file_cut_short_is_not_restored(server: Server, database: str, tmp_path: Path) -> None:
    url = server.url(database)
    decide(url, 1)
    file = Path(script("backup", url, tmp_path).stdout.strip())
    whole = gzip.decompress(file.read_bytes())
    cut = tmp_path / "cut.sql.gz"
    for content in (file.read_bytes()[:-100], gzip.compress(whole[: len(whole) // 2]), b"x"):
        cut.write_bytes(content)
        done = script("restore", url, tmp_path, "--replace", cut)
        assert (done.returncode, done.stderr) == (2, f"error: {cut}: not a whole backup\n")
    assert decided(url) == [1]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "DEPICTS_DATABASE_URL is not set"),
        ("sqlite:///web.sqlite", "DEPICTS_DATABASE_URL is not mysql+pymysql://"),
        ("mysql+pymysql://us:hush@host", "DEPICTS_DATABASE_URL is not mysql+pymysql://"),
    ],
)
@pytest.mark.parametrize("name", ["backup", "restore"])
def test_an_address_that_is_none_is_one_line(
    name: str, url: str, words: str, tmp_path: Path
) -> None:
    done = script(name, url, tmp_path, "x")
    assert done.returncode == 2 and "hush" not in done.stderr
    assert done.stderr.startswith(f"error: {words}") and len(done.stderr.splitlines()) == 1


def test_the_address_of_the_database_is_made_of_what_toolforge_gives(
    server: Server, database: str, tmp_path: Path
) -> None:
    given = tmp_path / "replica.my.cnf"
    given.write_text(f"[client]\nuser = s12345\npassword = {PASSWORD}\n", encoding="utf-8")
    name = database.partition("__")[2]
    more = {"TOOLSDB_HOST": f"127.0.0.1:{server.port}"}
    done = script("database-url", "", tmp_path, name, **more)
    assert done.stdout == server.url(database), done.stderr
    decide(done.stdout, 3)
    given.unlink()
    done = script("database-url", "", tmp_path, name)
    assert (done.returncode, done.stdout) == (1, "") and "no user and password" in done.stderr
