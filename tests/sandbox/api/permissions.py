"""Who may edit what, and in which words the wiki refuses."""

from __future__ import annotations

from datetime import datetime

from ..errors import PROTECTED, Message
from ..records import Page
from ..state import Block
from .call import ANONYMOUS, Call

_LEVEL_RIGHTS = {"sysop": "editprotected", "autoconfirmed": "editsemiprotected"}


def refusal(call: Call, page: Page | None) -> tuple[str, Message] | None:
    """Why the caller may not edit the page: the header's code and the message; None if it may."""
    block = call.state.block_of(call.author)
    if block:
        return "blocked", blocked(call, block)
    if "edit" not in call.rights:
        return "permissiondenied", only_users(call)
    level = page.protection.get("edit") if page else None
    if level and _LEVEL_RIGHTS.get(level, level) not in call.rights:
        return "protectedpage", PROTECTED
    return None


def long_date(moment: datetime) -> str:
    """``09:25, 21 November 2026``, as the wiki writes dates for people."""
    return f"{moment:%H:%M}, {moment.day} {moment:%B %Y}"


def only_users(call: Call) -> Message:
    """The message that a right is for people with an account."""
    link = _red_link("Commons:Users", "Users")
    html = f"The action you have requested is limited to users in the group: {link}."
    groups = {"list": ["[[Commons:Users|Users]]"], "type": "comma"}
    return Message("badaccess-groups", html, (groups, 1))


def blocked(call: Call, block: Block) -> Message:
    """The message that tells somebody of their block."""
    by, who = _isolated(block.by), _isolated(block.user)
    start = long_date(block.start)
    end = long_date(block.expiry) if block.expiry else "infinite"
    parameters = (
        f"[[User:{block.by}|{by}]]",
        block.reason,
        ANONYMOUS,
        by,
        block.id,
        end,
        who,
        start,
    )
    return Message("blockedtext", _blocked_html(block, by, who, start, end), parameters)


def _isolated(name: str) -> str:
    """A name wrapped in marks that keep its writing direction to itself."""
    return f"\u202a{name}\u202c"


def _red_link(title: str, shown: str) -> str:
    return (
        f'<a href="/w/index.php?title={title}&amp;action=edit&amp;redlink=1" class="new" '
        f'title="{title} (page does not exist)">{shown}</a>'
    )


def _blocked_html(block: Block, by: str, who: str, start: str, end: str) -> str:
    blocker = _red_link(f"User:{block.by}", by)
    helpers = _red_link("Commons:Administrators", "administrator")
    preferences = '<a href="/wiki/Special:Preferences" title="Special:Preferences">preferences</a>'
    return (
        "<p><strong>Your username or IP address has been blocked.</strong>\n</p>"
        f"<p>The block was made by {blocker}.\nThe reason given is <em>{block.reason}</em>.\n</p>\n"
        f"<ul><li>Start of block: {start}</li>\n<li>Expiration of block: {end}</li>\n"
        f"<li>Intended blockee: {who}</li></ul>\n"
        f"<p>You can contact {blocker} or another {helpers} to discuss the block.\n"
        'You can use the "Email this user" feature if a valid email address is specified in your '
        f"{preferences} and you have not been blocked from using it.\n"
        f"Your current IP address is {ANONYMOUS}. Block ID #{block.id}.\n"
        "Please include all above details in any queries you make.\n</p>"
    )
