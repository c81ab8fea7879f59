"""Tokens: a verdict is taken only on what this service offered, for a week.

A token names the file, its content, the model and the items offered, and carries a random part.
That part is the idempotency key of the verdicts: two readers of one file hold different keys,
one reader who sends twice holds the same. It says nothing about who the reader is.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from itsdangerous import BadData, URLSafeSerializer

from depicts_model.errors import ConfigurationError
from depicts_model.settings import Settings, on_loopback
from depicts_model.types import Mid, Qid
from depicts_toolforge.problems import Problem

LIFE_SECONDS: Final = 7 * 24 * 3600
KEY_LENGTH: Final = 32
"""Characters that ``secret_key`` needs at least."""
_SALT: Final = "suggest-depicts/decisions/1"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a reader was shown, as their token says."""

    mid: Mid
    sha1: str
    model_version: str
    items: tuple[Qid, ...]
    key: str
    expires: int
    """Seconds since 1970."""

    @property
    def issued(self) -> datetime:
        """When the token was made."""
        return datetime.fromtimestamp(self.expires - LIFE_SECONDS, UTC)


class Tokens:
    """Signs offers and reads them back. ``clock`` gives seconds since 1970."""

    def __init__(self, key: str, clock: Callable[[], float] = time.time) -> None:
        signer = {"digest_method": hashlib.sha256}
        self._serializer = URLSafeSerializer(key, salt=_SALT, signer_kwargs=signer)
        self._clock = clock

    def make(self, mid: Mid, sha1: str, model_version: str, items: Sequence[Qid]) -> str:
        """A token for these items of this file, good for ``LIFE_SECONDS``."""
        expires = int(self._clock()) + LIFE_SECONDS
        key = secrets.token_urlsafe(12)
        return str(self._serializer.dumps([mid, sha1, model_version, list(items), key, expires]))

    def read(self, token: str, mid: Mid) -> Offer:
        """The offer behind a token; a Problem 403 where it is foreign, altered or expired."""
        try:
            offer = _offer(self._serializer.loads(token))
        except (BadData, ValueError, TypeError):
            raise _refused("token-invalid", "the token was not made by this service") from None
        if offer.mid != mid:
            raise _refused("token-invalid", f"the token is for {offer.mid}, not for {mid}")
        if offer.expires <= self._clock():
            raise _refused("token-expired", "the token has expired: ask for suggestions again")
        return offer


def _offer(payload: Any) -> Offer:
    mid, sha1, model_version, items, key, expires = payload
    return Offer(Mid(mid), sha1, model_version, tuple(map(Qid, items)), key, int(expires))


def _refused(code: str, detail: str) -> Problem:
    return Problem(HTTPStatus.FORBIDDEN, code, detail)


def signing_key(settings: Settings) -> str:
    """The key that signs tokens. There is no default one.

    Without ``secret_key`` a random one serves a single process beside a wiki on loopback;
    anywhere else that is a ConfigurationError, as a short key is.
    """
    if not settings.secret_key:
        if on_loopback(settings.wiki_api):
            return secrets.token_hex(KEY_LENGTH)
        raise ConfigurationError(f"secret_key is not set; {settings.wiki_api} needs one")
    if len(settings.secret_key) < KEY_LENGTH:
        raise ConfigurationError(f"secret_key has fewer than {KEY_LENGTH} characters")
    return settings.secret_key
