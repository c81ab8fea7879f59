"""``make deploy-check``: every command of docs/toolforge.md, in order, in a Toolforge of our own.

What is really there: bash, git, pip into clean environments, gunicorn as the Procfile starts it,
the scripts of ``toolforge/scripts``, and MariaDB. ``toolforge``, ``sql`` and ``curl`` are ours
(``tests.deploy.toolforge``). After a section what it promises is looked at. Exit status 0 only if
all of it held.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import yaml

from depicts_model.store import Store
from depicts_model.types import Decision, Mid, Qid, Suggested, Suggestion, Verdict
from tests.console import has_shape, shown
from tests.deploy.mariadb import HOW, PASSWORD, USER, Server, missing, private_mariadb
from tests.model.store.values import V, file_ref

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "toolforge.md"
REPOSITORY: Final = "https://gitlab.wikimedia.org/toolforge-repos/suggest-depicts.git"
HEAVY: Final = ("torch", "numpy", "faiss", "transformers", "pywikibot", "PIL")
CAT: Final = Qid("Q146")
AT: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
_LIMIT: Final = 1200
"""Seconds that one command may take; the environment with torch takes longest."""
_PROGRAM: Final = """\
#!/bin/sh
PYTHONPATH={root}:{root}/model:{root}/bot:{root}/toolforge exec {python} -m \
tests.deploy.toolforge {name} "$@"
"""


class Broken(Exception):  # noqa: N818 - what the check found
    """A step did not do what the page says; the message says how."""


@dataclass(frozen=True, slots=True)
class Bastion:
    """The tool's home, its state, and the source that it is built from."""

    home: Path
    state: Path
    source: Path
    environment: dict[str, str]
    url: str

    def run(self, command: str) -> str:
        """What a command says that ends well."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
        )
        if done.returncode:
            raise Broken(f"exit status {done.returncode}: {done.stderr.strip()[-1500:]}")
        return done.stdout

    def kept(self, name: str) -> Any:
        """A part of the state."""
        return json.loads((self.state / name).read_text(encoding="utf-8"))

    def ask(self, path: str, body: Any = None) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, body and headers (small letters) of the service's answer."""
        address = f"http://127.0.0.1:{self.kept('web')['port']}{path}"
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(address, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=20) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return answer.status, json.load(answer), headers

    def decide(self, number: int) -> None:
        """A verdict of somebody's on this file."""
        with Store.open(self.url) as store:
            mid, sha1 = Mid(f"M{number}"), f"{number:040x}"
            one = Decision(mid, sha1, CAT, Verdict.REJECTED, AT, None)
            store.add_decisions(f"check {number}", [one], V)

    def decided(self) -> list[int]:
        """The files that somebody decided about."""
        with Store.open(self.url) as store:
            return [n for n in range(1, 10) if store.decisions(Mid(f"M{n}"))]


def hold(what: str, is_so: bool) -> None:
    """Say what was found to hold."""
    if not is_so:
        raise Broken(f"does not hold: {what}")
    print(f"      holds: {what}", flush=True)


# --- what each section promises ---


def the_web_service(bastion: Bastion) -> None:
    """It knows no torch, serves what is stored, and takes a verdict."""
    made = list(bastion.kept("builds").values())[-1]
    find = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    there = bastion.run(f"{made['venv']}/bin/python -I -c '{find}' {' '.join(HEAVY)}")
    hold("nothing heavy can be imported in the web environment", there.strip() == "[]")
    hold("a file that nobody looked at is queued", bastion.ask(_file(9))[0] == 202)
    mid = Mid("M1")
    seen = Suggested((Suggestion(mid, CAT, 0.8, ("looks like a cat",), (), (), V),))
    with Store.open(bastion.url) as store:
        store.save_batch(store.start_run("bot", V, {}), V, [(file_ref(1), seen)])
    status, body, headers = bastion.ask(_file(1))
    hold("what the bot stored is served", (status, body["outcome"]) == (200, "suggested"))
    sent = {"token": headers["decision-token"], "decisions": [{"item": CAT, "verdict": "rejected"}]}
    status, body, _ = bastion.ask("/api/v1/files/M1/decisions", sent)
    hold("a verdict is stored", (status, body) == (201, {"stored": 1, "not_offered": []}))
    hold("and is in MariaDB", bastion.decided() == [1])


def the_jobs(bastion: Bastion) -> None:
    """Their environment holds the commands, and the code of the checkout."""
    told = bastion.run("venv/bin/depicts-bot --help && venv/bin/depicts-model --help")
    hold("the bot's and the model's commands are there", told.count("Usage:") == 2)
    _venv_is_of_the_checkout(bastion)


def back_up(bastion: Bastion) -> None:
    """A verdict after it, for the restore to take back."""
    hold("there is one backup", len(list((bastion.home / "backups").iterdir())) == 1)
    bastion.decide(2)
    hold("a later verdict is stored", bastion.decided() == [1, 2])


def restore(bastion: Bastion) -> None:
    """What was there then, and a backup of what was there before."""
    hold("the database is as it was at the backup", bastion.decided() == [1])
    hold("what was there is kept", len(list((bastion.home / "backups").iterdir())) == 2)
    hold("the service answers again", bastion.ask(_file(1))[0] == 200)
    _commit(bastion.source, "A later version")


def upgrade(bastion: Bastion) -> None:
    """The later version runs, over the same data."""
    _runs(bastion, "A later version")
    hold("nothing was lost", bastion.decided() == [1] and bastion.ask(_file(1))[0] == 200)


