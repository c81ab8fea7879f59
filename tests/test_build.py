"""What is packaged is what is there, and the branch gate can fail."""

from __future__ import annotations

import configparser
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import mariadb
from tests.branch_coverage import judge, main

ROOT = Path(__file__).resolve().parent.parent
WEB_FILES = ("openapi.json", "templates/gallery.html", "static/pages.css")
BASES = {
    "depicts_model": ROOT / "model",
    "depicts_bot": ROOT / "bot",
    "depicts_toolforge": ROOT / "toolforge",
}


def modules() -> set[str]:
    found = (p.relative_to(b) for name, b in BASES.items() for p in (b / name).rglob("*.py"))
    return {path.as_posix() for path in found}


def test_every_package_is_listed() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = config["options"]["packages"].split()
    assert sorted(listed) == sorted({m.rpartition("/")[0].replace("/", ".") for m in modules()})


@pytest.mark.slow
def test_a_built_wheel_holds_every_module_and_data_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    subprocess.run([*command, "-w", str(tmp_path), str(ROOT)], check=True, timeout=240)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        held = set(file.namelist())
    data = BASES["depicts_model"] / "depicts_model" / "data"
    files = {
        p.relative_to(BASES["depicts_model"]).as_posix() for p in data.rglob("*") if p.is_file()
    }
    web = {f"depicts_toolforge/{name}" for name in WEB_FILES}
    assert modules() | files | web <= held


def test_where_root_runs_the_tests_the_database_of_production_is_tested_too() -> None:
    """Set-up installs it for root, as in ``.ci/run``; elsewhere the tests' last line says it."""
    if os.geteuid() != 0:
        pytest.skip("only root may install it")
    assert mariadb.found(), mariadb.HOW


def report(covered: int, total: int) -> str:
    return json.dumps({"totals": {"covered_branches": covered, "num_branches": total}})


def test_the_gate_counts_branches_alone() -> None:
    assert judge(report(85, 100)) == ("branch coverage: 85.00 % (85 of 100; at least 85 %)", True)
    assert not judge(report(8499, 10000))[1]


def test_a_report_without_branches_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text('{"totals": {}}')
    assert main(str(path)) == main(str(tmp_path / "none.json")) == 2
