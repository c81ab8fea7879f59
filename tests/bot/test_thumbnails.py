"""Fetching thumbnails: what is refused, what is waited for, and who we say we are."""

from __future__ import annotations

import gzip
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from depicts_model.errors import DepictsError, ImageError, WikiError
from depicts_model.settings import on_loopback
from depicts_model.wiki.thumbnails import LATER, Thumbnails

from .upload_host import Answer, Upload, upload_host

PNG: Answer = (200, {"Content-Type": "image/png"}, b"\x89PNG")


@pytest.fixture
def upload() -> Iterator[Upload]:
    with upload_host() as state:
        yield state


@pytest.fixture
def thumbnails() -> Iterator[Thumbnails]:
    with Thumbnails("mailto:{me}@example.org", max_bytes=1000) as client:
        yield client


def test_the_bytes_and_our_name(upload: Upload, thumbnails: Thumbnails) -> None:
    assert thumbnails.fetch(upload.url("/a.png", PNG), upload.host) == b"\x89PNG"
    ((_, agent),) = upload.requests
    assert agent.startswith("suggest-depicts/")
    assert "(mailto:{me}@example.org) requests/" in agent


def test_the_proxy_of_the_environment_is_asked_but_for_hosts_that_it_excepts(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    elsewhere = "http://upload.test/a.png"
    upload.answers = {elsewhere: [PNG], "/a.png": [PNG]}
    monkeypatch.setenv("http_proxy", f"http://{upload.host}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Thumbnails("mailto:{me}@example.org") as client:
        for _ in range(2):
            client.fetch(elsewhere, "upload.test")
        client.fetch(f"http://{upload.host}/a.png", upload.host)
    assert [path for path, _ in upload.requests] == [elsewhere, elsewhere, "/a.png"]


def test_no_password_of_netrc_is_told(
    upload: Upload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password secret\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Thumbnails("mailto:{me}@example.org") as client:
        client.fetch(upload.url("/a.png", PNG), upload.host)
    assert upload.passwords == [None]


@pytest.mark.parametrize("url", ["http://elsewhere.test/a.png", "file:///etc/passwd", "/a.png", ""])
def test_nothing_is_fetched_from_elsewhere(
    upload: Upload, thumbnails: Thumbnails, url: str
) -> None:
    with pytest.raises(WikiError, match="foreign-host"):
        thumbnails.fetch(url, upload.host)
    assert upload.requests == []


def test_a_redirect_is_not_followed(upload: Upload, thumbnails: Thumbnails) -> None:
    upload.url("/target", PNG)
    url = upload.url("/a", (302, {"Location": f"http://{upload.host}/target"}, b""))
    with pytest.raises(WikiError, match="http-302"):
        thumbnails.fetch(url, upload.host)
    assert [path for path, _ in upload.requests] == ["/a"]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((404, {}, b""), WikiError, "http-404"),
        ((410, {}, b""), WikiError, "http-410"),
        ((200, {"Content-Type": "image/png"}, b"x" * 1001), ImageError, "larger than 1000"),
    ],
)
def test_what_will_never_be_an_image(
    upload: Upload,
    thumbnails: Thumbnails,
    answer: Answer,
    error: type[DepictsError],
    words: str,
) -> None:
    with pytest.raises(error, match=words) as caught:
        thumbnails.fetch(upload.url("/a", answer), upload.host)
    assert getattr(caught.value, "retry_after", None) is None
    assert "\n" not in str(caught.value)
    assert len(upload.requests) == 1


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((200, {"Content-Type": "text/html; charset=utf-8"}, b"<p>"), ImageError, "is text/html"),
        ((200, {}, b"?"), ImageError, "no content type"),
        ((302, {"Location": "http://127.0.0.1:1/a"}, b""), WikiError, "http-302"),
        ((403, {}, b""), WikiError, "http-403"),
        ((520, {}, b""), WikiError, "http-520"),
    ],
)
def test_what_is_not_said_of_the_file_may_come_right(
    upload: Upload,
    thumbnails: Thumbnails,
    answer: Answer,
    error: type[DepictsError],
    words: str,
) -> None:
    with pytest.raises(error, match=words) as caught:
        thumbnails.fetch(upload.url("/a", answer), upload.host)
    assert getattr(caught.value, "retry_after", None) == LATER
    assert len(upload.requests) == 1


def test_a_server_that_wants_to_be_left_alone_is_not_asked_for_other_files(
    upload: Upload, thumbnails: Thumbnails
) -> None:
    busy = upload.url("/a", (429, {"Retry-After": "864000"}, b""))
    other = upload.url("/b", PNG)
    for url in (busy, other):
        with pytest.raises(WikiError, match="http-429") as caught:
            thumbnails.fetch(url, upload.host)
        assert caught.value.retry_after == pytest.approx(864000, abs=60)
    assert len(upload.requests) == 1


