"""The gadget put on a test's wiki by its own deploy command, from a repository of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bot.command import HasApi
from tests.gadget.deploying import DEFINITION, Repository
from tests.test_gadget_units import GADGET

from .installed import DEPLOYER, PASSWORDS
from .session import Session

ENTRIES = ("scripts", "src", "i18n", "gadgets.json", "user-script.js")
START = "* suggest-depicts[ResourceLoader"


def this_gadget(folder: Path) -> Repository:
    """A repository with this very gadget, all of it committed."""
    made = Repository(folder / "gadget-js")
    made.gadget.mkdir()
    for name in ENTRIES:
        subprocess.run(["cp", "-r", GADGET / name, made.gadget], check=True)
    (folder / "model").symlink_to(GADGET.parent / "model")
    (folder / ".gitignore").write_text("__pycache__/\nmodel\n")
    made.git("init", "-q")
    made.commit()
    return made


def deployed(
    checkout: Repository, wiki: HasApi, *words: str, who: str = DEPLOYER
) -> tuple[int, str]:
    """The exit status and what it says, of the program itself."""
    ours = {"GADGET_USERNAME": who, "GADGET_PASSWORD": PASSWORDS[who]}
    done = subprocess.run(
        [sys.executable, checkout.gadget / "scripts" / "deploy", "--wiki", wiki.api, *words],
        env={**os.environ, **ours}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def put(folder: Path, wiki: HasApi, admin: Session) -> None:
    """Deploy this gadget and switch it on for everybody; ``folder``: an empty one to do it from."""
    folder.mkdir()
    status, told = deployed(this_gadget(folder), wiki, "--yes")
    assert status == 0, told
    for_everybody(admin)


def for_everybody(admin: Session) -> None:
    """The button is on by default, for people without an account too; to `deploy` this is drift."""
    text = admin.text(DEFINITION)
    assert START in text
    admin.edit(DEFINITION, text.replace(START, f"{START}|default"))
