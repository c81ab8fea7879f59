"""A SPARQL service for tests: a little graph as Wikidata's RDF has it, behind HTTP on loopback.

It carries out the very queries that would go to Wikidata, with rdflib's engine; answers that are
scripted come before.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.namespace import RDFS, SKOS, XSD, Namespace
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import Query

from depicts_model.wiki.sparql import JSON

Json = dict[str, Any]
WD, WDT = Namespace("http://www.wikidata.org/entity/"), "http://www.wikidata.org/prop/direct/"
P = "http://www.wikidata.org/prop/"
SCHEMA, WIKIBASE = Namespace("http://schema.org/"), Namespace("http://wikiba.se/ontology#")
FILES = "http://commons.wikimedia.org/wiki/Special:FilePath/"
WKT = URIRef("http://www.opengis.net/ont/geosparql#wktLiteral")
EARTH = f"{WD}Q2"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service says in place of an answer."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": JSON})
    length: int | None = None
    """The Content-Length, where it is to be another than the body's."""


@dataclass
class Service:
    """``scripted``: answers given first, in turn; ``judge``: may refuse a query by an answer."""

    graph: Graph
    url: str = ""
    scripted: list[Answer] = field(default_factory=list)
    judge: Callable[[str], Answer | None] = lambda query: None
    queries: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    connections: int = 0

    def answer(self, query: str) -> Answer:
        if self.scripted:
            return self.scripted.pop(0)
        judged = self.judge(query)
        if judged is not None:
            return judged
        self.queries.append(query)
        made = self.graph.query(planned(query)).serialize(format="json")
        assert made is not None
        return Answer(made)


@cache
def planned(query: str) -> Query:
    """A query, read once, of which each join looks up what its left side has bound.

    rdflib does so for one join of VALUES and triples; of two, one inside the other, it compares
    every row of the one side with every row of the other, which takes seconds a query.
    """
    found = prepareQuery(query)

    def look_up(part: object) -> None:
        if isinstance(part, CompValue) and part.name == "Join":
            part["lazy"] |= part.p2.name in ("BGP", "ToMultiSet")

    traverse(found.algebra, visitPost=look_up)
    return found


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client may go away in the middle of an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def serving(graph: Graph) -> Iterator[Service]:
    """The service, for as long as it is needed."""
    service = Service(graph)
    server = _Server(("127.0.0.1", 0), _handler(service))
    service.url = f"http://127.0.0.1:{server.server_address[1]}/sparql"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            service.connections += 1
            # rdflib works here, not we: coverage would only slow it
            sys.settrace(None)
            super().setup()

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
            assert self.headers["Accept"] == JSON
            service.agents.add(self.headers["User-Agent"])
            (query,) = parse_qs(text, strict_parsing=True)["query"]
            self.say(service.answer(query))

        def say(self, answer: Answer) -> None:
            length = len(answer.body) if answer.length is None else answer.length
            self.send_response(answer.status)
            for name, value in ({"Content-Length": str(length)} | answer.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = length != len(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def graph_of(entities: Iterable[Json]) -> Graph:
    """What the query service holds of these entities of a dump."""
    graph = Graph()
    for entity in entities:
        if entity["type"] == "item" and "redirect" not in entity:
            _add(graph, WD[entity["id"]], entity)
    return graph


def _add(graph: Graph, item: URIRef, entity: Json) -> None:
    graph.add((item, WIKIBASE.sitelinks, Literal(len(entity["sitelinks"]))))
    graph.add((item, SCHEMA.dateModified, Literal(entity["modified"], datatype=XSD.dateTime)))
    for text in (entity["labels"] or {}).values():
        graph.add((item, RDFS.label, Literal(text["value"], lang=text["language"])))
    for text in (entity["descriptions"] or {}).values():
        graph.add((item, SCHEMA.description, Literal(text["value"], lang=text["language"])))
    for text in (one for found in (entity["aliases"] or {}).values() for one in found):
        graph.add((item, SKOS.altLabel, Literal(text["value"], lang=text["language"])))
    for prop, statements in (entity["claims"] or {}).items():
        for said in statements:
            _state(graph, item, prop, said)
        for statement in best(statements):
            for value in _values(prop, statement["mainsnak"]):
                graph.add((item, URIRef(f"{WDT}{prop}"), value))


def _state(graph: Graph, item: URIRef, prop: str, said: Json) -> None:
    """The statement itself, of whatever rank."""
    node = BNode()
    graph.add((item, URIRef(f"{P}{prop}"), node))
    graph.add((node, WIKIBASE.rank, WIKIBASE[f"{said['rank'].title()}Rank"]))
    for value in _values(prop, said["mainsnak"]):
        graph.add((node, URIRef(f"{P}statement/{prop}"), value))


def best(statements: Iterable[Json]) -> list[Json]:
    """The preferred ones; where there are none, the normal ones; never a deprecated one."""
    for rank in ("preferred", "normal"):
        if found := [one for one in statements if one["rank"] == rank]:
            return found
    return []


def _values(prop: str, snak: Json) -> Iterator[URIRef | BNode | Literal]:
    if snak["snaktype"] == "somevalue":
        yield BNode()
    elif snak["snaktype"] == "value":
        value = snak["datavalue"]["value"]
        if prop == "P18":
            yield URIRef(f"{FILES}{quote(value)}")
        elif prop == "P625":
            globe = "" if value["globe"] == EARTH else f"<{value['globe']}> "
            point = f"{globe}Point({value['longitude']} {value['latitude']})"
            yield Literal(point, datatype=WKT)
        else:
            yield WD[value["id"]] if isinstance(value, dict) else Literal(value)
