"""``python -m tests.mediawiki.packages``: PHP, and Debian's MediaWiki 1.43 unpacked into var/.

The packages of MediaWiki come from the suite below by the machine's own apt sources, copied into a
private folder with the suite changed, and are unpacked without being installed. Only PHP is
installed, where root may; who is not root is told what to type.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / "var" / "mediawiki"
SUITE = "trixie"
DEBS = ("mediawiki", "mediawiki-classes")
PHP = ("php-cli", "php-sqlite3", "php-intl", "php-mbstring", "php-xml", "php-gd", "php-apcu")
MODULES = frozenset({"pdo_sqlite", "intl", "mbstring", "xml", "gd", "apcu", "Zend OPcache"})
HOW = (
    "no PHP with all it needs here; as root type: apt-get install --no-install-recommends "
    + " ".join(PHP)
)
ETC = Path("/etc/apt")
RELEASE = Path("/etc/os-release")
# what may follow a suite's name; backports and proposals are not wanted
SUITES = r"(?<![\w/-]){}(-updates|-security)?(?![\w/-])"
SECONDS = 600


class MissingError(Exception):
    """MediaWiki or PHP cannot be had here; the message says what is missing, in one line."""


@cache
def php_found() -> bool:
    """Whether PHP is there with all modules that MediaWiki and its speed need."""
    if not shutil.which("php"):
        return False
    told = subprocess.run(["php", "-m"], capture_output=True, text=True, timeout=SECONDS)
    return set(told.stdout.splitlines()) >= MODULES


def install_php() -> bool:
    """Debian's PHP, where root may install it; otherwise the line to type is printed."""
    if php_found():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _say("PHP (apt-get)")
        for words in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PHP]):
            done = _run("apt-get", *words)
            if done.returncode:
                print(f"mediawiki: apt-get {words[0]}: {_last(done)}", file=sys.stderr)
        php_found.cache_clear()
    if not php_found():
        print(f"mediawiki: {HOW}", file=sys.stderr)
    return php_found()


def code(folder: Path = CACHE) -> Path:
    """MediaWiki's own files, fetched and unpacked where they are not there yet.

    They stand in a folder of their own, complete or not at all.

    Raises:
        MissingError: no Debian, no network, or no such packages.
    """
    place = folder / "code"
    if not place.exists():
        with alone(folder):
            if not place.exists():
                _make(folder, place)
    return place


def _make(folder: Path, place: Path) -> None:
    """Fetch, unpack and put in place; what a killed run left behind is thrown away."""
    making = folder / "making"
    shutil.rmtree(making, ignore_errors=True)
    options = _private_apt(making / "apt")
    _say(f"lists of packages of {SUITE}")
    lists = _run("apt-get", *options, "update", "-qq")
    _say(" and ".join(DEBS))
    fetched = _run("apt-get", *options, "download", "-qq", *DEBS, where=making)
    found = sorted(making.glob("*.deb"))
    if fetched.returncode or len(found) != len(DEBS):
        why = _last(fetched) or _last(lists)
        raise MissingError(f"{' and '.join(DEBS)} of {SUITE} did not come: {why}")
    _say("unpacking")
    for deb in found:
        done = _run("dpkg-deb", "-x", str(deb), str(making / "root"))
        if done.returncode:
            raise MissingError(f"{deb.name} does not unpack: {_last(done)}")
    _tidy(making / "root/usr/share/mediawiki")
    (making / "root/usr/share/mediawiki").rename(place)
    shutil.rmtree(making)


def _tidy(unpacked: Path) -> None:
    """Debian spreads the wiki's folders over the system, by links; here they are in one."""
    for link in (one for one in unpacked.iterdir() if one.is_symlink()):
        link.unlink()
    (unpacked / "extensions-core").rename(unpacked / "extensions")


def _private_apt(folder: Path) -> list[str]:
    """Options by which apt-get reads sources of ``SUITE`` and writes in ``folder`` alone."""
    for name in ("sources", "lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True)
    for source in sources(ETC):
        text = moved(source.read_text(encoding="utf-8"), codename(RELEASE))
        (folder / "sources" / source.name).write_text(text, encoding="utf-8")
    said = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": f"{folder}/sources",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State::lists": f"{folder}/lists",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": f"{folder}/cache",
        "Acquire::Languages": "none",
        # root's folders are closed to the user that apt would else become
        "APT::Sandbox::User": "root",
    }
    return [word for name, value in said.items() for word in ("-o", f"{name}={value}")]


def sources(etc: Path) -> Iterator[Path]:
    """The machine's lists of sources, as apt reads them."""
    if (etc / "sources.list").exists():
        yield etc / "sources.list"
    parts = sorted((etc / "sources.list.d").glob("*"))
    yield from (one for one in parts if one.suffix in (".list", ".sources"))


def codename(release: Path) -> str:
    """The suite of this machine. Raises MissingError where it is no Debian."""
    told = release.read_text(encoding="utf-8") if release.exists() else ""
    said = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    if said.get("ID", "").strip('"') != "debian" or "VERSION_CODENAME" not in said:
        raise MissingError("MediaWiki is taken from Debian's packages; this machine is no Debian")
    return said["VERSION_CODENAME"].strip('"')


def moved(source: str, machine: str) -> str:
    """A list of sources with the machine's suite changed to ``SUITE``; lines of others left out."""
    ours = re.compile(SUITES.format(f"(?:{machine}|stable|oldstable)"))
    if re.search(r"^Suites:", source, re.MULTILINE):
        parts = re.split(r"\n\s*\n", source)
        return "\n\n".join(filter(None, (_stanza(part, ours) for part in parts))) + "\n"
    lines = [line for line in source.splitlines() if line.startswith("deb ") and ours.search(line)]
    return "".join(ours.sub(rf"{SUITE}\1", line) + "\n" for line in lines)


def _stanza(text: str, ours: re.Pattern[str]) -> str:
    """One of the newer form, or nothing where none of its suites is wanted."""
    suites = re.search(r"^Suites:(.*)$", text, re.MULTILINE)
    if not suites:
        return ""
    wanted = {f"{SUITE}{one[1] or ''}" for one in ours.finditer(suites[1])}
    if not wanted:
        return ""
    before, after = text[: suites.start()], text[suites.end() :]
    return f"{before}Suites: {' '.join(sorted(wanted))}{after}"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time; the lock is gone with its process, however that ended."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*words: str, where: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        words, cwd=where, env=environment, capture_output=True, text=True, timeout=SECONDS
    )


def _last(done: subprocess.CompletedProcess[str]) -> str:
    lines: Iterable[str] = (done.stderr or done.stdout).strip().splitlines()
    return next(reversed([*lines]), "")[-300:]


def _say(what: str) -> None:
    print(f"mediawiki: {what}", flush=True)


def main() -> int:
    """1 where PHP or MediaWiki is missing afterwards."""
    began = time.monotonic()
    try:
        place = code() if install_php() else None
    except MissingError as error:
        print(f"mediawiki: {error}", file=sys.stderr)
        return 1
    if place:
        _say(f"ready in {place.parent.name}/{place.name} ({time.monotonic() - began:.1f} s)")
    return 0 if place else 1


if __name__ == "__main__":
    sys.exit(main())
