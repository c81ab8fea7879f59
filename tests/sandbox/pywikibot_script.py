"""What the pywikibot test runs in a process of its own: prints one JSON object.

pywikibot reads its configuration on import and keeps global state, so it cannot share a process.
"""

from __future__ import annotations

import json

import pywikibot


def main() -> None:
    site = pywikibot.Site("commons", "sandbox")
    site.login()
    told = {"user": site.user(), "bot": site.has_right("bot")}
    entries = list(site.logevents(logtype="upload", total=20, reverse=True))
    told["uploads"] = [[entry.page().title(), entry.logid()] for entry in entries]
    bare, described = entries[0].page(), pywikibot.FilePage(site, entries[1].page().title())
    bare = pywikibot.FilePage(bare)
    told["text"] = bare.text
    told["sha1"] = bare.latest_file_info.sha1
    told["thumb"] = bare.get_file_url(url_width=330)
    told["categories"] = [page.title() for page in bare.categories()]
    told["bare"] = _claims(bare)
    told["described"] = _claims(described)
    repo = site.data_repository()
    item = pywikibot.ItemPage(repo, "Q146")
    told["label"] = item.get()["labels"]["en"]
    told["batch"] = list(
        site.simple_request(
            action="wbgetentities",
            ids="|".join(f"M{n}" for n in range(2, 18)),
            props="claims",
        ).submit()["entities"]
    )
    pages = site.preloadpages([entry.page() for entry in entries], content=True)
    told["preloaded"] = [len(page.text) for page in pages]
    told["protection"] = bare.protection()
    told["save"] = _save(site, bare)
    told["after"] = _claims(pywikibot.FilePage(site, bare.title()))
    told["error"] = _error(site)
    print(json.dumps(told))


def _claims(page: pywikibot.FilePage) -> dict[str, list[str]]:
    claims = page.data_item().get()["statements"]
    return {prop: [claim.getTarget().id for claim in group] for prop, group in claims.items()}


def _save(site: pywikibot.site.APISite, page: pywikibot.FilePage) -> int:
    value = {"entity-type": "item", "id": "Q144", "numeric-id": 144}
    snak = {
        "snaktype": "value",
        "property": "P180",
        "datavalue": {"type": "wikibase-entityid", "value": value},
    }
    data = {"claims": [{"type": "statement", "rank": "normal", "mainsnak": snak}]}
    answer = site.simple_request(
        action="wbeditentity",
        id=f"M{page.pageid}",
        data=json.dumps(data),
        token=site.tokens["csrf"],
        assertuser=site.user(),
        baserevid=page.latest_revision_id,
        tags="suggest-depicts",
        summary="a test",
        bot=True,
    ).submit()
    return int(answer["success"])


def _error(site: pywikibot.site.APISite) -> str:
    try:
        site.simple_request(
            action="wbcreateclaim",
            entity="M999",
            property="P180",
            snaktype="somevalue",
            token=site.tokens["csrf"],
        ).submit()
    except pywikibot.exceptions.APIError as error:
        return str(error.code)
    return ""


if __name__ == "__main__":
    main()
