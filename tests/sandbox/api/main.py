"""From a call to its answer: the checks that come first, the module, the errors."""

from __future__ import annotations

import secrets
from typing import Any

from .. import errors
from ..errors import ApiError
from . import paraminfo, shape
from .call import Call
from .modules import MODULES, Module

Json = dict[str, Any]


ALL = MODULES | {"paraminfo": Module(paraminfo.run)}


def answer(call: Call) -> tuple[Json, dict[str, str]]:
    """The body and the special headers of an answer; errors become bodies here."""
    try:
        body, headers = _execute(call), {}
    except ApiError as error:
        body = shape.failure(call, error)
        codes = ", ".join(error.header or (error.code,))
        headers = {"MediaWiki-API-Error": codes, **error.headers}
    return shape.finished(call, body), headers


def _execute(call: Call) -> Json:
    """Assertions come first, so that nothing else hides that a login was lost."""
    _check_assertions(call)
    module = ALL.get(call.action)
    if module is None:
        raise errors.unknown_value("action", call.action)
    _check_form(call, module)
    _check_lag(call)
    if module.writes and call.state.conditions.read_only:
        raise errors.read_only(call.state.conditions.read_only)
    return module.run(call)


def _check_assertions(call: Call) -> None:
    wanted = call.get("assert")
    if wanted == "user" and not call.user:
        raise errors.not_logged_in()
    if wanted == "anon" and call.user:
        raise errors.not_anonymous()
    if wanted == "bot" and "bot" not in call.rights:
        raise errors.not_a_bot()
    name = call.get("assertuser")
    if name and name != call.user:
        raise errors.not_this_user(name)


def _check_form(call: Call, module: Module) -> None:
    if module.token and not call.flag("token"):
        raise errors.missing_param("token")
    if module.posted and not call.posted:
        raise errors.must_be_posted(call.action)
    loose = {"token", "lgpassword", "password"} & call.in_address
    if module.posted and loose:
        raise errors.must_post_params(", ".join(sorted(loose)))
    if module.token and not _same(call.get("token"), call.session.token(module.token)):
        raise errors.bad_token()


def _same(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())


def _check_lag(call: Call) -> None:
    lag = call.state.conditions.lag
    if call.flag("maxlag") and lag > call.number("maxlag"):
        raise errors.max_lag(lag)
