"""A file's page: what became of it, why, and what people decided; and what it must not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from depicts_bot.uploads import Upload
from depicts_model.switch import NOTE as SWITCH
from depicts_model.switch import Switch
from depicts_model.types import Claim, Failed, Mid, RefusalState, Suggested, Suggestion, Verdict
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from tests.model.store.values import V, file_ref
from tests.toolforge.conftest import CAT, DOG, FELIDAE, MAMMAL, UNKNOWN, Service
from tests.toolforge.gallery import NASTY, OWN, Page
from tests.toolforge.telling import SHA1, decide, now, text_of, words_of


def test_a_files_page_explains_each_suggestion(service: Service) -> None:
    made = Suggestion(Mid("M1"), CAT, 0.876, ("looks like cat (87%)",), (FELIDAE,), (MAMMAL,), V)
    dog = replace(made, qid=DOG, confidence=0.5, reasons=(), more_general=(), more_specific=())
    run = service.store.start_run("bot", V, {})
    service.store.save_batch(run, V, [(file_ref(6), Suggested((replace(made, mid=Mid("M6")),)))])
    two = tuple(replace(one, mid=Mid("M7")) for one in (made, dog))
    service.store.save_batch(run, V, [(file_ref(7), Suggested(two))])
    said = text_of(service, "/files/M7")
    for words in (
        "Cat 7.jpg",
        "cat 87%",
        "kind of Felis",
        "very likely",
        "Why looks like cat (87%)",
        "More general Felidae",
        "More specific mammal",
        "What people decided nobody yet",
        "dog 50%",
        "no reason was stored",
        "By the model tiny-1",
    ):
        assert words in said, words
    assert Page(service.client.get("/files/M7")).links("curid=7") == [f"{OWN}/w/index.php?curid=7"]


def test_what_people_decided_is_told_in_numbers(service: Service) -> None:
    decide(
        service,
        (CAT, Verdict.ACCEPTED),
        (CAT, Verdict.ACCEPTED),
        (CAT, Verdict.REJECTED),
        (FELIDAE, Verdict.SKIPPED),
    )
    decide(service, (CAT, Verdict.TOO_SPECIFIC), sha1="b" * 40)  # on an older picture
    service.store.add_claims([Claim(Mid("M1"), CAT, "M1$x", 1234, now(), V)])
    said = text_of(service, "/files/M1")
    assert "What people decided approved 2 said no 1 saved on the wiki" in said
    assert "too specific" not in said
    assert "Decided about, and not suggested now Felidae skipped 1" in said
    assert Page(service.client.get("/files/M1")).links("diff=1234")


def test_what_may_not_be_shown_is_not_named_by_verdicts_either(service: Service) -> None:
    listed = sorted(service.catalog.never_suggest)
    forbidden = next(q for q in listed if service.catalog.label(q))
    decide(service, (forbidden, Verdict.ACCEPTED), (UNKNOWN, Verdict.ACCEPTED))
    answer = service.client.get("/files/M1")
    assert forbidden not in answer.text and UNKNOWN not in answer.text
    assert f">{service.catalog.label(forbidden)}<" not in answer.text


def test_what_two_people_refused_is_not_suggested_on_the_page_either(service: Service) -> None:
    service.store.settle(SHA1, CAT, RefusalState.SHARED, now())
    said = text_of(service, "/files/M1")
    assert "Nothing to suggest" in said and "80%" not in said


def test_a_switch_that_is_off_is_told_where_suggestions_stand(service: Service) -> None:
    for path in ("/gallery", "/files/M1"):
        assert "Switched off" not in text_of(service, path)
    service.store.note(SWITCH, Switch(True, "mistakes <b>planes</b>").note(), now())
    app = create_app(parts_of(service.app).settings)  # it reads the switch anew
    for path in ("/gallery", "/files/M1"):
        answer = app.test_client().get(path)
        assert "Switched off on the wiki." in answer.text and "<b>" not in answer.text
    parts_of(app).close()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2, "Nothing to suggest What is sure is too general"),
        (3, "Skipped It is an artwork"),
        (4, "Could not be looked at The wiki asked for fewer requests"),
    ],
)
def test_silence_says_why_on_a_page_of_its_own(service: Service, number: int, words: str) -> None:
    assert words in text_of(service, f"/files/M{number}")


def test_a_file_that_nobody_looked_at_is_not_found_and_not_asked_for(service: Service) -> None:
    answer = service.client.get("/files/M5")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "Nobody has looked at M5 yet: the gadget asks" in words_of(answer.text)
    assert service.store.queue_length() == 0, "a page that is looked at puts nobody to work"
    service.store.request(Mid("M5"))
    assert "number 1 in the queue" in service.client.get("/files/M5").text
    assert service.client.get("/files/x").status_code == 400


def test_markup_and_controls_are_text_on_a_files_page(service: Service) -> None:
    made = Suggestion(Mid("M7"), CAT, 0.9, (NASTY,), (), (), V)
    file = replace(file_ref(7), title=f"File:{NASTY}", thumb_url="javascript:alert(1)")
    service.store.save_batch(1, V, [(file, Suggested((made,)))])
    answer = service.client.get("/files/M7")
    assert "<script" not in answer.text and "javascript:" not in answer.text
    assert words_of(answer.text).count('<script>alert("1")</script>') == 3  # title, h1, reason


@pytest.mark.parametrize("path", ["/gallery", "/files/M42"])
def test_a_page_that_was_never_seen_is_named_by_its_id(service: Service, path: str) -> None:
    unseen = Upload.asked_for(Mid("M42")).unseen()
    service.store.save_batch(1, V, [(unseen, Failed("worker: taken 3 times, and never finished"))])
    answer = service.client.get(path)
    assert "Special:" not in answer.text and "Page 42" in words_of(answer.text)
    assert Page(answer).links("curid=42") == [f"{OWN}/w/index.php?curid=42"]
