"""The linker: files' contexts and images in, one Outcome a file out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from depicts_model.errors import ArtefactError, ImageError
from depicts_model.linker import artefact as artefacts
from depicts_model.linker.approved import Approved
from depicts_model.linker.approved_file import load_approved
from depicts_model.linker.artefact import Artefact
from depicts_model.linker.cached import CachedEncoder, Memory, space_of
from depicts_model.linker.camera import Places
from depicts_model.linker.encoder import Encoder
from depicts_model.linker.facts import Facts
from depicts_model.linker.head import Evidence, Head
from depicts_model.linker.hierarchy import Hierarchy
from depicts_model.linker.masks import masks
from depicts_model.linker.overruled import Overruled
from depicts_model.linker.page import Page, Reader
from depicts_model.linker.reasons import neighbours, reasons
from depicts_model.linker.score import Scorer
from depicts_model.linker.select import Choice, Chosen, Selector
from depicts_model.linker.words import Words
from depicts_model.overrides import NONE, Overrides
from depicts_model.settings import Settings
from depicts_model.types import (
    Failed,
    FileContext,
    NothingReason,
    NothingToSuggest,
    Outcome,
    Qid,
    Skipped,
    SkipReason,
    Suggested,
    Suggestion,
)


@dataclass(frozen=True, slots=True, eq=False)
class Linker:
    """A model beside its catalog, ready to link."""

    artefact: Artefact
    encoder: Encoder
    head: Head
    selector: Selector
    reader: Reader
    recalling: CachedEncoder | None = None
    """The encoder with a memory of files, where there is one."""

    @classmethod
    def load(
        cls,
        model_dir: Path | None,
        catalog: Facts,
        settings: Settings,
        overrides: Overrides = NONE,
        *,
        memory: Memory | None = None,
    ) -> Linker:
        """The model at ``model_dir`` (None: the demo model in the package) for ``catalog``.

        ``overrides``: what people on the wiki change about the catalog's lists; ``memory``: keeps
        the vectors of files. Raises ArtefactError naming the file and the fault.
        """
        # a registry's link may be replaced while we read: it is followed once
        folder = shipped() if model_dir is None else model_dir.resolve()
        artefact = artefacts.load(folder, catalog)
        encoder = Encoder.load(
            folder, artefact.items.projection, settings.max_megapixels, settings.precision
        )
        if encoder.dim != artefact.items.vectors.shape[1]:
            raise ArtefactError(
                f"{folder}: the tower gives vectors of {encoder.dim},"
                f" the items have {artefact.items.vectors.shape[1]}"
            )
        return cls.of(artefact, encoder, catalog, settings, overrides, memory=memory)

    @classmethod
    def of(
        cls,
        artefact: Artefact,
        encoder: Encoder,
        catalog: Facts,
        settings: Settings,
        overrides: Overrides = NONE,
        *,
        memory: Memory | None = None,
    ) -> Linker:
        """The linker of parts that fit each other; see `load`."""
        approved = None
        if settings.approved:
            approved = load_approved(Path(settings.approved), artefact, catalog.people)
        head = head_of(artefact, catalog, approved)
        facts = Overruled.by(catalog, overrides)
        selector = selector_of(artefact, facts, head, settings)
        words = Words.of(facts, head.hierarchy, selector.masks.nameable, settings.language)
        reader = Reader(words, Places.of(facts, head.hierarchy))
        space = space_of(artefact, settings.precision, settings.thumbnail_width)
        recalling = None if memory is None else CachedEncoder(encoder, memory, space)
        return cls(artefact, encoder, head, selector, reader, recalling)

    @property
    def version(self) -> str:
        """The model's version."""
        return self.artefact.manifest.version

    @property
    def demo(self) -> bool:
        """True for the small model of the offline demonstration."""
        return self.artefact.manifest.demo

    def link(
        self, contexts: Sequence[FileContext], images: Sequence[bytes | ImageError]
    ) -> list[Outcome]:
        """One outcome a file, in order. An image that arrived as an error becomes Failed."""
        if len(contexts) != len(images):
            raise ValueError(f"{len(contexts)} contexts for {len(images)} images")
        pages = [self.reader.read(context) for context in contexts]
        read = self.read(images, pages, [context.file.sha1 for context in contexts])
        return [self.outcome(c, e) for c, e in zip(contexts, read, strict=True)]

    def read(
        self,
        images: Sequence[bytes | ImageError],
        pages: Sequence[Page] | None = None,
        sha1s: Sequence[str] | None = None,
    ) -> list[Evidence | ImageError]:
        """What the model makes of each image, in order, or why it could not look.

        ``pages``: what each image's page says, as `page.Reader.read` gives it; None: nothing.
        ``sha1s``: of the original files; without them nothing is remembered or recalled.
        """
        said = [Page()] * len(images) if pages is None else pages
        result: list[Evidence | ImageError] = [
            image if isinstance(image, ImageError) else ImageError("not encoded")
            for image in images
        ]
        rows = [row for row, image in enumerate(images) if isinstance(image, bytes)]
        vectors, errors = self._encode(images, rows, sha1s)
        found = self.head.read(vectors, [said[row] for row in rows])
        for row, evidence in zip(rows, found, strict=True):
            result[row] = evidence
        for position, error in errors.items():
            result[rows[position]] = error
        return result

    def _encode(
        self, images: Sequence[bytes | ImageError], rows: Sequence[int], sha1s: Sequence[str] | None
    ) -> tuple[NDArray[np.float32], dict[int, ImageError]]:
        """`Encoder.encode` of the rows that are bytes, from memory where that is possible."""
        arrived = [image for image in images if isinstance(image, bytes)]
        if self.recalling is None or sha1s is None:
            return self.encoder.encode(arrived)
        return self.recalling.encode(arrived, [sha1s[row] for row in rows])

    def outcome(self, context: FileContext, evidence: Evidence | ImageError) -> Outcome:
        """What the evidence comes to for a file with this context."""
        if isinstance(evidence, ImageError):
            return Failed(str(evidence), evidence.retry_after)
        chosen = self.selector.choose(evidence, context.existing_depicts)
        return self.told(context, evidence, chosen)

    def told(self, context: FileContext, evidence: Evidence, chosen: Chosen) -> Outcome:
        """The outcome that a choice of the selector is, in words."""
        if isinstance(chosen, SkipReason):
            return Skipped(chosen)
        if isinstance(chosen, NothingReason):
            return NothingToSuggest(chosen)
        return Suggested(tuple(self._suggestion(context, evidence, c) for c in chosen))

    def _suggestion(self, context: FileContext, evidence: Evidence, choice: Choice) -> Suggestion:
        near = neighbours(choice, evidence, self.selector, context.existing_depicts)
        items: tuple[Qid, ...] = self.artefact.items.qids
        return Suggestion(
            mid=context.file.mid,
            qid=choice.qid,
            confidence=choice.confidence,
            reasons=reasons(choice, evidence, self.selector, items, self.demo),
            more_general=near.more_general,
            more_specific=near.more_specific,
            model_version=self.version,
        )


