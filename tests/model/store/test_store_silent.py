"""A database that takes connections and says nothing: who is waited for does not wait for it."""

from __future__ import annotations

import socket
import time

import pytest

from depicts_model.errors import StoreError
from depicts_model.store import ANSWER_SECONDS, Store
from depicts_model.store.engine import BUSY_SECONDS


@pytest.mark.slow
def test_a_silent_server_counts_as_lost() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"mysql+pymysql://root@127.0.0.1:{silent.getsockname()[1]}/x"
        begun = time.monotonic()
        with pytest.raises(StoreError, match=r"timed out|Lost connection"):
            Store.open(url, answer_seconds=1)
        assert time.monotonic() - begun < 10


def test_waiting_for_another_writer_is_not_silence() -> None:
    """The server tells after BUSY_SECONDS // 2 that another one writes."""
    assert ANSWER_SECONDS > BUSY_SECONDS // 2
