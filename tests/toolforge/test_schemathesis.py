"""Schemathesis asks a running service whatever its description allows, and what it does not.

``SCHEMATHESIS_CASES`` says how often; `make soak` asks ten times as often as the tests do, and
another way each time.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks, not_a_server_error
from schemathesis.specs.openapi import checks as openapi

from tests.toolforge.held import description
from tests.toolforge.test_process import WEB, configured, fill, token_for
from tests.watching import unwatched

CASES = int(os.environ.get("SCHEMATHESIS_CASES", "500"))
SOAK = CASES > 500
LONGEST_LINE = 65_000
"""Bytes of a first line that the development server reads; it refuses a longer one by itself."""
MANY = str(1_000_000)
LIMITS = ("REQUESTS", "PAGE_REQUESTS", "TOKEN_REQUESTS")
FULL = ("suggestions", "decisions", "search", "neighbours")
"""Operations that have words to be asked with, in the right way and in the wrong one."""
ASKED = [
    *((name, mode) for name in FULL for mode in GenerationMode),
    *((name, GenerationMode.POSITIVE) for name in ("statistics", "description", "health")),
]
ALWAYS = (
    not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
)
# its own list knows no 413, 414 and 431
CONFIG = schemathesis.Config.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}}
)


@dataclass(frozen=True)
class Running:
    """A service in a process of its own, and what it said on stderr."""

    url: str
    log: Path


@contextmanager
def serving(folder: Path) -> Iterator[Running]:
    """`depicts-web` with files to tell of, and no limit that a test meets."""
    fill(folder)
    log = folder / "log"
    many = {f"DEPICTS_{name}_PER_MINUTE": MANY for name in LIMITS}
    environment = {**unwatched(os.environ), **many}
    command = [WEB, "--port", "0", "--config", str(configured(folder))]
    with (
        log.open("wb") as stream,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=stream, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            yield Running(process.stdout.readline().split()[-1], log)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("schemathesis")) as made:
        yield made


def checks_of(name: str, mode: GenerationMode) -> list[Any]:
    """What an answer must pass. A made-up decision may be refused: it needs a token."""
    if mode is GenerationMode.NEGATIVE:
        return [*ALWAYS, openapi.negative_data_rejection]
    return [*ALWAYS] if name == "decisions" else [*ALWAYS, openapi.positive_data_acceptance]


def made_real(case: Any, url: str, number: int) -> None:
    """About a file that is there; decisions with a token of it, and about what was offered."""
    if "mid" in (case.path_parameters or {}):
        case.path_parameters["mid"] = f"M{number}"
    if case.operation.definition.raw["operationId"] == "decisions":
        case.body["token"] = token_for(f"{url}/api/v1/files/M{number}/suggestions")
        case.body["decisions"][0]["item"] = "Q146"


@pytest.mark.slow
@pytest.mark.no_cover  # of ours only the service works, in its process; others watch it
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("name", "mode"), ASKED, ids=lambda value: getattr(value, "value", value))
def test_whatever_is_asked_is_answered_as_described(
    running: Running, name: str, mode: GenerationMode
) -> None:
    load_all_checks()
    schema = schemathesis.openapi.from_dict(description(), config=CONFIG)
    operation = schema.find_operation_by_id(name)
    judged = checks_of(name, mode)
    session, asked = requests.Session(), 0

    @settings(
        max_examples=max(5, CASES // (2 * len(FULL)) if name in FULL else CASES // 100),
        deadline=None,
        database=None,
        derandomize=not SOAK,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(generation_mode=mode),
        real=st.none() if mode is GenerationMode.NEGATIVE else st.none() | st.integers(1, 29),
    )
    def ask(case: Any, real: int | None) -> None:
        nonlocal asked
        asked += 1
        if real is not None:
            made_real(case, running.url, real)
        answer = case.call(base_url=running.url, session=session, timeout=30)
        if len(str(answer.request.url)) < LONGEST_LINE:
            case.validate_response(answer, checks=judged)
        else:
            assert answer.status_code == 414

    with session:
        ask()
    assert asked >= 5
    assert "Traceback" not in running.log.read_text(encoding="utf-8")
    assert '"level": "error"' not in running.log.read_text(encoding="utf-8")


def test_the_checks_are_those_of_schemathesis() -> None:
    load_all_checks()
    known = {check.__name__ for check in CHECKS.get_all()}
    assert {check.__name__ for check in ALWAYS} <= known
