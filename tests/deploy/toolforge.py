"""A Toolforge of our own for ``check``: what `toolforge`, `sql` and `curl` do on a bastion.

``python -m tests.deploy.toolforge PROGRAM WORD …``. The folder in ``STANDIN`` holds the state of
one tool: environment variables, builds, jobs, the process of its web service. Commands of the tool
see its variables and nothing of ours.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from tests.deploy import jobs

ADDRESS: Final = "https://suggest-depicts.toolforge.org"
TRYING: Final = ("-fsS", "--retry", "20", "--retry-all-errors", "--retry-delay", "3")
_PATIENCE: Final = 60
"""Seconds until the web service must be healthy."""


class Refused(Exception):  # noqa: N818 - what the bastion says
    """Toolforge would not do this; the message says why."""


def state() -> Path:
    """The folder of the tool's state."""
    return Path(os.environ["STANDIN"])


def _kept(name: str) -> dict[str, Any]:
    file = state() / name
    found: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return found


def _keep(name: str, values: dict[str, Any]) -> None:
    (state() / name).write_text(json.dumps(values, indent=1), encoding="utf-8")


def environment() -> dict[str, str]:
    """What the tool's containers see."""
    home = os.environ["HOME"]
    mine = {"PATH": os.environ["STANDIN_PATH"], "HOME": home, "TOOL_DATA_DIR": home}
    return {**mine, **_kept("given"), **_kept("envvars")}


# --- envvars ---


def envvars(words: Sequence[str]) -> None:
    """`toolforge envvars create NAME [VALUE]`; without a value it is read, or asked for."""
    parser = argparse.ArgumentParser(prog="toolforge envvars")
    parser.add_argument("verb", choices=["create"])
    parser.add_argument("name")
    parser.add_argument("value", nargs="?")
    told = parser.parse_args(words)
    # every byte is kept, as Toolforge does
    value = sys.stdin.read() if told.value is None else told.value
    # asked for: a person's secret, or an index that this machine has its own way to
    if value:
        _keep("envvars", {**_kept("envvars"), told.name: value})


# --- build ---


def build(words: Sequence[str]) -> None:
    """`toolforge build start URL [--ref REF]`: what the buildpack does with our files."""
    parser = argparse.ArgumentParser(prog="toolforge build")
    parser.add_argument("verb", choices=["start"])
    parser.add_argument("url")
    parser.add_argument("--ref", default="HEAD")
    told = parser.parse_args(words)
    made = _kept("builds")
    folder = state() / f"build-{len(made) + 1}"
    _run("git", "clone", "-q", told.url, folder)
    _run("git", "-C", folder, "checkout", "-q", told.ref)
    _keep("builds", {**made, str(len(made) + 1): {"app": str(folder), "venv": _installed(folder)}})


def _installed(app: Path) -> str:
    """An environment of requirements.txt alone; kept as long as that file stays as it is."""
    for name in ("Procfile", ".python-version", "requirements.txt"):
        if not (app / name).is_file():
            raise Refused(f"no {name}")
    wanted = (app / ".python-version").read_text("utf-8").strip()
    have = ".".join(map(str, sys.version_info[:2]))
    if wanted != have:
        print(f"toolforge: Python {wanted} is asked for, {have} is here", file=sys.stderr)
    listed = (app / "requirements.txt").read_text("utf-8")
    for one in _kept("builds").values():
        if (Path(one["app"]) / "requirements.txt").read_text("utf-8") == listed:
            return str(one["venv"])
    venv = app.with_name(f"{app.name}-venv")
    _run(sys.executable, "-m", "venv", venv)
    _run(venv / "bin" / "python", "-m", "pip", "install", "-q", "-r", app / "requirements.txt")
    return str(venv)


def _run(*words: str | Path) -> None:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{shlex.join(map(str, words))}: {done.stderr.strip()[-500:]}")


# --- webservice ---


def webservice(words: Sequence[str]) -> None:
    """`toolforge webservice start | stop | restart`, with ~/service.template."""
    parser = argparse.ArgumentParser(prog="toolforge webservice")
    parser.add_argument("verb", choices=["start", "stop", "restart"])
    verb = parser.parse_args(words).verb
    if verb != "start":
        stop()
    if verb != "stop":
        _start(_template() if verb == "start" else _kept("template"))


def stop() -> None:
    """End the web service by its id, and wait until it is gone."""
    web = _kept("web")
    if not web:
        raise Refused("no web service runs")
    os.kill(web["pid"], signal.SIGTERM)
    for _ in range(_PATIENCE * 10):
        if not _answers(web["port"]):
            break
        time.sleep(0.1)
    (state() / "web").unlink()


def _template() -> dict[str, Any]:
    """What a start reads; a restart goes on with what was read then."""
    template = Path(os.environ["HOME"]) / "service.template"
    found: dict[str, Any] = yaml.safe_load(template.read_text(encoding="utf-8"))
    _keep("template", found)
    return found


def _start(settings: dict[str, Any]) -> None:
    if _kept("web"):
        raise Refused("the web service runs already")
    if (settings["type"], settings["mount"]) != ("buildservice", "all"):
        raise Refused("service.template: not of the build service with mount all")
    _keep("web", _serving(list(_kept("builds").values())[-1]))
    _wait(settings["health-check-path"])


def _serving(made: dict[str, str]) -> dict[str, int]:
    """Start what the Procfile says, as a process that outlives this one."""
    kind, _, command = (Path(made["app"]) / "Procfile").read_text("utf-8").partition(": ")
    if kind != "web":
        raise Refused("Procfile: no web")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    ours = environment()
    ours |= {"PORT": str(port), "PATH": f"{made['venv']}/bin{os.pathsep}{ours['PATH']}"}
    # a container listens everywhere; this machine does not
    local = command.replace("0.0.0.0", "127.0.0.1")
    with (state() / "web.log").open("ab") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {local}"],
            cwd=made["app"],
            env=ours,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    return {"pid": process.pid, "port": port}


