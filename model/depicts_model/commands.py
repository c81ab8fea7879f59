"""What all commands share: a failure is one line on stderr and an exit code, never a traceback.

Exit codes: 2 for what the caller can mend (usage, settings, artefacts, the wiki's answers, a full
disk), 130 when interrupted, 1 when the reader of our output went away.
"""

from __future__ import annotations

import errno
import os
import re
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

import click

from depicts_model.errors import ConfigurationError, DepictsError

FAILED: Final = 2
INTERRUPTED: Final = 130
_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a write answers when there is no room for it."""


class Commands(click.Group):
    """A command group whose expected failures end in one line."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; exits the process unless ``standalone_mode`` is off."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, False, **extra)
        try:
            sys.exit(_code(super().main(args, prog_name, complete_var, False, **extra)))
        except click.exceptions.Exit as leaving:
            sys.exit(leaving.exit_code)
        except (click.Abort, KeyboardInterrupt):
            _leave("interrupted", INTERRUPTED)
        except click.ClickException as error:
            error.show()
            sys.exit(error.exit_code)
        except DepictsError as error:
            _leave(str(error), FAILED)
        except BrokenPipeError:
            _silence()
            sys.exit(1)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            _leave(_where_full(error), FAILED)


@contextmanager
def extra(name: str) -> Iterator[None]:
    """For imports that only this extra's packages allow; ConfigurationError names both."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(f"needs {error.name}: install the extra {name!r}") from None


def _code(result: Any) -> int:
    return result if isinstance(result, int) and not isinstance(result, bool) else 0


def _leave(message: str, code: int) -> None:
    line = " ".join(message.split())
    click.echo(f"error: {line}" if code == FAILED else line, err=True)
    sys.exit(code)


def _where_full(error: OSError) -> str:
    """What there was no room for: our output, all of which goes through ``echo``, or a file."""
    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if frames[-1].f_code is click.echo.__code__:
        _silence()
        return f"standard output: {error.strerror}"
    return f"{error.filename or 'a file'}: {error.strerror}"


def _silence() -> None:
    """Nobody gets our output any more; keep the interpreter from complaining at exit."""
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - not a path of the file system
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def peak_mb() -> float:
    """Peak memory of this process in megabytes; the kernel counts kilobytes.

    What getrusage says is no less than the peak of the process that started this one (Linux hands
    it on), so it is asked only where there is no /proc.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
