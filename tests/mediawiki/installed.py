"""An installed wiki in a folder: databases with accounts, ready to be copied and served."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

from . import packages

HERE = Path(__file__).resolve().parent
SETTINGS = HERE / "LocalSettings.php"
ADMIN = "Admin"
EDITOR = "Editor"
BLOCKED = "Blocked"
FRESH = "Fresh"
DEPLOYER = "Admin@deploy"
PASSWORDS = {
    **{name: f"the-password-of-{name}" for name in (ADMIN, EDITOR, BLOCKED, FRESH)},
    # the form that a bot password has: 32 digits and letters up to w
    DEPLOYER: "abotpasswordof32lettersanddigits",
}
"""Accounts, and a bot of one, with their passwords; there is nothing behind them."""
GROUPS = {
    ADMIN: "sysop,bureaucrat,interface-admin",
    EDITOR: "confirmed",
    BLOCKED: "confirmed",
    FRESH: "",
}
"""Groups of the accounts; ``Fresh`` is a newcomer: not confirmed, with a newcomer's limits."""
DEPLOY_GRANTS = "basic,highvolume,editpage,createeditmovepage,editprotected,editinterface"
DEPLOY_GRANTS += ",editsiteconfig,editmycssjs"
LANGUAGES = "en,de,fr,es,ar,qqx"
"""Languages whose messages are there at once; those of others are made when first asked for."""
SECONDS = 300
Paths = tuple[Path, Path]


class InstallError(Exception):
    """A script of MediaWiki failed; the message says which and what it said last."""


def install(folder: Path, code: Path, shared: Path) -> None:
    """Make a wiki in ``folder``, which is new; messages go to ``shared``, for all copies.

    Raises:
        InstallError: a script failed.
    """
    for name in ("db", "images", "tmp"):
        (folder / name).mkdir(parents=True)
    say(folder, {})
    _make_databases(folder, code)
    maintain(folder, code, shared, "rebuildLocalisationCache", f"--lang={LANGUAGES}")
    for name, groups in GROUPS.items():
        account = ["--force", name, PASSWORDS[name]]
        account += [f"--custom-groups={groups}"] if groups else []
        maintain(folder, code, shared, "createAndPromote", *account)
    _block(folder, code, shared)
    bot = ["--appid=deploy", f"--grants={DEPLOY_GRANTS}", ADMIN, PASSWORDS[DEPLOYER]]
    maintain(folder, code, shared, "createBotPassword", *bot)
    maintain(folder, code, shared, "runJobs")


def _make_databases(folder: Path, code: Path) -> None:
    """The settings that the installer writes are not used: ours are."""
    words = ["--dbtype=sqlite", f"--dbpath={folder}/db", "--dbname=wiki", f"--confpath={folder}"]
    words += ["--server=http://127.0.0.1", "--scriptpath=/w", "--extensions=Gadgets"]
    words += ["--skins=Vector,MinervaNeue,MonoBook", f"--pass={PASSWORDS[ADMIN]}"]
    _php(code, "install", *words, "Test Commons", ADMIN, environment=dict(os.environ))
    (folder / "LocalSettings.php").unlink()


def _block(folder: Path, code: Path, shared: Path) -> None:
    """Without a block of the address: everybody here has the same."""
    names = folder / "tmp" / "names"
    names.write_text(f"{BLOCKED}\n", encoding="utf-8")
    words = ["--performer", ADMIN, "--reason", "Spam", "--disable-autoblock", str(names)]
    maintain(folder, code, shared, "blockUsers", *words)
    names.unlink()


def maintain(folder: Path, code: Path, shared: Path, script: str, *words: str) -> str:
    """Run a maintenance script on the wiki in ``folder``; returns what it says.

    A running server does not hear what it changes in caches.

    Raises:
        InstallError: it failed.
    """
    return _php(code, script, *words, environment=environment(folder, shared))


def environment(folder: Path, shared: Path) -> dict[str, str]:
    """By which MediaWiki finds its settings, and these the wiki's folder."""
    ours = {"MW_CONFIG_FILE": SETTINGS, "TEST_WIKI_DATA": folder, "TEST_WIKI_SHARED": shared}
    return {**os.environ, **{name: str(path) for name, path in ours.items()}}


def _php(code: Path, script: str, *words: str, environment: dict[str, str]) -> str:
    command = ["php", str(code / "maintenance/run.php"), script, *words]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS, cwd=code
    )
    if done.returncode:
        told = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
        raise InstallError(f"MediaWiki's {script}: {' '.join(told[-3:])}")
    return done.stdout


def say(folder: Path, settings: dict[str, object]) -> None:
    """Settings of this wiki alone, read at each request: ``{"wgServer": …}``."""
    fresh = folder / "settings.json.new"
    fresh.write_text(json.dumps(settings), encoding="utf-8")
    # in one step: a request never reads half of it
    fresh.replace(folder / "settings.json")


def template(cache: Path = packages.CACHE) -> Path:
    """A folder with ``wiki``, to be copied, and ``messages``, to be shared; made where missing.

    Its name tells what it was made by: other settings or another MediaWiki make another.

    Raises:
        packages.MissingError: PHP or MediaWiki cannot be had.
        InstallError: MediaWiki cannot be installed.
    """
    if not packages.php_found():
        raise packages.MissingError(packages.HOW)
    code = packages.code(cache)
    place = cache / f"installed-{_mark(code)}"
    with packages.alone(cache):
        if not place.exists():
            making = cache / "installing"
            shutil.rmtree(making, ignore_errors=True)
            install(making / "wiki", code, making)
            for older in cache.glob("installed-*"):
                shutil.rmtree(older)
            making.rename(place)
    return place


def _mark(code: Path) -> str:
    made_by = (SETTINGS, Path(__file__).resolve(), code / "includes" / "Defines.php")
    return hashlib.sha256(b"".join(one.read_bytes() for one in made_by)).hexdigest()[:12]


def copied(folder: Path, cache: Path = packages.CACHE) -> Paths:
    """Copy the installed wiki into an empty ``folder``; returns its code and what is shared."""
    made = template(cache)
    shutil.copytree(made / "wiki", folder, dirs_exist_ok=True)
    return packages.code(cache), made
