"""The command line. Exit status: 0; 1 where the wiki is not as it should be; 2 for an error."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlsplit

from depicts_gadget import user_script, work
from depicts_gadget.checkout import Checkout
from depicts_gadget.drift import Drift, Judge
from depicts_gadget.pages import gadgets
from depicts_gadget.wiki import Wiki
from depicts_model.errors import ConfigurationError, DepictsError
from depicts_model.settings import is_address, on_loopback

COMMONS = "https://commons.wikimedia.org/w/api.php"
USER, PASSWORD = "GADGET_USERNAME", "GADGET_PASSWORD"
SERVICE = "https://suggest-depicts.toolforge.org"
VERSION = "0.1.0"
WRONG, FAILED, INTERRUPTED = 1, 2, 130
ABOUT = """Put the gadgets of this checkout on a wiki. Without --yes nothing is written: what would
be is shown as a diff, with what somebody else has changed there."""
THEN = f"""{USER} and {PASSWORD} in the environment: the name (Account@bot) and the password of a
bot password (Special:BotPasswords) with the grants that docs/gadget.md names; needed with --yes."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """As every command of the house."""
        self.exit(FAILED, f"error: {message}\n")


def parser() -> Parser:
    """All options; docs/gadget.md tells of each."""
    made = Parser("deploy", description=ABOUT, epilog=THEN, allow_abbrev=False)
    add = made.add_argument
    add("--wiki", default=COMMONS, metavar="URL", help="address of its api.php (Commons)")
    add("--dry-run", action="store_true", help="show what would be written; the default")
    add("--yes", action="store_true", help="write it")
    add("--live", action="store_true", help="allow writes to a wiki that is not on loopback")
    add("--overwrite-drift", action="store_true", help="undo what others have changed there")
    add("--section", default="", metavar="NAME", help="where new lines of the definition go")
    add("--user-script", action="store_true", help="put the user script below your account instead")
    return made


def main(folder: Path, arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line; ``folder`` is gadget-js."""
    try:
        return _deploy(parser().parse_args(arguments), Checkout(folder))
    except DepictsError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # nobody reads on; keep the interpreter from complaining at exit
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return WRONG


def _deploy(options: argparse.Namespace, checkout: Checkout) -> int:
    _check_words(options)
    commit = _commit(options, checkout)
    account = _account(os.environ.get(USER, ""))
    wiki = Wiki(options.wiki, _agent(options.wiki, account))
    if options.yes:
        wiki.login(os.environ[USER], os.environ[PASSWORD])
    wanted = partial(work.user_texts, account) if options.user_script else work.gadget_texts
    new = wanted(checkout.read)
    now = wiki.latest(new)
    todo = work.changes(now, new, options.section)
    if not options.yes:
        _show(todo)
    drifted = _report(Judge(wiki, checkout, wanted, work.own).drifts(now, new))
    if not options.user_script:
        _report_left_over(work.left_over(wiki, new))
    if drifted and not options.overwrite_drift:
        _say(f"stopped: drift ({drifted} of {len(new)} pages); see --overwrite-drift")
        return WRONG
    if not options.yes:
        _say(f"{len(todo)} of {len(new)} pages differ from commit {commit}; nothing was written")
        return 0
    for title in work.write(wiki, todo, commit):
        _say(f"written: {title}")
    _say(f"{len(todo)} of {len(new)} pages written from commit {commit}")
    if options.user_script:
        _say(f"on User:{account}/common.js: {_line(options.wiki, account)}")
        return 0
    return _loaded(wiki, checkout)


def _check_words(options: argparse.Namespace) -> None:
    """Refuse what makes no sense, what is not allowed, and what lacks a setting."""
    api = options.wiki
    if not is_address(api) or not urlsplit(api).path.endswith("/api.php"):
        raise ConfigurationError(f"--wiki {api}: not the address of an api.php")
    if urlsplit(api).scheme != "https" and not on_loopback(api):
        raise ConfigurationError(f"--wiki {api}: a wiki off this machine: https only")
    if options.yes and options.dry_run:
        raise ConfigurationError("--dry-run and --yes: say one of them")
    if options.yes and not (on_loopback(api) or options.live):
        raise ConfigurationError(f"{api} is not on loopback: say --live, if it is meant")
    needed = [USER] * (options.yes or options.user_script) + [PASSWORD] * options.yes
    for name in needed:
        if not os.environ.get(name):
            raise ConfigurationError(f"{name} is not set; see docs/gadget.md")


def _commit(options: argparse.Namespace, checkout: Checkout) -> str:
    """What is deployed; whoever writes must have committed it."""
    commit, changed = checkout.commit(), checkout.changes()
    if changed and options.yes:
        raise ConfigurationError(f"gadget-js is not clean: {', '.join(changed)}; commit it first")
    return commit + (" with uncommitted changes" if changed else "")


def _report(drifts: Iterable[Drift]) -> int:
    """Name them; how many there are."""
    found = list(drifts)
    for drift in found:
        _say(f"drift: {drift.title}: {drift.why}")
    return len(found)


def _report_left_over(titles: Iterable[str]) -> None:
    for title in titles:
        _say(f"left over: {title}: no gadget names it; an administrator can delete it")


def _account(name: str) -> str:
    """Of the name of a bot password, as the wiki writes it."""
    account = name.partition("@")[0].replace("_", " ").strip()
    return account[:1].upper() + account[1:]


def _agent(api: str, account: str) -> str:
    """With where to find us, and whose account it is."""
    who = f"; {urlsplit(api).netloc} User:{account.replace(' ', '_')}" if account else ""
    return f"suggest-depicts-deploy/{VERSION} ({SERVICE}{who})".encode("ascii", "replace").decode()


def _show(todo: Iterable[work.Change]) -> None:
    for change in todo:
        for line in change.diff():
            _say(line)


def _loaded(wiki: Wiki, checkout: Checkout) -> int:
    faults = list(work.faults(wiki, gadgets(checkout.read)))
    for fault in faults:
        _say(f"fault: {fault}")
    return WRONG if faults else 0


def _line(api: str, account: str) -> str:
    """What whoever wants the user script writes on their common.js."""
    path = urlsplit(api).path.removesuffix("api.php")
    title = quote(user_script.title(account).replace(" ", "_"), safe=":/")
    address = f"{path}index.php?title={title}&action=raw&ctype=text/javascript"
    return f"mw.loader.load( '{address}' );"


def _say(line: str) -> None:
    """What a wiki says may hold codes that move a terminal's cursor."""
    print("".join(sign if sign.isprintable() or sign == "\t" else "�" for sign in line), flush=True)
