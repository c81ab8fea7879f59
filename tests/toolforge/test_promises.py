"""What must never be shown, stored or logged."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from depicts_model.catalog import Catalog
from depicts_model.claims import HUMAN
from depicts_model.overrides import RECORD, Overrides
from depicts_model.store import BOT_RUN
from depicts_model.types import Item, Mid, Qid, Suggested, Suggestion, Verdict
from depicts_toolforge.answers import answer
from depicts_toolforge.asked import Wanted
from depicts_toolforge.lists import Listed
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, MAMMAL, ORIGIN, UNKNOWN, Service

pytestmark = pytest.mark.usefixtures("looked_up_each_time")


class German:
    """A catalog of two items, one labelled in German alone."""

    never_suggest: frozenset[Qid] = frozenset()
    people: frozenset[Qid] = frozenset()
    paused: frozenset[Qid] = frozenset()

    def label(self, qid: Qid, language: str = "en") -> str | None:
        return {("Q1", "de"): "Katze", ("Q2", "de"): "Hund", ("Q2", "en"): "dog"}.get(
            (qid, language)
        )

    def label_language(self, qid: Qid, language: str = "en") -> str | None:
        return language if self.label(qid, language) else None

    def image(self, qid: Qid) -> str | None:
        return None

    def item(self, qid: Qid, language: str = "en") -> Item | None:
        label = self.label(qid, language)
        return Item(qid, label, "", ()) if label else None

    def ancestors(self, qid: Qid) -> frozenset[Qid]:
        return frozenset()

    def representative(self, qid: Qid) -> Qid:
        return qid


def test_nothing_that_the_file_says_already_is_suggested(service: Service) -> None:
    body = service.get(1, f"have={CAT}")
    assert (body["outcome"], body["reason"]) == ("nothing", "already-there")
    assert body["suggestions"] == []
    assert "Decision-Token" not in service.ask(1, f"have={CAT}").headers


def test_no_ancestor_of_what_the_file_says_is_suggested(service: Service) -> None:
    service.suggest(11, MAMMAL, FELIDAE, DOG)
    assert service.items(11) == [MAMMAL, FELIDAE, DOG]
    assert service.items(11, f"have={UNKNOWN}|{CAT}") == [DOG]


def test_no_duplicate_of_what_the_file_says_is_suggested(service: Service) -> None:
    doubles = [q for q in service.catalog.qids if service.catalog.representative(q) != q]
    double = doubles[0]
    first = service.catalog.representative(double)
    service.suggest(12, first)
    service.suggest(13, double)
    assert service.items(12, f"have={double}") == []
    assert service.items(13, f"have={first}") == []


def test_no_chip_offers_what_the_file_says_already(service: Service) -> None:
    service.suggest(14, CAT, general=(FELIDAE, MAMMAL), specific=(DOG,))
    (shown,) = service.get(14, f"have={DOG}")["suggestions"]
    assert [chip["item"] for chip in shown["more_general"]] == [FELIDAE]
    assert shown["more_specific"] == []


def test_a_descendant_is_marked_as_more_specific(service: Service) -> None:
    (shown,) = service.get(1, f"have={MAMMAL}")["suggestions"]
    assert shown["more_specific_than"] == [
        {"item": MAMMAL, "label": "mammal", "label_language": "en"}
    ]


def test_nothing_on_the_never_suggest_list_is_shown_whatever_was_stored(
    service: Service,
) -> None:
    forbidden = sorted(service.catalog.never_suggest)
    labelled = [q for q in forbidden if service.catalog.label(q)][:3]
    assert len(labelled) == 3
    service.suggest(15, *labelled)
    service.suggest(16, CAT, general=tuple(labelled), specific=tuple(labelled))
    body = service.get(15)
    assert (body["outcome"], body["reason"]) == ("nothing", "never-suggest")
    (shown,) = service.get(16)["suggestions"]
    assert (shown["more_general"], shown["more_specific"]) == ([], [])


def run_with(service: Service, **lists: list[Qid]) -> None:
    """A run of the bot that found these overrides on the wiki."""
    service.store.start_run(BOT_RUN, V, {RECORD: lists})


def test_what_the_newest_run_found_barred_is_shown_no_more(service: Service) -> None:
    service.suggest(30, CAT, DOG)
    service.suggest(31, DOG, general=(CAT, MAMMAL))
    run_with(service, never_suggest=[CAT])
    assert service.items(30) == [DOG]
    (shown,) = service.get(31)["suggestions"]
    assert [chip["item"] for chip in shown["more_general"]] == [MAMMAL]
    cat = f'/wiki/{CAT}"'
    assert cat not in service.client.get("/gallery").text
    run_with(service)
    assert service.items(30) == [CAT, DOG]
    assert cat in service.client.get("/gallery").text


def test_a_newly_withheld_class_is_shown_no_more_nor_what_lies_below_it(service: Service) -> None:
    service.suggest(32, CAT, DOG)
    run_with(service, withhold=[FELIDAE])
    assert service.items(32) == [DOG]


def test_an_allowed_item_is_shown_and_no_override_frees_a_human(service: Service) -> None:
    alps = Qid("Q1286")
    assert {alps, HUMAN} <= service.catalog.never_suggest
    service.suggest(33, alps, HUMAN)
    assert service.items(33) == []
    run_with(service, allow=[alps, HUMAN])
    assert service.items(33) == [alps]


def test_what_is_said_of_a_duplicate_holds_for_what_stands_for_it(service: Service) -> None:
    domestic_cat = Qid("Q20980826")
    assert service.catalog.representative(domestic_cat) == CAT
    service.suggest(35, CAT, DOG)
    for key in ("never_suggest", "withhold"):
        run_with(service, **{key: [domestic_cat]})
        assert service.items(35) == [DOG]


def test_no_override_frees_a_person_who_is_listed_by_name(service: Service) -> None:
    person = min(service.catalog.people)

    class Listing(Catalog):
        def __init__(self) -> None:
            self.people, self.personal = frozenset({person}), frozenset[Qid]()
            self.never_suggest = frozenset({person})

        def representative(self, qid: Qid) -> Qid:
            return qid

    allowed = Overrides(allow=frozenset({person}))
    assert Listed.by(Listing(), allowed).never_suggest == {person}


def test_a_run_of_another_kind_changes_no_list(service: Service) -> None:
    run_with(service, never_suggest=[CAT])
    service.store.start_run("harvest", V, {})
    assert service.items(1) == []


def test_no_person_is_a_chip_to_refine_by(service: Service) -> None:
    class Crowd(German):
        people = frozenset({Qid("Q2")})

    made = Suggestion(Mid("M34"), Qid("Q1"), 0.5, (), (Qid("Q2"),), (Qid("Q2"), Qid("Q1")), V)
    service.store.save_batch(1, V, [(file_ref(34), Suggested((made,)))])
    stored = service.store.latest(Mid("M34"))
    assert stored is not None
    (shown,) = answer(stored, Wanted("de", ()), Crowd(), 5)["suggestions"]
    assert (shown["more_general"], [c["item"] for c in shown["more_specific"]]) == ([], ["Q1"])


def test_an_item_without_a_readable_label_is_left_out(service: Service) -> None:
    service.suggest(17, UNKNOWN, CAT)
    service.suggest(18, UNKNOWN)
    assert service.items(17) == [CAT]
    body = service.get(18)
    assert (body["outcome"], body["reason"]) == ("nothing", "no-label")


@pytest.mark.parametrize(("language", "shown"), [("de", ["Katze", "Hund"]), ("en", ["dog"])])
def test_labels_are_those_of_the_reader(service: Service, language: str, shown: list[str]) -> None:
    mid = Mid("M20")
    qids = (Qid("Q1"), Qid("Q2"))
    made = tuple(Suggestion(mid, q, 0.5, (), qids, (), V) for q in qids)
    service.store.save_batch(1, V, [(file_ref(20), Suggested(made))])
    stored = service.store.latest(mid)
    assert stored is not None
    body = answer(stored, Wanted(language, ()), German(), 5)
    assert [s["label"] for s in body["suggestions"]] == shown
    assert all([c["label"] for c in s["more_general"]] == shown for s in body["suggestions"])


def test_never_more_than_five(service: Service) -> None:
    plain = [q for q in sorted(service.catalog.visual) if service.catalog.label(q)][:9]
    service.suggest(21, *plain)
    assert service.items(21) == plain[:5]


def test_a_failure_is_never_told_as_nothing(service: Service) -> None:
    body = service.get(4)
    assert (body["outcome"], body["error"]) == ("failed", "http-429: slow down")
    assert body["retry_after"] == 30
    assert "reason" not in body


@pytest.mark.parametrize(
    ("number", "outcome", "reason"), [(2, "nothing", "too-general"), (3, "skipped", "artwork")]
)
def test_silence_has_a_reason(service: Service, number: int, outcome: str, reason: str) -> None:
    answer = service.ask(number)
    body = answer.get_json()
    assert (body["outcome"], body["reason"]) == (outcome, reason)
    assert "Decision-Token" not in answer.headers


def test_an_empty_list_of_suggestions_is_silence(service: Service) -> None:
    service.suggest(24)
    body = service.get(24)
    assert (body["outcome"], body["reason"]) == ("nothing", "not-sure")


def test_an_unticked_chip_stores_nothing(service: Service) -> None:
    service.suggest(22, CAT, DOG)
    token = service.token(22)
    assert service.post(22, token, {"item": CAT, "verdict": "accepted"}).status_code == 201
    assert [d.qid for d in service.store.decisions(Mid("M22"))] == [CAT]


def test_neither_cookies_nor_addresses_nor_paths(
    service: Service, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    told = {"X-Forwarded-For": "203.0.113.7", "User-Agent": "Mozilla/Secret", "Cookie": "a=b"}
    where = {"REMOTE_ADDR": "203.0.113.8"}
    paths = ["/healthz", "/api/v1/files/M1/suggestions?lang=de", "/Alice", "/api/v1/files/x/y"]
    for path in paths:
        reply = service.client.get(path, headers=told, environ_base=where)
        assert "Set-Cookie" not in reply.headers
    assert len(caplog.records) == len(paths)
    for secret in ("203.0.113", "Secret", "Alice", "a=b", "M1"):
        assert secret not in caplog.text
    kept = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert b"203.0.113" not in kept and b"Secret" not in kept


@pytest.mark.parametrize("origin", [None, "https://evil.test", "null", f"{ORIGIN}.evil.test"])
def test_no_other_page_may_read(service: Service, origin: str | None) -> None:
    headers = {"Origin": origin} if origin else {}
    reply = service.client.get("/healthz", headers=headers)
    assert not [name for name, _ in reply.headers if name.startswith("Access-Control")]
    assert "Origin" in reply.headers["Vary"]


def test_a_page_of_commons_may_read_and_ask_first(service: Service) -> None:
    for method, status in (("GET", 200), ("OPTIONS", 204)):
        path = "/api/v1/files/M1/suggestions"
        reply = service.client.open(path, method=method, headers={"Origin": ORIGIN})
        assert reply.status_code == status
        assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Access-Control-Allow-Credentials" not in reply.headers
    assert reply.headers["Access-Control-Allow-Headers"] == "Content-Type, If-None-Match"
    assert (reply.data, reply.headers.get("Content-Type")) == (b"", None)
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'; frame")


def test_verdicts_are_as_they_were_given(service: Service) -> None:
    service.suggest(23, *sorted(service.catalog.visual)[:5], general=(MAMMAL,))
    body = service.get(23)
    items = [s["item"] for s in body["suggestions"]] + [MAMMAL]
    sent = [{"item": q, "verdict": v.value} for q, v in zip(items, Verdict, strict=True)]
    assert service.post(23, service.token(23), *sent).get_json()["stored"] == 6
    kept = {d.qid: d.verdict for d in service.store.decisions(Mid("M23"))}
    assert kept == {Qid(q): v for q, v in zip(items, Verdict, strict=True)}
