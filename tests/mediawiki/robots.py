"""Accounts of bots on the tests' wiki: each with a bot password, as an operator makes one."""

from __future__ import annotations

from .installed import ADMIN
from .scene import Wiki, password_of

APP = "depicts"
PASSWORD = "botpasswordof32lettersanddigitsa"
READS = "basic"
"""Grants of one that reads, and no more; ``highvolume`` gives the limits of bots, too."""


def person(wiki: Wiki, name: str, groups: str = "") -> None:
    """A new account, in these groups."""
    admin = wiki.session(ADMIN)
    secret = password_of(name)
    admin.post(
        action="createaccount",
        username=name,
        password=secret,
        retype=secret,
        createreturnurl=wiki.url,
        createtoken=admin.token("createaccount"),
        token="",
    )
    if groups:
        join(wiki, name, groups)


def join(wiki: Wiki, name: str, groups: str) -> None:
    """Put an account into these groups."""
    admin = wiki.session(ADMIN)
    admin.post(action="userrights", user=name, add=groups, token=admin.token("userrights"))


def robot(wiki: Wiki, name: str, groups: str = "", grants: str = READS) -> dict[str, str]:
    """A new account of a bot; the settings by which ours logs in with it."""
    person(wiki, name, groups)
    wiki.mediawiki.bot_password(name, APP, PASSWORD, grants)
    return {"wiki_username": f"{name}@{APP}", "wiki_password": PASSWORD}
