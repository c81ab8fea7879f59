"""jobs.yaml as `toolforge jobs load` takes it: keys, names, images, schedules, and what fits.

The rules are those of Toolforge's jobs framework, as its help page and its command line say; a tool
has 8 GiB, a container one processor and 4 GiB.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final

import yaml

KEYS: Final = {
    "name",
    "command",
    "image",
    "schedule",
    "continuous",
    "cpu",
    "mem",
    "mount",
    "emails",
    "retry",
    "replicas",
    "port",
    "timeout",
    "health-check-script",
    "health-check-http",
    "filelog",
    "filelog-stdout",
    "filelog-stderr",
    "no-filelog",
}
NEEDED: Final = {"name", "command", "image"}
IMAGES: Final = {"python3.11", "python3.13", "mariadb", "bookworm"}
SCHEDULES: Final = {"@hourly", "@daily", "@weekly", "@monthly", "@yearly"}
EMAILS: Final = {"none", "all", "onfinish", "onfailure"}
LONGEST_NAME: Final = 52
"""Of a scheduled job; others may be longer."""
_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")
_CRON: Final = re.compile(r"[-0-9*/,]+( [-0-9*/,]+){4}")
_UNITS: Final = {"Mi": 1, "Gi": 1024}
QUOTA: Final = 8192
"""Mebibytes that all containers of a tool may take together."""


def read(path: Path) -> list[dict[str, Any]]:
    """The jobs of a file."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, list)
    return found


def later(path: Path) -> list[dict[str, Any]]:
    """The jobs that are written as comments."""
    lines = re.findall(r"^# (- .*|  .*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    found = yaml.safe_load("\n".join(lines))
    return found or []


def faults(job: dict[str, Any]) -> list[str]:
    """What Toolforge would refuse about a job."""
    found = [f"unknown key {key}" for key in sorted(job.keys() - KEYS)]
    found += [f"no {key}" for key in sorted(NEEDED - job.keys())]
    name, schedule = str(job.get("name", "")), str(job.get("schedule", "@daily"))
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        found.append(f"name {name!r}")
    if job.get("image") not in IMAGES:
        found.append(f"image {job.get('image')!r}")
    if ("schedule" in job) is bool(job.get("continuous")):
        found.append("either a schedule or continuous")
    if schedule not in SCHEDULES and not _CRON.fullmatch(schedule):
        found.append(f"schedule {schedule!r}")
    if job.get("emails", "none") not in EMAILS:
        found.append(f"emails {job['emails']!r}")
    if job.get("mount", "all") not in ("all", "none"):
        found.append(f"mount {job['mount']!r}")
    if "timeout" in job and not ("schedule" in job and int(job["timeout"]) > 0):
        found.append(f"timeout {job['timeout']!r}")
    return found + _sizes(job)


def _sizes(job: dict[str, Any]) -> list[str]:
    found = []
    if not 0 < float(job.get("cpu", 0.5)) <= 1:
        found.append(f"cpu {job['cpu']!r}")
    if not 0 < mebibytes(job) <= 4096:
        found.append(f"mem {job.get('mem')!r}")
    return found


def mebibytes(job: dict[str, Any]) -> int:
    """What a job may take; 512 where it does not say, 0 where nobody could read it."""
    told = re.fullmatch(r"(\d+)(Mi|Gi)", str(job.get("mem", "512Mi")))
    return int(told[1]) * _UNITS[told[2]] if told else 0


def words(job: dict[str, Any]) -> list[str]:
    """The command, as a shell takes it apart."""
    return shlex.split(job["command"])
