"""What git knows of gadget-js: its commit, whether it is clean, and its files at a commit."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from depicts_model.errors import ConfigurationError

DIGITS = 12
"""Of a commit in an edit's summary."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """``folder`` is gadget-js, somewhere in a repository."""

    folder: Path

    def commit(self) -> str:
        """The commit that is checked out, shortened.

        Raises ConfigurationError: this is no repository, or has no commit.
        """
        try:
            return self._git("rev-parse", f"--short={DIGITS}", "HEAD").strip()[:DIGITS]
        except (OSError, subprocess.CalledProcessError):
            raise ConfigurationError(f"{self.folder}: no commit: git tells nothing") from None

    def changes(self) -> list[str]:
        """Files of gadget-js that differ from the commit, or that it does not have."""
        told = self._git("status", "--porcelain", "--", ".").splitlines()
        return [line[3:] for line in told]

    def read(self, name: str) -> str:
        """A file as it lies there. Raises KeyError where there is none."""
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except (OSError, ValueError):
            raise KeyError(name) from None

    def knows(self, commit: str) -> bool:
        """Whether this clone has the commit."""
        try:
            self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except subprocess.CalledProcessError:
            return False
        return True

    def read_at(self, commit: str, name: str) -> str:
        """A file as the commit has it. Raises KeyError where it has none."""
        try:
            return self._git("show", f"{commit}:./{name}")
        except subprocess.CalledProcessError:
            raise KeyError(name) from None

    def _git(self, *words: str) -> str:
        command = ["git", "-C", str(self.folder), *words]
        return subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout
