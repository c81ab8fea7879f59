"""What Toolforge reads from this repository fits what is in it, and what Toolforge takes."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from packaging.specifiers import SpecifierSet

from depicts_bot.cli import main as depicts_bot
from depicts_model.cli import main as depicts_model
from tests import pinned
from tests.deploy import jobs, toolinfo

ROOT = Path(__file__).parents[2]
JOBS = ROOT / "toolforge" / "jobs.yaml"
SCRIPTS = ("backup", "restore", "make-venv", "database-url", "learn")
GROUPS = {"depicts-bot": depicts_bot, "depicts-model": depicts_model}
HEAVY = {"torch", "numpy", "scipy", "faiss-cpu", "transformers", "pywikibot", "pillow"}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# --- what the buildpack reads ---


def test_the_requirements_are_those_of_the_web_extra_at_the_versions_of_the_tests() -> None:
    assert text("requirements.txt") == pinned.requirements(), "python -m tests.pinned"


def test_the_web_container_gets_no_torch_and_all_that_the_extra_names() -> None:
    found = pinned.needed("web")
    assert {"flask", "gunicorn", "itsdangerous", "pymysql", "sqlalchemy", "alembic"} <= found
    assert found.isdisjoint(HEAVY)
    assert pinned.needed("linker") >= {"torch", "numpy"}


def test_what_is_not_pinned_is_named() -> None:
    assert pinned.pins("# x\nFlask==3.1\ntorch>=2\nclick-default-group==1\n") == {
        "flask": "Flask==3.1",
        "click-default-group": "click-default-group==1",
    }


def test_the_python_is_one_that_we_run_on() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    version = text(".python-version").strip()
    assert version in SpecifierSet(setup["options"]["python_requires"])
    assert {job["image"] for job in jobs.read(JOBS)} == {f"python{version}", "mariadb"}


def test_the_procfile_starts_gunicorn_over_the_sources_that_the_service_needs() -> None:
    (line,) = text("Procfile").splitlines()
    kind, _, command = line.partition(": ")
    words = shlex.split(command)
    assert (kind, words[0], words[-1]) == (
        "web",
        "gunicorn",
        "depicts_toolforge.app:create_app()",
    )
    roots = words[words.index("--pythonpath") + 1].split(",")
    packages = {p.name for root in roots for p in (ROOT / root).glob("depicts_*") if p.is_dir()}
    assert packages == {"depicts_model", "depicts_toolforge"}


def test_the_service_template_is_as_toolforge_wants_it() -> None:
    found = yaml.safe_load(text("service.template"))
    assert found["type"] == "buildservice" and found["mount"] == "all"
    assert found["health-check-path"] == "/livez"
    assert jobs.faults({**found, **_ANY_JOB}) == [
        "unknown key health-check-path",
        "unknown key type",
    ]


_ANY_JOB = {"name": "x", "command": "x", "image": "python3.11", "schedule": "@daily"}


# --- the jobs ---


@pytest.mark.parametrize("job", jobs.read(JOBS) + jobs.later(JOBS), ids=lambda job: job["name"])
def test_a_job_is_one_that_toolforge_takes(job: dict[str, Any]) -> None:
    assert jobs.faults(job) == []


def test_the_jobs_are_those_of_the_service_and_fit_beside_it() -> None:
    found, coming = jobs.read(JOBS), jobs.later(JOBS)
    names = [job["name"] for job in found]
    assert sorted(names) == ["backup", "crawl", "harvest", "learn", "prune", "worker"]
    assert coming == []
    assert [job["name"] for job in found if job.get("continuous")] == ["worker"]
    service = yaml.safe_load(text("service.template"))
    one_more = {"name": "backup-now"}
    together = [service, *found, *coming, one_more]
    assert sum(map(jobs.mebibytes, together)) <= jobs.QUOTA


def test_no_scheduled_job_hangs_for_ever() -> None:
    """The next of its kind would wait for it."""
    assert [job["name"] for job in jobs.read(JOBS) if "timeout" not in job] == ["worker"]


def the_command_is_there(job: dict[str, Any]) -> bool:
    """Whether the program is a script of ours, or a command that takes these options."""
    program, *words = jobs.words(job)
    if program.startswith("suggest-depicts/"):
        path = ROOT / program.partition("/")[2]
        return path.is_file() and os.access(path, os.X_OK)
    folder, _, name = program.rpartition("/")
    assert folder == "venv/bin"
    command: click.Command = GROUPS[name]
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words.pop(0))
        if found is None:
            return False
        command = found
    command.make_context(command.name, words)
    return True


@pytest.mark.parametrize("job", jobs.read(JOBS), ids=lambda job: job["name"])
def test_a_job_calls_what_is_there(job: dict[str, Any]) -> None:
    assert the_command_is_there(job)


def test_a_job_that_waits_for_its_command_is_taken_up_once_that_is_there() -> None:
    for job in jobs.later(JOBS):
        assert not the_command_is_there(job), f"{job['name']}: take the comment signs away"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"nmae": "x"}, "unknown key nmae"),
        ({"name": "Crawl"}, "name 'Crawl'"),
        ({"name": "x" * 53}, f"name '{'x' * 53}'"),
        ({"image": "tf-python311"}, "image 'tf-python311'"),
        ({"schedule": "hourly"}, "schedule 'hourly'"),
        ({"schedule": "17 * * *"}, "schedule '17 * * *'"),
        ({"timeout": 0}, "timeout 0"),
        ({"continuous": True}, "either a schedule or continuous"),
        ({"mem": "5Gi"}, "mem '5Gi'"),
        ({"mem": "3GB"}, "mem '3GB'"),
        ({"cpu": "2"}, "cpu '2'"),
        ({"emails": "me"}, "emails 'me'"),
        ({"mount": "some"}, "mount 'some'"),
    ],
)
def test_a_slip_in_a_job_is_found(change: dict[str, Any], fault: str) -> None:
    assert jobs.faults({**_ANY_JOB, **change}) == [fault]


def test_a_job_without_a_command_is_found() -> None:
    assert jobs.faults({"name": "x", "image": "mariadb", "continuous": True}) == ["no command"]


# --- toolinfo ---


def test_toolhub_would_take_the_record() -> None:
    record = json.loads(text("toolforge/toolinfo.json"))
    assert toolinfo.faults(record) == []
    assert record["_schema"] == toolinfo.VERSION and record["license"] == "MIT"
    languages = {path.stem for path in (ROOT / "gadget-js" / "i18n").glob("*.json")} - {"qqq"}
    assert set(record["available_ui_languages"]) == languages


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("title", "x" * 256),
        ("url", "suggest-depicts.toolforge.org"),
        ("author", [{"wiki_username": "x"}]),
        ("author", [{"name": "x", "phone": "1"}]),
        ("tool_type", "Gadget"),
        ("for_wikis", ["commons"]),
        ("for_wikis", [1]),
        ("available_ui_languages", ["english"]),
        ("technology_used", ["Python", 3]),
        ("_schema", "/toolinfo/1.2.1"),
        ("experimental", "yes"),
        ("homepage", "https://x.test/"),
    ],
)
def test_a_slip_in_the_record_is_found(key: str, value: Any) -> None:
    record = dict.fromkeys(toolinfo.NEEDED, "https://x.test/")
    assert toolinfo.faults(record) == []
    assert toolinfo.faults({**record, key: value}) == [key]


def test_a_record_without_an_address_is_found() -> None:
    assert toolinfo.faults({"name": "x", "title": "x", "description": "x"}) == ["url"]


# --- the scripts ---


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_can_be_started_and_says_how(name: str) -> None:
    path = ROOT / "toolforge" / "scripts" / name
    assert os.access(path, os.X_OK)
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    assert re.match(r"#!/usr/bin/env (bash|python3)$", first)
    assert any(re.match(rf'(#|""")? +{name}', line) for line in lines[:6])
    if first.endswith("bash"):
        subprocess.run(["bash", "-n", path], check=True)
