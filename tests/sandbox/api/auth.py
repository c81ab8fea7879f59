"""Logging in and out, and what an account prefers."""

from __future__ import annotations

import secrets
from typing import Any

from .. import errors
from .call import Call

Json = dict[str, Any]

WRONG = "Incorrect username or password entered. Please try again."


def login(call: Call) -> Json:
    """Bot passwords (``lgname=User@app``), and account passwords as the old way still allows."""
    token = call.get("lgtoken")
    if not token:
        return {"login": {"result": "NeedToken", "token": call.session.token("login")}}
    if token != call.session.token("login"):
        return {"login": {"result": "WrongToken"}}
    name = call.get("lgname")
    user = name.partition("@")[0]
    if not _right_password(call, name, call.get("lgpassword")):
        return {"login": {"result": "Failed", "reason": WRONG}}
    _enter(call, user)
    return {
        "login": {"result": "Success", "lguserid": call.state.users[user].id, "lgusername": user}
    }


def client_login(call: Call) -> Json:
    """The way of people: the account's own password."""
    if call.need("logintoken") != call.session.token("login"):
        raise errors.bad_token()
    name = call.get("username")
    if "@" in name or not _right_password(call, name, call.get("password")):
        return {"clientlogin": {"status": "FAIL", "message": WRONG, "messagecode": "wrongpassword"}}
    _enter(call, name)
    return {"clientlogin": {"status": "PASS", "username": name}}


def logout(call: Call) -> Json:
    call.session.user = ""
    return {}


def options(call: Call) -> Json:
    """``action=options``: one preference of the account."""
    user = call.state.users.get(call.user)
    if user is None:
        raise errors.not_logged_in()
    user.options[call.need("optionname")] = call.get("optionvalue")
    return {"options": "success"}


def _right_password(call: Call, name: str, password: str) -> bool:
    known = call.state.passwords.get(name)
    return known is not None and secrets.compare_digest(known.encode(), password.encode())


def _enter(call: Call, user: str) -> None:
    call.session.user = user
    call.session.secret = secrets.token_hex(20)
    call.session.login_secret = secrets.token_hex(20)
