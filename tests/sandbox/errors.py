"""Every error that the API answers, built in one place so that its words are said once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

MISSING_PHRASE = "⧼no-such-entity⧽"


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the interface: its key, its parameters and the HTML that it yields."""

    name: str
    html: str
    parameters: tuple[Any, ...] = ()


@dataclass(eq=False)
class ApiError(Exception):
    """An answer that says no.

    ``header`` holds the codes of the MediaWiki-API-Error header (the code itself where empty);
    ``extra`` goes into the error as it is; ``headers`` into the HTTP answer.
    """

    code: str
    info: str
    messages: tuple[Message, ...] = ()
    header: tuple[str, ...] = ()
    extra: Json = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    trace: str = ""


def wikibase(name: str, info: str, *parameters: Any, code: str = "", **extra: Any) -> ApiError:
    """An error of Wikibase's own: its one message is ``wikibase-api-<name>``."""
    message = Message(f"wikibase-api-{name}", info, parameters)
    return ApiError(code or name, info, (message,), extra=extra)


# --- who asks, and how ---------------------------------------------------------------------


def bad_token() -> ApiError:
    return ApiError("badtoken", "Invalid CSRF token.")


def missing_param(name: str) -> ApiError:
    return ApiError("missingparam", f'The "{name}" parameter must be set.')


def must_be_posted(action: str) -> ApiError:
    return ApiError("mustbeposted", f'The "{action}" module requires a POST request.')


def must_post_params(names: str) -> ApiError:
    info = "The following parameter was found in the query string, but must be in the POST body: "
    return ApiError("mustpostparams", info + names + ".")


def not_logged_in() -> ApiError:
    info = "You are no longer logged in, so the action could not be completed."
    return ApiError("assertuserfailed", info)


def not_anonymous() -> ApiError:
    info = "You are no longer logged out, so the action could not be completed."
    return ApiError("assertanonfailed", info)


def not_a_bot() -> ApiError:
    info = 'You do not have the "bot" right, so the action could not be completed.'
    return ApiError("assertbotfailed", info)


def not_this_user(name: str) -> ApiError:
    info = f'You are no longer logged in as "{name}", so the action could not be completed.'
    return ApiError("assertnameduserfailed", info)


def unknown_value(name: str, value: str) -> ApiError:
    return ApiError("badvalue", f'Unrecognized value for parameter "{name}": {value}.')


def bad_integer(name: str, value: str) -> ApiError:
    return ApiError("badinteger", f'Invalid value "{value}" for integer parameter "{name}".')


def bad_timestamp(name: str, value: str) -> ApiError:
    info = f'Invalid value "{value}" for timestamp parameter "{name}".'
    return ApiError("badtimestamp", info)


def bad_continue() -> ApiError:
    info = "Invalid continue param. You should pass the original value returned by the query."
    return ApiError("badcontinue", info)


def too_many_values(name: str, limit: int) -> ApiError:
    info = f'Too many values supplied for parameter "{name}". The limit is {limit}.'
    extra = {"parameter": name, "limit": limit, "lowlimit": 50, "highlimit": 500}
    return ApiError("toomanyvalues", info, extra=extra)


def bad_tags(tags: list[str]) -> ApiError:
    if len(tags) == 1:
        info = f'The tag "{tags[0]}" is not allowed to be manually applied.'
    else:
        info = f"The following tags are not allowed to be manually applied: {', '.join(tags)}"
    return ApiError("badtags", info, extra={"disallowedtags": tags})


# --- the state of the wiki -----------------------------------------------------------------


def max_lag(lag: float) -> ApiError:
    """The database is behind; answered with HTTP 200 and a Retry-After of at least 5 seconds."""
    shown = int(lag) if lag == int(lag) else lag
    noun = "second" if abs(shown) == 1 else "seconds"
    info = f"Waiting for a database server: {shown} {noun} lagged."
    headers = {"Retry-After": str(max(int(lag), 5)), "X-Database-Lag": str(int(lag))}
    return ApiError("maxlag", info, extra={"host": "", "lag": shown, "type": "db"}, headers=headers)


