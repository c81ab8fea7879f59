"""The queries of a catalog from a SPARQL service.

Plain SPARQL 1.1 over Wikidata's RDF (``wdt:`` leads to the best-ranked statements, so deprecated
ones are out by themselves). Pages are cut by key: the entity's address as text is ordered alike
by every service, and a page goes on after the last key, so that no page reads the ones before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from depicts_model import claims

ENTITY: Final = "http://www.wikidata.org/entity/"
DIRECT: Final = "http://www.wikidata.org/prop/direct/"

_ONTOLOGY: Final = "http://wikiba.se/ontology#"
LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"
DESCRIPTION: Final = "http://schema.org/description"
ALIAS: Final = "http://www.w3.org/2004/02/skos/core#altLabel"
MODIFIED: Final = "http://schema.org/dateModified"
SITELINKS: Final = f"{_ONTOLOGY}sitelinks"
STATED_CLASS: Final = f"http://www.wikidata.org/prop/statement/{claims.INSTANCE_OF}"
_STATEMENT: Final = f"http://www.wikidata.org/prop/{claims.INSTANCE_OF}"

_STATEMENTS: Final = (
    claims.INSTANCE_OF,
    claims.SUBCLASS_OF,
    claims.PARENT_TAXON,
    claims.IMAGE,
    claims.COORDINATES,
    claims.COMMONS_CATEGORY,
    claims.TAXON_NAME,
)
_SUBCLASS: Final = f"<{DIRECT}{claims.SUBCLASS_OF}>"
_BELOW: Final = f"{_SUBCLASS}|<{DIRECT}{claims.PARENT_TAXON}>"

_SUBCLASSES: Final = """SELECT DISTINCT ?child WHERE {{
  VALUES ?parent {{ {parents} }}
  ?entity {subclass} ?parent .
  BIND(STR(?entity) AS ?child)
  FILTER(?child > "{after}")
}}
ORDER BY ?child
LIMIT {limit}"""

_CHILDREN: Final = """SELECT DISTINCT ?child ?pictured WHERE {{
  VALUES ?parent {{ {parents} }}
  ?entity {below} ?parent ; <{sitelinks}> ?pages .
  BIND(STR(?entity) AS ?child)
  FILTER(?child > "{after}")
  BIND(?pages >= {least} && EXISTS {{ ?entity <{image}> ?file }} AS ?pictured)
  FILTER(?pictured || EXISTS {{ ?lower {below} ?entity }})
}}
ORDER BY ?child
LIMIT {limit}"""

_FACTS: Final = """SELECT ?item ?property ?value WHERE {{
  {{
    VALUES ?item {{ {items} }}
    VALUES ?property {{ {properties} }}
    ?item ?property ?value .
    FILTER(isIRI(?value) || LCASE(LANG(?value)) IN ({languages}))
  }} UNION {{
    VALUES ?item {{ {items} }}
    VALUES ?property {{ <{stated}> }}
    VALUES ?value {{ <{human}> }}
    ?item <{statement}> ?said .
    ?said ?property ?value ; <{rank}> ?rank .
    FILTER(?rank != <{deprecated}>)
  }}
}}"""


def subclasses(parents: Iterable[int], after: str, limit: int) -> str:
    """What lies one P279 step below: ``child``, an address as text, greater than ``after``."""
    return _SUBCLASSES.format(
        parents=_entities(parents), subclass=_SUBCLASS, after=after, limit=limit
    )


def children(parents: Iterable[int], after: str, limit: int, min_sitelinks: int) -> str:
    """What lies one step of P279 or P171 below and is of use.

    ``child`` as in subclasses. ``pictured``: it has a picture and enough pages; what is not
    pictured is only there where something lies below it, for what that leads to.
    """
    return _CHILDREN.format(
        parents=_entities(parents),
        below=_BELOW,
        sitelinks=SITELINKS,
        image=f"{DIRECT}{claims.IMAGE}",
        least=min_sitelinks,
        after=after,
        limit=limit,
    )


def facts(items: Iterable[int], languages: Iterable[str]) -> str:
    """All that is kept of these items: ``item``, ``property``, ``value``, a row each.

    Of a human also STATED_CLASS, whatever class is preferred: ``wdt:`` would not say.
    """
    direct = [f"{DIRECT}{name}" for name in _STATEMENTS]
    named = [*direct, LABEL, DESCRIPTION, ALIAS, MODIFIED, SITELINKS]
    tags = ["", *sorted({tag.lower() for tag in languages})]
    return _FACTS.format(
        items=_entities(items),
        properties=" ".join(f"<{name}>" for name in named),
        languages=", ".join(f'"{tag}"' for tag in tags),
        stated=STATED_CLASS,
        human=f"{ENTITY}{claims.HUMAN}",
        statement=_STATEMENT,
        rank=f"{_ONTOLOGY}rank",
        deprecated=f"{_ONTOLOGY}DeprecatedRank",
    )


def _entities(ids: Iterable[int]) -> str:
    return " ".join(f"<{ENTITY}Q{number}>" for number in ids)