@pytest.mark.slow
def test_a_short_pause_holds_for_other_files_too(upload: Upload, thumbnails: Thumbnails) -> None:
    busy = upload.url("/a", (429, {"Retry-After": "1"}, b""))
    with pytest.raises(WikiError, match="http-429"):
        thumbnails.fetch(busy, upload.host)
    began = time.monotonic()
    assert thumbnails.fetch(upload.url("/b", PNG), upload.host) == b"\x89PNG"
    assert time.monotonic() - began > 0.9


@pytest.mark.parametrize("asked", ["0", "nonsense", "-5", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_busy_server_is_asked_again(upload: Upload, thumbnails: Thumbnails, asked: str) -> None:
    url = upload.url("/a", (503, {"Retry-After": asked}, b""), PNG)
    assert thumbnails.fetch(url, upload.host) == b"\x89PNG"
    assert len(upload.requests) == 2


def test_a_long_pause_is_left_to_a_later_run(upload: Upload, thumbnails: Thumbnails) -> None:
    url = upload.url("/a", (429, {"Retry-After": "7200"}, b""))
    with pytest.raises(WikiError, match="http-429") as caught:
        thumbnails.fetch(url, upload.host)
    assert caught.value.retry_after == 7200
    assert len(upload.requests) == 1


@pytest.mark.slow
def test_a_server_that_stays_busy_is_tried_later(upload: Upload, thumbnails: Thumbnails) -> None:
    url = upload.url("/a", (500, {}, b""))
    with pytest.raises(WikiError, match="http-500") as caught:
        thumbnails.fetch(url, upload.host)
    assert caught.value.retry_after == LATER
    assert len(upload.requests) == 3


def test_an_answer_cut_short_is_the_networks_fault(upload: Upload, thumbnails: Thumbnails) -> None:
    url = upload.url("/a", (200, {"Content-Type": "image/png", "Content-Length": "99"}, b"x"))
    with pytest.raises(WikiError, match=r"network: .*/a: ") as caught:
        thumbnails.fetch(url, upload.host)
    assert caught.value.retry_after == LATER


def test_an_answer_that_drips_is_left_at_the_deadline(upload: Upload) -> None:
    url = upload.url("/drip", (200, {"Content-Type": "image/png"}, b"x" * 500))
    with Thumbnails("", deadline=0.5) as thumbnails:
        began = time.monotonic()
        with pytest.raises(WikiError, match=r"network: .*/drip: not whole in 0.5 s") as caught:
            thumbnails.fetch(url, upload.host)
        assert time.monotonic() - began < 5, "all of it takes ten seconds"
        assert caught.value.retry_after == LATER
        other = upload.url("/a.png", PNG)
        assert thumbnails.fetch(other, upload.host) == b"\x89PNG", "the next has its own time"


def test_where_no_time_is_left_nothing_is_tried_again(upload: Upload) -> None:
    url = upload.url("/a", (503, {"Retry-After": "1"}, b""), PNG)
    with (
        Thumbnails("", deadline=0.5) as thumbnails,
        pytest.raises(WikiError, match="http-503") as caught,
    ):
        thumbnails.fetch(url, upload.host)
    assert caught.value.retry_after == 1
    with (
        Thumbnails("", deadline=0.5) as thumbnails,
        pytest.raises(WikiError, match=r"network: .*refused"),
    ):
        thumbnails.fetch("http://127.0.0.1:1/a", "127.0.0.1:1")
    assert len(upload.requests) == 1


def test_an_answer_in_pieces_and_packed_is_read_whole(upload: Upload) -> None:
    body = random.Random(5).randbytes(200_000)
    packed = {"Content-Type": "image/png", "Content-Encoding": "gzip"}
    url = upload.url("/packed", (200, packed, gzip.compress(body)))
    with Thumbnails("") as thumbnails:
        assert thumbnails.fetch(url, upload.host) == body


@pytest.mark.slow
def test_nobody_answers(thumbnails: Thumbnails) -> None:
    with pytest.raises(WikiError, match=r"network: http://127.0.0.1:1/a: .*refused") as caught:
        thumbnails.fetch("http://127.0.0.1:1/a", "127.0.0.1:1")
    assert "object at 0x" not in str(caught.value)


def test_at_most_two_at_once(upload: Upload, thumbnails: Thumbnails) -> None:
    url = upload.url("/slow", PNG)
    threads = [threading.Thread(target=thumbnails.fetch, args=(url, upload.host)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(upload.requests) == 8
    assert upload.most_at_once == 2


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8080/w/api.php", True),
        ("http://[::1]/w/api.php", True),
        ("http://localhost/w/api.php", True),
        ("https://commons.wikimedia.org/w/api.php", False),
        ("http://127.0.0.1.example.org/w/api.php", False),
        ("http://localhost.example.org/w/api.php", False),
        ("http://0.0.0.0/w/api.php", False),
        ("http://user@127.0.0.1@example.org/", False),
        ("", False),
    ],
)
def test_what_is_this_machine(url: str, local: bool) -> None:
    assert on_loopback(url) is local