def read_only(reason: str) -> ApiError:
    info = "The wiki is currently in read-only mode."
    return ApiError("readonly", info, extra={"readonlyreason": reason})


def permission(action: str) -> ApiError:
    """A plain refusal, of actions outside Wikibase."""
    info = f"You don't have permission to {action}."
    return ApiError("permissiondenied", info)


# --- Wikibase ------------------------------------------------------------------------------


def no_such_media_info(entity: str) -> ApiError:
    message = Message("no-such-entity", MISSING_PHRASE, (entity,))
    return ApiError("no-such-entity", MISSING_PHRASE, (message,))


def no_such_entity(entity: str) -> ApiError:
    info = f'Could not find an entity with the ID "{entity}".'
    return wikibase("no-such-entity", info, entity, id=entity)


def unnamed_entity() -> ApiError:
    """What ``wbcreateclaim`` says of an unknown property: the real one forgets the name too."""
    return wikibase("no-such-entity", 'Could not find an entity with the ID "$1".')


def no_such_revision() -> ApiError:
    return wikibase("nosuchrevid", "Revision with ID not found.")


def revision_without_entity(entity: str, revision: int, request_id: str) -> ApiError:
    """The base revision is older than the MediaInfo: the real wiki trips over itself."""
    name = "Wikibase\\Lib\\Store\\BadRevisionException"
    info = f"[{request_id}] Exception caught: No such revision found for {entity}: {revision}"
    trace = f"{name} at WikiPageEntityRevisionLookup.php"
    return ApiError(f"internal_api_error_{name}", info, extra={"errorclass": name}, trace=trace)


def unknown_item(link: str, html: str) -> ApiError:
    message = Message("wikibase-validator-no-such-entity", f"{html} not found", (link,))
    return ApiError("modification-failed", f"{link} not found", (message,))


def unknown_property(link: str, html: str) -> ApiError:
    name = "wikibase-validator-no-such-property"
    message = Message(name, f"Property {html} not found", (link,))
    return ApiError("modification-failed", f"Property {link} not found", (message,))


def invalid_guid() -> ApiError:
    return wikibase("invalid-guid", "Invalid claim guid.")


def invalid_claim(reason: str) -> ApiError:
    return wikibase("invalid-claim", reason, reason)


def invalid_snak() -> ApiError:
    return wikibase("invalid-snak", "Invalid snak data.")


def invalid_json() -> ApiError:
    return wikibase("invalid-json", "Invalid JSON.")


EDIT_CONFLICT = Message("edit-conflict", "Edit conflict.")
THROTTLED = Message(
    "actionthrottledtext",
    "As an anti-abuse measure, you are limited from performing this action too many times in a "
    "short space of time, and you have exceeded this limit.\n"
    "Please try again in a few minutes.",
)
PROTECTED = Message(
    "protectedpagetext",
    "This page has been protected to prevent editing or other actions.",
    ("editprotected", "edit"),
)
PERMISSION = Message("permissionserrors", "Permission error")


def unpatchable() -> ApiError:
    """The base revision is stale and the change does not apply to the current one."""
    info = "Edit conflict. Could not patch the current revision."
    messages = (Message("wikibase-api-editconflict", info), EDIT_CONFLICT)
    return ApiError("editconflict", info, messages)


def failed_save(header: str, *messages: Message) -> ApiError:
    """The catch-all; ``header`` names the inner reason as the header does."""
    info = "The save has failed."
    also = ("permissionserrors",) if PERMISSION in messages else ()
    told = (Message("wikibase-api-failed-save", info), *messages)
    return ApiError("failed-save", info, told, ("failed-save", header, *also))


def permission_denied(header: str, message: Message) -> ApiError:
    """``wbeditentity`` looks at permissions before it tries to save, and says so otherwise."""
    info = "You do not have the permissions needed to carry out this action."
    messages = (Message("wikibase-api-permissiondenied", info), message)
    return ApiError("permissiondenied", info, messages, ("permissiondenied", header))
