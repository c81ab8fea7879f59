"""Settings: what is refused, and that a refusal never repeats a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from depicts_model.errors import ConfigurationError
from depicts_model.settings import THUMBNAIL_WIDTHS, Settings, load
from tests.sandbox import thumbnails

SECRETS = ("wiki_password", "secret_key", "database_url")


@pytest.mark.parametrize("key", SECRETS)
@pytest.mark.parametrize("value", ["12345678", "[12345678]", "true"])
def test_a_secret_of_the_wrong_type_is_not_repeated(tmp_path: Path, key: str, value: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f"{key} = {value}\n", encoding="utf-8")
    with pytest.raises(
        ConfigurationError, match=rf"s\.toml: {key} must be str, not \w+$"
    ) as caught:
        load(path, {})
    assert value.strip("[]") not in str(caught.value)


@pytest.mark.parametrize("key", SECRETS)
def test_no_secret_is_shown_with_the_settings(key: str) -> None:
    shown = repr(load(None, {f"DEPICTS_{key.upper()}": "hush-hush"}))
    assert "hush-hush" not in shown and "wiki_api" in shown


@pytest.mark.parametrize("text", ["mysql+pymysql://u:p@h/d\n", " mysql+pymysql://u:p@h/d\r\n"])
def test_the_line_break_of_a_pipe_is_no_part_of_a_setting(text: str) -> None:
    found = load(None, {"DEPICTS_DATABASE_URL": text, "DEPICTS_DEMO_MODEL": "true\n"})
    assert found.database_url == "mysql+pymysql://u:p@h/d" and found.demo_model


@pytest.mark.parametrize(
    "address",
    [
        *("", "commons", "ftp://commons.test/w/api.php", "http:/commons.test", "//commons.test"),
        *("http://", "http:///w/api.php", "https://:80/w/api.php", "http://u@/w/api.php"),
        *("http://[x", "http://[::1/w/api.php", "http://h:abc/w/api.php", "http://h:99999/"),
    ],
)
def test_an_address_without_a_host_or_with_half_of_one_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^wiki_api must be an http\(s\) address, not '"):
        load(None, {"DEPICTS_WIKI_API": address})


@pytest.mark.parametrize("address", ["http://[::1]:8080/w/api.php", "https://commons.test/api.php"])
def test_an_address_with_a_host_is_taken(address: str) -> None:
    assert load(None, {"DEPICTS_WIKI_API": address}).wiki_api == address


@pytest.mark.parametrize("width", [0, 19, 100, 333, 499, 512, 800, 1024, 3841, -500])
def test_a_width_that_is_always_refused_is_no_setting(width: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"^thumbnail_width .*\b500, .*, not {width}$"):
        load(None, {"DEPICTS_THUMBNAIL_WIDTH": str(width)})


def test_the_widths_are_those_that_are_served() -> None:
    assert THUMBNAIL_WIDTHS == thumbnails.WIDTHS
    for width in THUMBNAIL_WIDTHS:
        assert load(None, {"DEPICTS_THUMBNAIL_WIDTH": str(width)}).thumbnail_width == width
    assert Settings().thumbnail_width in THUMBNAIL_WIDTHS
