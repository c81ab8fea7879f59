"""``python -m tests.pinned`` writes requirements.txt: the web extra and all below it, pinned.

What the service needs is said in setup.cfg, which version in constraints.txt; a buildpack reads
neither. Nothing is asked on a network: the installed packages say what they need.
"""

from __future__ import annotations

import configparser
import re
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "requirements.txt"
INSTALLER = "pip"
"""sqlite-utils names it; every environment has its own."""
HEAD = """\
# What the web container installs: the extra `web` of setup.cfg and all below it, at the versions of
# constraints.txt. Made by `python -m tests.pinned`; our own code is taken from the checkout.
"""


def needed(extra: str) -> set[str]:
    """Canonical names of what we need with this extra, here, and of what that needs."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    said = setup["options"]["install_requires"] + setup["options.extras_require"][extra]
    waiting = [Requirement(line) for line in said.split("\n") if line.strip()]
    found: set[str] = set()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in found:
            found.add(name)
            waiting += _below(one)
    return found


def _below(one: Requirement) -> list[Requirement]:
    said = map(Requirement, requires(one.name) or ())
    extras = one.extras or {""}
    return [r for r in said if not r.marker or any(r.marker.evaluate({"extra": e}) for e in extras)]


def pins(text: str) -> dict[str, str]:
    """Each line ``Name==version`` by its canonical name."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)==\S+$", text, re.MULTILINE)
    whole = re.findall(r"^[A-Za-z0-9._-]+==\S+$", text, re.MULTILINE)
    return {canonicalize_name(name): line for name, line in zip(lines, whole, strict=True)}


def requirements() -> str:
    """What requirements.txt must say. A KeyError names what constraints.txt does not pin."""
    known = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    return HEAD + "".join(f"{known[name]}\n" for name in sorted(needed("web") - {INSTALLER}))


if __name__ == "__main__":
    FILE.write_text(requirements(), encoding="utf-8")
