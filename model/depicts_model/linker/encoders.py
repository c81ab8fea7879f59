"""The encoders that are known by name: where each comes from, and what it must turn out to be.

A revision stands here only where public text names it for its repository (docs/maintainers.md says
which was found how); any other encoder is taken by the revision that somebody gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from depicts_model.errors import ArtefactError
from depicts_model.linker.images import Preprocess

_OPENAI: Final = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
_HALVES: Final = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@dataclass(frozen=True, slots=True)
class Source:
    """An encoder in a hub, at one revision."""

    repository: str
    """Owner and name."""
    revision: str
    """40 hexadecimal digits."""
    licence: str

    @property
    def name(self) -> str:
        """The repository without its owner."""
        return self.repository.partition("/")[2]


@dataclass(frozen=True, slots=True)
class Known:
    """An encoder with a role here. Its logit scale, and bias where it has one, are weights of the
    checkpoint (``logit_scale``, ``logit_bias``) and are read from there.
    """

    role: str
    source: Source
    preprocess: Preprocess
    dim: int
    """d of its vectors."""
    biased: bool
    """Has a logit bias, being trained with the sigmoid loss."""


KNOWN: Final = (
    Known(
        "CPU service",
        Source(
            "google/siglip2-base-patch32-256",
            "94dffa8cb1179de3e03f091dbc3917e5d5a9ae84",
            "Apache-2.0",
        ),
        Preprocess(256, *_HALVES, resample="bilinear"),
        768,
        biased=True,
    ),
    Known(
        "parity with the paper",
        Source(
            # the commit that added safetensors to what was published as a pickle
            "openai/clip-vit-base-patch32",
            "c237dc49a33fc61debc9276459120b7eac67e7ef",
            "MIT",
        ),
        Preprocess(224, *_OPENAI, crop="center", resample="bicubic"),
        512,
        biased=False,
    ),
    Known(
        "backfill quality",
        Source(
            "google/siglip2-so400m-patch16-256",
            "e8708ab72d125807e45b36fb7d4e0aacbb59f379",
            "Apache-2.0",
        ),
        Preprocess(256, *_HALVES, resample="bilinear"),
        1152,
        biased=True,
    ),
    Known(
        "SigLIP 1, for comparison",
        Source(
            "google/siglip-base-patch16-224",
            "7fd15f0689c79d79e38b1c2e2e2370a7bf2761ed",
            "Apache-2.0",
        ),
        Preprocess(224, *_HALVES, resample="bicubic"),
        768,
        biased=True,
    ),
)


def source_of(name: str, revision: str | None = None) -> Source:
    """Where the encoder ``name`` is, a name of KNOWN or a hub's repository (owner/name).

    Raises ArtefactError where it is neither, or where no revision is pinned and none is given.
    """
    known = next((k.source for k in KNOWN if name in (k.source.name, k.source.repository)), None)
    if known is not None and revision in (None, known.revision):
        return known
    if known is not None:
        return Source(known.repository, str(revision), known.licence)
    if "/" not in name:
        names = ", ".join(f"{k.source.name} ({k.role})" for k in KNOWN)
        raise ArtefactError(f"no encoder {name!r}; there are {names}, or a repository owner/name")
    if revision is None:
        raise ArtefactError(f"{name}: no revision is pinned for it; say --revision SHA")
    return Source(name, revision, f"see {name}")


def check_known(source: Source, preprocess: Preprocess, dim: int, *, biased: bool) -> None:
    """Raise ArtefactError where a pinned encoder is not what it must turn out to be."""
    known = next((k for k in KNOWN if k.source == source), None)
    if known is None:
        return
    for what, found, expected in (
        ("preprocessing", preprocess, known.preprocess),
        ("vectors", dim, known.dim),
        ("logit bias", biased, known.biased),
    ):
        if found != expected:
            fault = f"its {what} should be {expected}, not {found}"
            raise ArtefactError(f"{source.repository} at {source.revision}: {fault}")