def _wait(path: str) -> None:
    port = _kept("web")["port"]
    for _ in range(_PATIENCE * 10):
        if _answers(port, path):
            return
        time.sleep(0.1)
    log = (state() / "web.log").read_text("utf-8")
    raise Refused(f"{path} is not answered: {log[-800:]}")


def _answers(port: int, path: str = "/healthz") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


# --- jobs ---


def jobs_(words: Sequence[str]) -> None:
    """`toolforge jobs run | load | list | logs | flush`."""
    parser = argparse.ArgumentParser(prog="toolforge jobs")
    verbs = parser.add_subparsers(dest="verb", required=True)
    run = verbs.add_parser("run")
    run.add_argument("name")
    run.add_argument("--image", required=True)
    run.add_argument("--command", required=True)
    run.add_argument("--mem", default="512Mi")
    run.add_argument("--cpu", default="0.1")
    run.add_argument("--wait", nargs="?", const=600, type=int, required=True)
    verbs.add_parser("load").add_argument("file", type=Path)
    verbs.add_parser("list").add_argument("--output", choices=["name"], required=True)
    verbs.add_parser("flush")
    verbs.add_parser("logs").add_argument("name")
    told = parser.parse_args(words)
    _VERBS[told.verb](told)


def _job_run(told: argparse.Namespace) -> None:
    job = {name: getattr(told, name) for name in ("name", "command", "image", "mem", "cpu")}
    if found := jobs.faults({**job, "schedule": "@daily"}):
        raise Refused("; ".join(found))
    _fit([*_kept("jobs").values(), job])
    done = subprocess.run(
        ["bash", "-c", told.command],
        cwd=os.environ["HOME"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=told.wait,
    )
    for name, said in (("out", done.stdout), ("err", done.stderr)):
        with Path(os.environ["HOME"], f"{told.name}.{name}").open("a", encoding="utf-8") as file:
            file.write(said)
    # and to the error output, for whoever reads along
    print(done.stdout + done.stderr, end="", file=sys.stderr)
    if done.returncode:
        raise Refused(f"job {told.name} failed: exit status {done.returncode}")


def _job_load(told: argparse.Namespace) -> None:
    found = jobs.read(told.file)
    if said := [f"{job.get('name')}: {fault}" for job in found for fault in jobs.faults(job)]:
        raise Refused("; ".join(said))
    _fit(found)
    _keep("jobs", {job["name"]: job for job in found})


def _fit(found: Sequence[dict[str, Any]]) -> None:
    """Kubernetes makes no container above the tool's quota, and tells nobody."""
    served = [_kept("template")] if _kept("web") else []
    taken = sum(map(jobs.mebibytes, [*served, *found]))
    if taken > jobs.QUOTA:
        raise Refused(f"all together may take {taken} MiB, the tool has {jobs.QUOTA}")


def _job_logs(told: argparse.Namespace) -> None:
    job = _kept("jobs").get(told.name)
    if job is None:
        raise Refused(f"no job {told.name}")
    if job.get("filelog", True):
        raise Refused(f"{told.name} has file logging enabled: look into ~/{told.name}.err")


def _job_list(_told: argparse.Namespace) -> None:
    print(*sorted(_kept("jobs")), sep="\n")


def _job_flush(_told: argparse.Namespace) -> None:
    _keep("jobs", {})


_VERBS: Final[dict[str, Callable[[argparse.Namespace], None]]] = {
    "run": _job_run,
    "load": _job_load,
    "list": _job_list,
    "logs": _job_logs,
    "flush": _job_flush,
}


# --- the other programs ---


def sql(words: Sequence[str]) -> None:
    """`sql tools`: the tool's user on ToolsDB, statements from standard input."""
    if [*words] != ["tools"]:
        raise Refused("sql tools is all there is here")
    given = _kept("toolsdb")
    command = ["mariadb", "--no-defaults", "--protocol=tcp", "--host=127.0.0.1"]
    command += [f"--port={given['port']}", f"--user={given['user']}"]
    ours = {**os.environ, "MYSQL_PWD": given["password"]}
    done = subprocess.run(command, env=ours, stdin=sys.stdin)
    sys.exit(done.returncode)


def curl(words: Sequence[str]) -> None:
    """`curl -fsS … URL` of the tool, trying again: its address may still lead nowhere."""
    *options, url = words
    if options != [*TRYING] or not url.startswith(ADDRESS):
        raise Refused(f"only curl {' '.join(TRYING)} {ADDRESS} is here")
    local = url.replace(ADDRESS, f"http://127.0.0.1:{_kept('web')['port']}")
    with urllib.request.urlopen(local, timeout=20) as answer:
        print(answer.read().decode().strip())


def toolforge(words: Sequence[str]) -> None:
    """`toolforge …`."""
    commands = {"envvars": envvars, "build": build, "webservice": webservice, "jobs": jobs_}
    if not words or words[0] not in commands:
        raise Refused(f"toolforge knows {', '.join(commands)}")
    commands[words[0]](words[1:])


PROGRAMS: Final[dict[str, Callable[[Sequence[str]], None]]] = {
    "toolforge": toolforge,
    "sql": sql,
    "curl": curl,
}


if __name__ == "__main__":
    try:
        PROGRAMS[sys.argv[1]](sys.argv[2:])
    except (Refused, OSError, subprocess.TimeoutExpired) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        sys.exit(1)
