"""The endpoints, each a straight line from what is asked to what is answered."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Final

from flask import Blueprint, Response, jsonify, request

from depicts_model.statistics import Statistics
from depicts_model.store import AGAIN, StoredOutcome
from depicts_model.types import FileRef, Mid, Qid, Skipped, SkipReason
from depicts_toolforge import answers, asked, items, sizes
from depicts_toolforge.parts import Parts, current_parts
from depicts_toolforge.problems import Problem

api: Final = Blueprint("api", __name__)

LONGEST_QUEUE: Final = 10_000
"""Files waiting at the most: a page id costs nothing to invent, so the last are forgotten."""
RENEWED: Final = timedelta(seconds=5)
"""Who asks again after so long moves ahead of all who asked before."""
SOON: Final = 5
"""A file up to this place is looked at within a second or two by a worker that is alive."""
FILES_A_SECOND: Final = 5
"""That a worker looks at, about."""
LONGEST_RETRY: Final = 60
"""Seconds until a file that waits is worth a question again, at the most."""
IDLE_RETRY: Final = 30
"""The same while nobody works on the queue."""
TOKEN: Final = "Decision-Token"  # noqa: S105 - the name of the header, not a token
"""Not in the body: each answer has a token of its own, and the body has an ETag."""

GONE: Final = Skipped(SkipReason.DELETED)
"""The outcome of a page that is not there."""
GONE_FOR: Final = timedelta(minutes=10)
"""A page that was not there is not looked for again so soon."""
ALIVE: Final = "api.livez"
"""The endpoint by which Toolforge finds out whether this process lives."""
MONITORS: Final = (ALIVE, "api.healthz")
"""Endpoints that no limit counts."""
STATISTICS: Final = "statistics"
"""Name of the note in which a job leaves what it counted."""
_UNCOUNTED: Final = (*MONITORS, "api.decisions")


@api.before_request
def count() -> None:
    """Every question counts, but for those of a monitor and those that a browser asks first.

    Verdicts are counted once their token was read: strangers must not use up what a reader of
    the same page needs to be heard.
    """
    if request.method != "OPTIONS" and request.endpoint not in _UNCOUNTED:
        current_parts().limiter.count()


@api.get("/api/v1/files/<mid>/suggestions")
def suggestions(mid: str) -> Response:
    """200 with what is known about the file, or 202 and a place in the queue.

    A reader who sees another content than what is known is asked to wait for it, too.
    """
    parts = current_parts()
    known = asked.file_id(mid)
    parts.limiter.count_page(known)
    wanted, sha1 = asked.of_a_file(request.args.to_dict(flat=False), parts.settings.language)
    stopped = parts.switches.now().stopped
    if stopped is not None:
        return _tagged(jsonify(answers.paused(known, stopped)))
    told = parts.store.told(known)
    if told is None or (sha1 and _overwritten(parts, told[0].file, sha1)):
        return _queued(parts, known)
    return _told(parts, *told, wanted)


def _overwritten(parts: Parts, file: FileRef, sha1: str) -> bool:
    """Whether the worker is to find out, or just does, if the reader's content is newer.

    If it is not, what is known is told: nobody waits for a content that was made up.
    """
    if sha1 == file.sha1:
        return False
    return parts.store.place(file.mid) is not None or parts.limiter.may_look_again(file.mid)


def _told(
    parts: Parts, stored: StoredOutcome, refused: Collection[Qid], wanted: asked.Wanted
) -> Response:
    file = stored.file
    if stored.outcome == GONE:
        _ask_again(parts, stored)
        raise Problem(HTTPStatus.NOT_FOUND, "no-such-file", f"the wiki has no file {file.mid}")
    most = parts.settings.max_suggestions
    body = answers.answer(stored, wanted, parts.lists.now(), most, refused)
    response = _tagged(jsonify(body))
    if offered := answers.offered(body):
        token = parts.tokens.make(file.mid, file.sha1, stored.model_version, offered)
        response.headers[TOKEN] = token
    return response


def _tagged(response: Response) -> Response:
    """The answer, to be asked for again by its ETag; a weak one, since it is compressed or not."""
    response.add_etag(weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    # in place: it becomes a 304 where the reader has this body
    response.make_conditional(request)
    return response


def _queued(parts: Parts, mid: Mid) -> Response:
    # who asked a moment ago keeps the place, and nothing is written
    place = parts.store.place(mid, datetime.now(UTC) - RENEWED)
    if place is None:
        place = parts.store.request(mid, most=LONGEST_QUEUE)
    response = jsonify(answers.pending(mid, place))
    response.status_code = HTTPStatus.ACCEPTED
    response.headers["Retry-After"] = str(retry_after(place, parts.switches.now().working))
    return response


def retry_after(place: int, working: bool) -> int:
    """Seconds until it is worth asking again for the file at this place in the queue."""
    if not working:
        return IDLE_RETRY
    return 1 if place <= SOON else min(LONGEST_RETRY, 1 + place // FILES_A_SECOND)


def _ask_again(parts: Parts, stored: StoredOutcome) -> None:
    """A page that was not there may have come since, or come back: no answer is for ever.

    Who asks now is told what is known; the worker finds out, where it has time.
    """
    old = datetime.now(UTC) - stored.at > GONE_FOR
    if old and parts.store.queue_length() < LONGEST_QUEUE:
        parts.store.request(stored.file.mid, AGAIN)


@api.post("/api/v1/files/<mid>/decisions")
def decisions(mid: str) -> tuple[Response, int]:
    """201 where something was stored, 200 for a replay; ``stored``: how many, new or changed.

    ``not_offered``: the items of which nothing was stored, as nobody offered them to this reader.
    """
    parts = current_parts()
    known = asked.file_id(mid)
    sent = asked.verdicts(request.mimetype, sizes.body())
    offer = parts.tokens.read(sent.token, known)
    parts.limiter.count_token(offer.key)
    parts.limiter.count()
    made, others = asked.decisions(sent, offer, datetime.now(UTC))
    stored = parts.store.add_decisions(offer.key, made, offer.model_version)
    status = HTTPStatus.CREATED if stored else HTTPStatus.OK
    return jsonify(stored=stored, not_offered=others), status


@api.get("/api/v1/items/<qid>/neighbours")
def neighbours(qid: str) -> Response:
    """200 with what lies above and below an item, or a Problem 404."""
    parts = current_parts()
    known = asked.item_id(qid)
    wanted = asked.wanted(request.args.to_dict(flat=False), parts.settings.language)
    told = items.neighbours(known, wanted, parts.lists.now())
    if told is None:
        detail = f"{known} is not offered: unknown here, without a label, or never suggested"
        raise Problem(HTTPStatus.NOT_FOUND, "unknown-item", detail)
    return _tagged(jsonify(told))


@api.get("/api/v1/items")
def found() -> Response:
    """200 with the items that a person's words name."""
    parts = current_parts()
    search = asked.search(request.args.to_dict(flat=False), parts.settings.language)
    return _tagged(jsonify(items.found(search, parts.lists.now())))


