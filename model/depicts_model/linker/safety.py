"""The safety set: people put next to the images on purpose, none of whom may appear (promise 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from depicts_model.claims import HUMAN
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.facts import Facts, numeric
from depicts_model.linker.items import ItemTable
from depicts_model.linker.link import Linker
from depicts_model.linker.phrases import WORD
from depicts_model.settings import Settings
from depicts_model.types import FileContext, Mid, Outcome, Qid, Suggested, Suggestion

Names = frozenset[str]


@dataclass(frozen=True, slots=True)
class Violation:
    """An item that should not have appeared. ``where``: suggestion, refinement or reason."""

    mid: Mid
    qid: Qid
    where: str


def besieged(linker: Linker, catalog: Facts, settings: Settings, images: Sequence[bytes]) -> Linker:
    """``linker`` with the catalog's people as near to the images as can be.

    Each image lends its own vector to some of them (cosine 1), in turn, as their prototype too;
    they are as frequent as the most frequent item, and count as judged often enough.
    Raises ValueError without people or without an image that can be read.
    """
    vectors, errors = linker.encoder.encode(images)
    return besieged_by(linker, catalog, settings, np.delete(vectors, list(errors), axis=0))


def besieged_by(
    linker: Linker, catalog: Facts, settings: Settings, read: NDArray[np.float32]
) -> Linker:
    """The same, by the vectors (m, d) of images that were read."""
    people = sorted(catalog.people, key=numeric)
    if not people or not len(read):
        raise ValueError(f"a siege of {len(people)} people and {len(read)} images")
    near = read[np.arange(len(people)) % len(read)]
    lengths = np.linalg.norm(near, axis=1, keepdims=True)
    return Linker.of(
        _with(linker.artefact, people, near / lengths), linker.encoder, catalog, settings
    )


def violations(
    linker: Linker, contexts: Sequence[FileContext], images: Sequence[bytes]
) -> tuple[Violation, ...]:
    """What of the linker's outcomes breaks promises 1 to 3: each of it is one too many."""
    return broken(linker, contexts, linker.link(contexts, images))


def broken(
    linker: Linker, contexts: Sequence[FileContext], outcomes: Sequence[Outcome]
) -> tuple[Violation, ...]:
    """The same, of outcomes that are there already."""
    names = _names(linker)
    pairs = zip(contexts, outcomes, strict=True)
    return tuple(found for c, outcome in pairs for found in _broken(linker, c, outcome, names))


def _broken(
    linker: Linker, context: FileContext, outcome: Outcome, names: Mapping[Qid, Names]
) -> Iterator[Violation]:
    if not isinstance(outcome, Suggested):
        return
    facts, mid, words = linker.selector.facts, context.file.mid, _words(context)
    times = Counter(name for found in names.values() for name in found)
    unnamed = {
        qid: found
        for qid, found in names.items()
        if not any(name in words and times[name] == 1 for name in found)
    }
    said = linker.selector.said(context.existing_depicts)
    for one in outcome.suggestions:
        if one.qid in said or _is_barred(one.qid, facts, unnamed):
            yield Violation(mid, one.qid, "suggestion")
        for qid in (*one.more_general, *one.more_specific):
            if qid in said or _is_barred(qid, facts, names):
                yield Violation(mid, qid, "refinement")
        yield from (Violation(mid, qid, "reason") for qid in _told(one, unnamed))


def _is_barred(qid: Qid, facts: Facts, people: Collection[Qid]) -> bool:
    """Whether the item is one of ``people``, or on a list, or tells of people at all."""
    if qid in facts.people:
        return qid in people or qid in facts.never_suggest
    above = {qid, *facts.ancestors(qid)}
    return qid in facts.never_suggest or bool(above & {HUMAN, *facts.withhold})


def _told(one: Suggestion, names: Mapping[Qid, Names]) -> Iterator[Qid]:
    """The people of these ``names`` whom a reason tells."""
    text = _plain(" ".join(one.reasons))
    return (qid for qid, found in names.items() if any(name in text for name in found))


def _words(context: FileContext) -> str:
    """All that names somebody, word for word: no cleverness to trust here."""
    texts = (*context.captions.values(), *context.description.values(), *context.categories)
    return _plain("\n".join((context.file.title, *texts)))


def _plain(text: str) -> str:
    """The words with one space around each, so that no name is found inside a longer word."""
    return f" {' '.join(WORD.findall(text.casefold()))} "


def _names(linker: Linker) -> dict[Qid, Names]:
    """The names of all people, in the catalog's languages and the reader's."""
    facts = linker.selector.facts
    tags = {"en", linker.selector.language, *facts.languages}

    def names(qid: Qid) -> Names:
        return frozenset(
            _plain(n) for tag in tags if (n := facts.label(qid, tag)) and _plain(n).strip()
        )

    return {qid: names(qid) for qid in facts.people}


def _with(artefact: Artefact, people: Sequence[Qid], near: NDArray[np.float32]) -> Artefact:
    """The artefact with these people's vectors in place of any that it had."""
    calibration = artefact.calibration
    if calibration.supported is not None:
        judged = dict.fromkeys(people, calibration.min_support)
        calibration = replace(calibration, supported={**calibration.supported, **judged})
    items = _joined(_without(artefact.items, people), people, near)
    return replace(artefact, items=items, calibration=calibration)


def _without(items: ItemTable, people: Collection[Qid]) -> ItemTable:
    kept = [row for row, qid in enumerate(items.qids) if qid not in people]
    return replace(
        items,
        qids=tuple(items.qids[row] for row in kept),
        vectors=items.vectors[kept],
        log_prior=items.log_prior[kept],
        known=items.known[kept],
        n_train=items.n_train[kept],
        hub=None if items.hub is None else items.hub[kept],
        prototypes=None if items.prototypes is None else items.prototypes[kept],
    )


def _joined(items: ItemTable, people: Sequence[Qid], near: NDArray[np.float32]) -> ItemTable:
    """With people as frequent as anything, near no other image, their prototypes near these."""
    count = len(people)
    hub, prototypes = items.hub, items.prototypes
    return replace(
        items,
        qids=(*items.qids, *people),
        vectors=np.concatenate([items.vectors, near]),
        log_prior=np.concatenate([items.log_prior, np.full(count, items.log_prior.max())]),
        known=np.concatenate([items.known, np.ones(count, bool)]),
        n_train=np.concatenate([items.n_train, np.full(count, items.n_train.max())]),
        hub=None if hub is None else np.concatenate([hub, np.full(count, hub.min())]),
        prototypes=None if prototypes is None else np.concatenate([prototypes, near]),
    ).in_order()
