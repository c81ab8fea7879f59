"""The person of the demo: approves the surest right suggestion, and sees it saved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import requests

from depicts_model.store import Store
from depicts_model.types import Mid, Qid, Verdict
from tests.browser import chromium
from tests.sandbox.demo_browser import BrowserStepError, approve_on_the_page
from tests.sandbox.demo_chain import EDITOR, Chain, StepError
from tests.sandbox.editor import Editor
from tests.sandbox.gadget_files import GadgetConfig
from tests.sandbox.judging import read_table
from tests.sandbox.world import PASSWORDS

NO_LIBRARIES = "the gadget's libraries are not there; type: make setup"


def surest(answers: Mapping[str, Any]) -> tuple[str, Any] | None:
    """File title and suggestion of the highest confidence; None where nothing is suggested."""
    found = [
        (suggestion["confidence"], title, suggestion)
        for title, answer in answers.items()
        for suggestion in answer.get("suggestions", ())
    ]
    if not found:
        return None
    _, title, suggestion = max(found, key=lambda row: row[:2])
    return title, suggestion


def surest_right(chain: Chain) -> tuple[str, Any]:
    """The surest one that a person would approve, by the table of the demo's photographs."""
    table = read_table(chain.table)
    right = {
        title: {"suggestions": _accepted(chain, answer["suggestions"], table[title].items)}
        for title, answer in chain.answers.items()
        if title in table
    }
    found = surest(right)
    if found is None:
        raise StepError("no right suggestion to approve")
    return found


def _accepted(chain: Chain, suggestions: Iterable[Any], items: Iterable[Qid]) -> list[Any]:
    accepted = {chain.catalog.representative(qid) for qid in items}
    return [one for one in suggestions if one["item"] in accepted]


def hindrance(chain: Chain) -> str | None:
    """Why the page cannot be opened in a browser here; None where it can."""
    if chromium.found() is None:
        return chromium.HOW
    return no_button(chain)


def no_button(chain: Chain) -> str | None:
    """What to type where the gadget's libraries are not installed; None where they are."""
    return None if GadgetConfig(service=chain.web).installed else NO_LIBRARIES


def approve(chain: Chain) -> str:
    """Approve, save, post the verdict: with the gadget in a browser, else over HTTP."""
    title, chosen = surest_right(chain)
    why = hindrance(chain) or in_chromium(chain, title, chosen)
    if why:
        said = approve_over_http(chain, title, chosen)
        return f"{said}\n      over HTTP, not in a browser: {why}"
    revision = check_saved(chain, Mid(chain.answers[title]["mid"]), Qid(chosen["item"]))
    return (
        f"{chosen['label']} ({chosen['item']}) saved on {title} with the gadget in Chromium, "
        f"revision {revision}; verdict stored"
    )


def in_chromium(chain: Chain, title: str, chosen: Mapping[str, Any]) -> str | None:
    """Approve with the gadget; why Chromium did not start, None where it did."""
    try:
        with chromium.launched(chromium.found() or "") as browser:
            approve_on_the_page(browser, chain.page(title), chosen, chain.folder)
    except chromium.LaunchError as error:
        return str(error)
    except BrowserStepError as error:
        raise StepError(str(error)) from None
    return None


def check_saved(chain: Chain, mid: Mid, qid: Qid) -> int:
    """Read back over the API and in the store that the person's approval is there, once."""
    with Editor(chain.wiki.api, EDITOR, PASSWORDS[EDITOR]) as editor:
        count = editor.depicted(mid).count(qid)
    if count != 1:
        raise StepError(f"{mid}: the wiki has {count} statements of {qid} after saving")
    with Store.open_to_read(chain.store_url) as store:
        kept = [one for one in store.decisions(mid) if one.qid == qid]
    revisions = [one.revision for one in kept if one.verdict == Verdict.ACCEPTED]
    if len(kept) != 1 or not revisions or revisions[0] is None:
        raise StepError(f"{mid}: the store has {kept or 'no verdict'} about {qid}")
    return revisions[0]


def approve_over_http(chain: Chain, title: str, chosen: Mapping[str, Any]) -> str:
    """The gadget's requests, in its order, without a screen."""
    answer = chain.answers[title]
    mid, qid = Mid(answer["mid"]), Qid(chosen["item"])
    with Editor(chain.wiki.api, EDITOR, PASSWORDS[EDITOR]) as editor:
        saved = editor.save(mid, (qid,), answer["model_version"])
    if not saved.verified:
        raise StepError(f"{mid}: revision {saved.revision} exists but could not be read back")
    _post_verdict(chain, answer, {"item": qid, "verdict": "accepted", "revision": saved.revision})
    revision = check_saved(chain, mid, qid)
    return f"{chosen['label']} ({qid}) saved on {title}, revision {revision}; verdict stored"


def _post_verdict(chain: Chain, answer: Mapping[str, Any], verdict: Mapping[str, Any]) -> None:
    file = f"{chain.web}/api/v1/files/{answer['mid']}"
    token = requests.get(f"{file}/suggestions", timeout=60).headers["Decision-Token"]
    posted = requests.post(
        f"{file}/decisions",
        json={"token": token, "decisions": [verdict]},
        timeout=60,
    )
    if not posted.ok or posted.json()["stored"] != 1:
        raise StepError(f"the verdict was answered {posted.status_code}: {posted.text[:200]}")
