"""The API's documents: fresh, whole, and what the server does is what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import trio.testing

from tests.http.doors import Doors, wish
from wildside.bundled import folder
from wildside.inbound.cli.specs import SOCKET_PAGE, docs_folder, documents
from wildside.inbound.http.endpoint import Auth
from wildside.inbound.http.examples import EXAMPLES
from wildside.inbound.http.openapi import openapi_document, refused_statuses
from wildside.inbound.http.table import API_ENDPOINTS, METRICS_ENDPOINTS
from wildside.inbound.ws.asyncapi import EXAMPLES as SOCKET_EXAMPLES
from wildside.inbound.ws.asyncapi import asyncapi_document
from wildside.inbound.ws.messages import FROM_SERVER, FROM_WALKER

EVERYTHING = (*API_ENDPOINTS, *METRICS_ENDPOINTS)
OPENAPI = openapi_document(EVERYTHING)


def values(node: Any, key: str) -> Iterator[Any]:
    """Every value under that key, however deep."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key and isinstance(value, str):
                yield value
            yield from values(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, key)


@pytest.mark.parametrize("name", documents())
def test_the_documents_are_what_the_code_says(name: str) -> None:
    """`wildside specs` writes them; whoever changes an endpoint or a message runs it."""
    place = docs_folder() if name == SOCKET_PAGE else folder("spec")
    assert (place / name).read_text("utf-8") == documents()[name], "run wildside specs"


@pytest.mark.parametrize("document", [OPENAPI, asyncapi_document()], ids=["openapi", "asyncapi"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No `$ref` points at what is not there."""
    for reference in values(document, "$ref"):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_every_operation_is_told_apart_and_explained() -> None:
    """Unique ids, a sentence each, every parameter of the path declared."""
    operations = [
        (path, operation)
        for path, methods in OPENAPI["paths"].items()
        for operation in methods.values()
    ]
    assert len(operations) == len(EVERYTHING)
    ids = [operation["operationId"] for _, operation in operations]
    assert len(set(ids)) == len(ids)
    for path, operation in operations:
        named = {
            parameter["name"]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "path"
        }
        assert named == set(re.findall(r"{(\w+)}", path)), path
        assert operation["description"]


def test_every_component_is_used_and_every_example_belongs_to_one() -> None:
    """Nothing is declared for nobody."""
    schemas = OPENAPI["components"]["schemas"]
    used = {reference.rsplit("/", 1)[1] for reference in values(OPENAPI, "$ref")}
    assert set(schemas) <= used
    assert set(EXAMPLES) <= set(schemas)


def test_examples_are_what_the_structs_read() -> None:
    """An example that the server would refuse helps nobody."""
    import msgspec

    for endpoint in EVERYTHING:
        if endpoint.body is not None and endpoint.body.__name__ in EXAMPLES:
            msgspec.json.decode(json.dumps(EXAMPLES[endpoint.body.__name__]), type=endpoint.body)


def test_every_body_and_every_message_has_an_example_that_is_read() -> None:
    """Somebody who copies an example gets an answer; the socket's are read by the socket's structs."""
    import msgspec

    bodies = {endpoint.body.__name__ for endpoint in EVERYTHING if endpoint.body is not None}
    assert bodies <= set(EXAMPLES)
    for struct in (*FROM_SERVER, *FROM_WALKER):
        kind = str(struct.__struct_config__.tag)
        text = msgspec.json.encode({"type": kind, **SOCKET_EXAMPLES[kind]})
        msgspec.json.decode(text, type=struct)


async def test_the_server_answers_only_what_is_documented(
    doors: Doors, autojump_clock: trio.testing.MockClock
) -> None:
    """Each endpoint asked by nobody, by a walker, with rubbish: a status that its document names."""
    walker = await doors.walker()
    for endpoint in EVERYTHING:
        target = endpoint.route
        for name, _ in endpoint.parameters:
            word = {"style": "light", "source": "base"}.get(name, "3")
            if name.endswith("_id") and name != "poi_id":
                word = "00000000-0000-4000-8000-000000000000"
            target = target.replace(f"{{{name}}}", word)
        documented = {*endpoint.answers, *refused_statuses(endpoint), 304}
        bodies: list[Any] = [None] if endpoint.body is None else [{}, {"x": 1}, [], wish()]
        for client in (stranger := doors.client("192.0.2.9"), walker):
            for body in bodies:
                if endpoint.operation_id == "logout":
                    continue
                reply = await client.ask(endpoint.method, target, body)
                assert reply.status in documented, (endpoint.method, target, reply.status)
                if endpoint.auth is not Auth.ANYBODY and client is stranger:
                    assert reply.status == 401, target
                if reply.status in endpoint.answers and endpoint.answers[reply.status].struct:
                    assert reply.header("content-type") == "application/json"