def shipped() -> Path:
    """Folder of the demo model in the package."""
    return Path(str(resources.files("depicts_model").joinpath("data", "tiny")))


def head_of(artefact: Artefact, catalog: Facts, approved: Approved | None = None) -> Head:
    """Scores, roll-up and calibration of ``artefact`` over ``catalog``."""
    items, calibration = artefact.items, artefact.calibration
    scorer = Scorer(
        items.vectors,
        items.log_prior.astype(np.float64),
        calibration.weights,
        items.hub,
        items.prototypes,
        items.whitening,
        approved,
    )
    hierarchy = Hierarchy.from_catalog(catalog, items.qids)
    return Head(scorer, hierarchy, calibration.calibrator, calibration.combiner)


def selector_of(artefact: Artefact, catalog: Facts, head: Head, settings: Settings) -> Selector:
    """The rule as ``artefact`` is calibrated and the operator's ``settings`` say."""
    rules = artefact.calibration.rules(settings.max_suggestions)
    specificity = head.hierarchy.specificity(artefact.items.n_train)
    supported = artefact.calibration.supported_nodes()
    language = settings.language
    marks = masks(catalog, head.hierarchy, specificity, rules, supported, language)
    vectors = artefact.items.vectors
    return Selector(catalog, head.hierarchy, specificity, marks, rules, vectors, language)
