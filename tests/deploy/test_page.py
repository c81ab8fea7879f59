"""The page of Toolforge: what `make deploy-check` would try is typed as Toolforge takes it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.console import shown
from tests.deploy.check import AFTER, PAGE, REPOSITORY, ROOT, sections
from tests.watching import unwatched

JOBS = ROOT / "toolforge" / "jobs.yaml"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [one.command for _, body in sections(TEXT) for one in shown(body)]
PROGRAMS = {"git", "echo", "suggest-depicts/toolforge/scripts/database-url", "openssl", "toolforge"}
PROGRAMS |= {"sql", "cp", "curl", "ls", "cat"}
LINK = re.compile(r"\]\((?!https?:)([^)]+)\)")


def test_every_command_stands_in_a_section() -> None:
    assert [one.command for one in shown(TEXT)] == COMMANDS
    assert len(COMMANDS) >= 30


def test_what_is_looked_at_afterwards_is_a_section_of_the_page() -> None:
    assert {*AFTER} <= {heading for heading, _ in sections(TEXT)}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[:60])
def test_a_command_begins_with_a_program_that_is_there(command: str) -> None:
    assert {part.split()[0] for part in command.split(" | ") if "$(" not in command} <= PROGRAMS
    assert "gitlab" not in command or REPOSITORY in command


def test_the_address_of_the_repository_is_typed_once_and_told_to_be_an_example() -> None:
    (first,) = [command for command in COMMANDS if "git clone" in command]
    assert REPOSITORY in first and TEXT.count("gitlab.") == 1
    builds = [command for command in COMMANDS if "build start" in command]
    asked = '"$(git -C suggest-depicts remote get-url origin)"'
    assert len(builds) == 3 and all(asked in command for command in builds)
    assert "only an example" in TEXT.partition(first)[0]


def test_scripts_and_files_that_the_page_names_are_there() -> None:
    named = re.findall(r"suggest-depicts/(toolforge/[\w./-]+)", TEXT)
    assert {"toolforge/scripts/backup", "toolforge/scripts/restore"} <= {*named}
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_links_lead_somewhere() -> None:
    slugs = {heading.lower().replace(" ", "-") for heading, _ in sections(TEXT)}
    for link in LINK.findall(TEXT):
        file, _, part = link.partition("#")
        assert not part or part in slugs
        assert not file or (PAGE.parent / file).exists()
    assert "docs/toolforge.md" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_page_names_every_job() -> None:
    named = re.findall(r"^\| `([\w-]+)` \| (?:always|hourly|daily|monthly)", TEXT, re.MULTILINE)
    assert sorted(named) == ["backup", "crawl", "harvest", "learn", "prune", "worker"]


# --- the Toolforge of our own refuses what Toolforge would ---


def bastion(folder: Path, *words: str, told: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**unwatched(os.environ), "STANDIN": str(folder), "HOME": str(folder)}
    environment |= {"STANDIN_PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-m", "tests.deploy.toolforge", *words],
        env=environment,
        cwd=ROOT,
        input=told,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_job_sees_the_tools_variables_and_nothing_of_ours(tmp_path: Path) -> None:
    name = ("toolforge", "envvars", "create", "DEPICTS_SECRET_KEY")
    assert bastion(tmp_path, *name, told="hush\n").returncode == 0
    run = ("toolforge", "jobs", "run", "x", "--image", "python3.11", "--wait")
    done = bastion(tmp_path, *run, "--command", "env | cut -d= -f1 | sort | tr '\\n' ' '")
    assert {"DEPICTS_SECRET_KEY", "HOME", "TOOL_DATA_DIR"} <= {*done.stderr.split()}
    assert "STANDIN" not in done.stderr and "PYTHONPATH" not in done.stderr


def test_a_variable_keeps_every_byte_that_is_piped_into_it(tmp_path: Path) -> None:
    create = ("toolforge", "envvars", "create")
    assert bastion(tmp_path, *create, "DEPICTS_CONTACT", told="x\n").returncode == 0
    assert json.loads((tmp_path / "envvars").read_text()) == {"DEPICTS_CONTACT": "x\n"}


REFUSED = {
    "a misspelt verb": "toolforge jobs laod x.yaml",
    "an image that is none": "toolforge jobs run x --image tf-python39 --wait --command true",
    "a job that fails": "toolforge jobs run x --image python3.11 --wait --command false",
    "too much memory": "toolforge jobs run x --image python3.11 --mem 9Gi --wait --command true",
    "an unknown program": "toolforge webservices start",
    "no template": "toolforge webservice start",
    "nothing to stop": "toolforge webservice stop",
    "another database": "sql commonswiki",
    "another host": "curl -fsS https://example.org/",
    "the first try only": "curl -fsS https://suggest-depicts.toolforge.org/healthz",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_toolforge_would_not_do_is_refused(case: str, tmp_path: Path) -> None:
    done = bastion(tmp_path, *shlex.split(REFUSED[case]))
    assert done.returncode and done.stderr and "Traceback" not in done.stderr


def test_the_log_of_a_job_is_where_the_page_says(tmp_path: Path) -> None:
    toolforge = ("toolforge", "jobs")
    assert bastion(tmp_path, *toolforge, "load", str(JOBS)).returncode == 0
    assert bastion(tmp_path, *toolforge, "logs", "worker").returncode == 0
    done = bastion(tmp_path, *toolforge, "logs", "crawl")
    assert done.returncode and "file logging" in done.stderr
    run = (*toolforge, "run", "x", "--image", "python3.11", "--wait", "--command")
    bastion(tmp_path, *run, "echo said; echo wrong >&2; false")
    assert (tmp_path / "x.out").read_text() == "said\n"
    assert (tmp_path / "x.err").read_text() == "wrong\n"


def test_a_backup_fits_beside_everything_and_an_environment_does_not(tmp_path: Path) -> None:
    """Toolforge would let it wait for ever."""
    kept = {"web": {"port": 1}, "template": yaml.safe_load((ROOT / "service.template").read_text())}
    for name, value in kept.items():
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    assert bastion(tmp_path, "toolforge", "jobs", "load", str(JOBS)).returncode == 0
    run = ("toolforge", "jobs", "run", "x", "--image", "mariadb", "--wait", "--command", "true")
    assert bastion(tmp_path, *run).returncode == 0
    done = bastion(tmp_path, *run, "--mem", "2Gi")
    assert done.returncode and "the tool has 8192" in done.stderr


def test_what_a_container_gets_is_taken_along_by_upgrade_and_roll_back() -> None:
    for heading, body in sections(TEXT):
        commands = [one.command for one in shown(body)]
        if heading in ("The web service", "Upgrade", "Roll back"):
            start = commands.index("toolforge webservice start")
            assert commands[start - 1] == "cp suggest-depicts/service.template ."


def test_jobs_with_a_slip_are_not_loaded(tmp_path: Path) -> None:
    good = JOBS.read_text(encoding="utf-8")
    for text, status in ((good, 0), (good.replace("schedule:", "schedul:"), 1)):
        file = tmp_path / "jobs.yaml"
        file.write_text(text, encoding="utf-8")
        assert bastion(tmp_path, "toolforge", "jobs", "load", str(file)).returncode == status
    assert len(json.loads((tmp_path / "jobs").read_text())) == 6
