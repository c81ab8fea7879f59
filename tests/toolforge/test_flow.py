"""What works: an answer, a place in the queue, a verdict."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from depicts_model.errors import ArtefactError, ConfigurationError, StoreError
from depicts_model.settings import Settings, is_loopback
from depicts_model.types import Mid, Qid, Suggested, Suggestion, Verdict
from depicts_toolforge.app import create_app
from depicts_toolforge.tokens import signing_key
from tests.model.store.looking import queue_of
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, Service


def stored(number: int, *others: Qid) -> dict[str, object]:
    """What is said of verdicts: how many were stored, and on what nobody offered."""
    return {"stored": number, "not_offered": list(others)}


def test_a_suggestion_is_told_with_all_that_a_person_needs(service: Service) -> None:
    body = service.get(1, "lang=en")
    (shown,) = body["suggestions"]
    assert {k: body[k] for k in body if k != "suggestions"} == {
        "mid": "M1",
        "title": "File:Cat 1.jpg",
        "sha1": "a" * 40,
        "revision": 71,
        "outcome": "suggested",
        "model_version": "tiny-1",
    }
    assert (shown["item"], shown["label"], shown["confidence"]) == (CAT, "cat", 0.8)
    assert shown["description"].startswith("kind of ")
    assert shown["kind"]["label"] in shown["description"]
    assert shown["reasons"] == ["pixels"]
    assert [chip["item"] for chip in shown["more_general"]] == [FELIDAE]
    assert shown["url"] == "https://www.wikidata.org/wiki/Q146"


def test_an_unknown_file_waits_in_the_queue_once(service: Service) -> None:
    for _ in range(2):
        answer = service.client.get("/api/v1/files/M5/suggestions")
        assert (answer.status_code, answer.get_json()["position"]) == (202, 1)
        assert int(answer.headers["Retry-After"]) > 0
    assert queue_of(service.store) == ["M5"]


def test_who_sees_another_content_waits_for_it(service: Service) -> None:
    assert service.ask(1, f"sha1={'a' * 40}").status_code == 200
    for _ in range(2):
        assert service.ask(1, f"sha1={'b' * 40}&lang=en").status_code == 202
    assert queue_of(service.store) == ["M1"]
    assert service.ask(1).status_code == 200, "who does not say is told what is known"
    made = Suggestion(Mid("M1"), DOG, 0.8, ("pixels",), (), (), V)
    service.store.save_batch(1, V, [(file_ref(1, "b"), Suggested((made,)))])
    assert service.items(1, f"sha1={'b' * 40}") == [DOG]


@pytest.mark.slow
def test_nobody_waits_long_for_a_content_that_was_made_up(service: Service) -> None:
    assert service.ask(1, f"sha1={'e' * 40}").status_code == 202
    service.store.drop_requests([Mid("M1")])
    body = service.get(1, f"sha1={'e' * 40}")
    assert (body["sha1"], queue_of(service.store)) == ("a" * 40, [])


def test_a_verdict_is_stored_with_its_revision_and_once(service: Service) -> None:
    token = service.token(1)
    sent = {"item": CAT, "verdict": "accepted", "revision": 77}
    first, again = (service.post(1, token, sent) for _ in range(2))
    assert (first.status_code, first.get_json()) == (201, stored(1))
    assert (again.status_code, again.get_json()) == (200, stored(0))
    (kept,) = service.store.decisions(Mid("M1"))
    assert (kept.qid, kept.verdict, kept.revision) == (CAT, Verdict.ACCEPTED, 77)
    assert kept.sha1 == "a" * 40
    # the time of its token, which says what an edit must not be older than
    assert kept.issued and timedelta() <= kept.at - kept.issued < timedelta(minutes=1)


def test_one_reader_has_one_verdict_on_an_item_the_last(service: Service) -> None:
    token = service.token(1)
    for verdict in ("accepted", "rejected"):
        answer = service.post(1, token, {"item": CAT, "verdict": verdict})
        assert (answer.status_code, answer.get_json()) == (201, stored(1))
    assert [d.verdict for d in service.store.decisions(Mid("M1"))] == [Verdict.REJECTED]


def test_the_revision_of_an_edit_may_follow_its_verdict(service: Service) -> None:
    token, sent = service.token(1), {"item": CAT, "verdict": "accepted"}
    answers = [service.post(1, token, one).get_json() for one in (sent, {**sent, "revision": 77})]
    assert answers == [stored(1)] * 2
    (kept,) = service.store.decisions(Mid("M1"))
    assert (kept.verdict, kept.revision) == (Verdict.ACCEPTED, 77)


def test_two_readers_of_one_file_are_counted_twice(service: Service) -> None:
    for _ in range(2):
        token = service.token(1)
        assert service.post(1, token, {"item": CAT, "verdict": "rejected"}).status_code == 201
    assert len(service.store.decisions(Mid("M1"))) == 2


def test_a_chip_that_refines_may_be_judged(service: Service) -> None:
    sent = [{"item": CAT, "verdict": "too-specific"}, {"item": FELIDAE, "verdict": "accepted"}]
    assert service.post(1, service.token(1), *sent).get_json() == stored(2)


def test_a_verdict_on_what_was_not_offered_loses_no_other(service: Service) -> None:
    sent = [{"item": CAT, "verdict": "too-general"}, {"item": DOG, "verdict": "accepted"}]
    answer = service.post(1, service.token(1), *sent)
    assert (answer.status_code, answer.get_json()) == (201, stored(1, DOG))
    assert [d.qid for d in service.store.decisions(Mid("M1"))] == [CAT]


def test_health_names_the_schema_and_the_catalog(service: Service) -> None:
    answer = service.client.get("/healthz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ok",
        "store": "0005",
        "catalog": service.catalog.snapshot,
        "switch": "on",
    }


def test_every_answer_is_fenced(service: Service) -> None:
    for path in ("/healthz", "/nowhere"):
        headers = service.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"


KEYS = [
    ("https://commons.wikimedia.org/w/api.php", "", "secret_key is not set"),
    ("http://127.0.0.1.evil.test/w/api.php", "", "secret_key is not set"),
    ("https://commons.wikimedia.org/w/api.php", "changeme", "fewer than 32 characters"),
    ("http://127.0.0.1/w/api.php", "short", "fewer than 32 characters"),
]


@pytest.mark.parametrize(("wiki", "key", "words"), KEYS)
def test_no_service_without_a_key_of_its_own(
    settings: Settings, wiki: str, key: str, words: str
) -> None:
    asked = Settings(wiki_api=wiki, secret_key=key, database_url=settings.database_url)
    with pytest.raises(ConfigurationError, match=words) as caught:
        create_app(asked)
    assert not key or key not in str(caught.value)


def test_keys_beside_a_wiki_on_loopback_are_random() -> None:
    local = Settings(wiki_api="http://[::1]:8080/w/api.php")
    assert signing_key(local) != signing_key(local)
    assert signing_key(Settings(secret_key="k" * 32)) == "k" * 32
    assert is_loopback("localhost") and not is_loopback("192.0.2.1")


def test_no_service_without_a_catalog_or_a_store(settings: Settings, tmp_path: Path) -> None:
    short = tmp_path / "short.sqlite"
    short.write_bytes(b"SQLite format 3\0")
    local, url = settings.wiki_api, settings.database_url
    for path in (short, tmp_path / "none.sqlite"):
        with pytest.raises(ArtefactError, match=path.name):
            create_app(Settings(wiki_api=local, database_url=url, catalog=str(path)))
    with pytest.raises(StoreError, match=r"short\.sqlite"):
        create_app(Settings(wiki_api=local, database_url=f"sqlite:///{short}"))
