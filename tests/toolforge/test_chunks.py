"""A body that the server cannot read is the sender's fault, whatever the server calls it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from depicts_toolforge.sizes import LARGEST_BODY
from tests.toolforge.conftest import Service
from tests.toolforge.test_nonsense import WRITE, is_problem


class NoChunkError(Exception):
    """As gunicorn's own: neither an OSError nor a ValueError."""


class Input:
    """What a server gives for the body; it finds out late that it is none."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def read(self, _size: int = -1) -> bytes:
        raise self._fault


@pytest.mark.parametrize("fault", [NoChunkError("xyz"), OSError("gone")], ids=["chunk", "gone"])
def test_chunks_that_are_none_are_a_bad_request(service: Service, fault: Exception) -> None:
    environ: dict[str, Any] = {
        "wsgi.input": Input(fault),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    answer = service.client.post(WRITE, content_type="application/json", environ_overrides=environ)
    is_problem(answer, 400, "bad-request")
    assert service.store.counts()["decisions"] == 0


@pytest.mark.parametrize("size", [LARGEST_BODY, LARGEST_BODY + 1, 10 * LARGEST_BODY])
def test_more_chunks_than_may_be_sent_are_too_large(service: Service, size: int) -> None:
    environ: dict[str, Any] = {
        "wsgi.input": BytesIO(b" " * size),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
    }
    answer = service.client.post(WRITE, content_type="application/json", environ_overrides=environ)
    is_problem(answer, 413, "request-entity-too-large")