def roll_back(bastion: Bastion) -> None:
    """The version before runs, over the same data."""
    subject = _git(bastion.source, "log", "-1", "--format=%s", "HEAD~1")
    _runs(bastion, subject)
    hold("nothing was lost", bastion.decided() == [1] and bastion.ask(_file(1))[0] == 200)


AFTER: Final[dict[str, Callable[[Bastion], None]]] = {
    "The web service": the_web_service,
    "The jobs": the_jobs,
    "Back up": back_up,
    "Restore": restore,
    "Upgrade": upgrade,
    "Roll back": roll_back,
}


def _file(number: int) -> str:
    return f"/api/v1/files/M{number}/suggestions"


def _runs(bastion: Bastion, subject: str) -> None:
    made = list(bastion.kept("builds").values())[-1]
    wanted = (Path(made["app"]) / "service.template").read_text(encoding="utf-8")
    hold("its container is what it asks for", bastion.kept("template") == yaml.safe_load(wanted))
    found = _git(Path(made["app"]), "log", "-1", "--format=%s")
    hold(f"the service runs {subject!r}", found == subject)
    _venv_is_of_the_checkout(bastion)


def _venv_is_of_the_checkout(bastion: Bastion) -> None:
    commit = _git(bastion.home / "suggest-depicts", "rev-parse", "--short=12", "HEAD")
    hold(
        "the jobs' environment is of the checkout", (bastion.home / "venv").resolve().name == commit
    )


def _git(folder: Path, *words: str) -> str:
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _commit(folder: Path, subject: str) -> None:
    mine = ["-c", "user.name=check", "-c", "user.email=check@localhost"]
    # of a version with other wishes
    template = folder / "service.template"
    template.write_text(template.read_text(encoding="utf-8").replace('"1"', '"0.9"'), "utf-8")
    _git(folder, *mine, "commit", "-q", "--all", "-m", subject)


# --- the bastion ---


@contextmanager
def bastion_in(folder: Path, server: Server, extras: str) -> Iterator[Bastion]:
    """A tool that has just been made, and a repository with the commit that is checked out."""
    home, state, programs = (folder / name for name in ("home", "state", "bin"))
    for one in (home, state, programs):
        one.mkdir()
    source = folder / "source"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(source)], check=True)
    _git(source, "checkout", "-q", "-B", "main")
    for name in ("toolforge", "sql", "curl"):
        program = programs / name
        program.write_text(_PROGRAM.format(root=ROOT, python=sys.executable, name=name), "utf-8")
        program.chmod(0o755)
    (home / "replica.my.cnf").write_text(f"[client]\nuser = {USER}\npassword = {PASSWORD}\n")
    (state / "given").write_text(json.dumps(_given(extras)), encoding="utf-8")
    toolsdb = {"port": server.port, "user": USER, "password": PASSWORD}
    (state / "toolsdb").write_text(json.dumps(toolsdb), encoding="utf-8")
    environment = _environment(home, state, programs, source, server)
    made = Bastion(home, state, source, environment, server.url(f"{USER}__depicts"))
    try:
        yield made
    finally:
        if (state / "web").exists():
            made.run("toolforge webservice stop")


def _given(extras: str) -> dict[str, str]:
    """What containers see beside the tool's own variables: how this machine installs packages."""
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    return {**pip, "EXTRAS": extras, "LANG": "C.UTF-8"}


def _environment(
    home: Path, state: Path, programs: Path, source: Path, server: Server
) -> dict[str, str]:
    ours = str(Path(sys.executable).parent)
    plain = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if p != ours)
    return {
        "PATH": f"{programs}{os.pathsep}{plain}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "STANDIN": str(state),
        "STANDIN_PATH": plain,
        "TOOLSDB_HOST": f"127.0.0.1:{server.port}",
        # the page's address of the repository means ours
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{source}.insteadOf",
        "GIT_CONFIG_VALUE_0": REPOSITORY,
        **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
    }


# --- the page ---


def sections(text: str) -> Iterator[tuple[str, str]]:
    """Each heading of the second rank, and what stands below it."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def carry_out(bastion: Bastion, text: str) -> int:
    """Every command of the page; returns how many."""
    count = 0
    for heading, body in sections(text):
        for one in shown(body):
            began = time.monotonic()
            told = bastion.run(one.command)
            if one.output and not has_shape(told, one.output):
                raise Broken(f"{one.command}: printed {told!r}")
            print(f"{time.monotonic() - began:5.1f} s {one.command[:110]}", flush=True)
            count += 1
        if heading in AFTER:
            AFTER[heading](bastion)
    return count


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where everything held, 1 where something did not, 2 where it cannot be tried."""
    parser = argparse.ArgumentParser(prog="deploy-check", description=__doc__)
    parser.add_argument(
        "--whole", action="store_true", help="make the jobs' environment with torch, too"
    )
    told = parser.parse_args(arguments)
    lacking = [*missing(), *(name for name in ("bash", "git", "openssl") if not shutil.which(name))]
    if lacking:
        print(f"error: needs {', '.join(lacking)}: {HOW}", file=sys.stderr)
        return 2
    extras = "bot,linker,train" if told.whole else "bot"
    print(f"deploy-check: the jobs' environment has the extras {extras}")
    with (
        tempfile.TemporaryDirectory(prefix="dc") as name,
        private_mariadb(Path(name) / "mariadb") as server,
        bastion_in(Path(name), server, extras) as bastion,
    ):
        try:
            count = carry_out(bastion, PAGE.read_text(encoding="utf-8"))
        except Broken as broken:
            print(f"deploy-check: FAILED: {broken}", file=sys.stderr)
            return 1
    print(f"deploy-check: all {count} commands of {PAGE.name} did what the page says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