@api.get("/api/v1/statistics")
def statistics() -> Response:
    """200 with what a job last counted, or a Problem 404."""
    asked.single(request.args.to_dict(flat=False), ())
    noted = current_parts().store.noted(STATISTICS)
    try:
        return _tagged(jsonify(Statistics.from_json(noted.value if noted else {}).to_json()))
    except (KeyError, TypeError, ValueError):
        detail = "nothing was counted yet, or by a job of another version"
        raise Problem(HTTPStatus.NOT_FOUND, "not-measured", detail) from None


@api.get("/api/v1/openapi.json")
def description() -> Response:
    """What this API is, in OpenAPI 3.1."""
    return _tagged(Response(current_parts().description, mimetype="application/json"))


@api.get("/livez")
def livez() -> Response:
    """200 while this process answers at all: it asks nobody, least of all the store.

    Who starts the service anew where this fails does so for a fault that a start can mend.
    """
    return jsonify(status="alive")


@api.get("/healthz")
def healthz() -> Response:
    """200 while the store answers; a 503 problem otherwise.

    ``switch``: ``unread`` where nobody has read its page for long, though a worker was there.
    """
    parts = current_parts()
    standing = parts.switches.now()
    switch = "stopped" if standing.stopped is not None else "on"
    return jsonify(
        status="ok",
        store=parts.store.ping(),
        catalog=parts.catalog.snapshot,
        switch="unread" if standing.unread else switch,
    )
