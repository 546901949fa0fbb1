"""The API's own documents over HTTP: OpenAPI, AsyncAPI and a page to read them."""

from __future__ import annotations

from wildside.domain.errors import NotFound
from wildside.inbound.http.catalogue import tagged
from wildside.inbound.http.endpoint import Endpoint, Shape
from wildside.inbound.http.house import House
from wildside.inbound.http.message import Answer, Request

YAML = "application/yaml"
HTML = "text/html; charset=utf-8"


async def openapi(house: House, request: Request) -> Answer:
    """The OpenAPI document."""
    return _file(house, request, "openapi.json", "application/json")


async def asyncapi(house: House, request: Request) -> Answer:
    """The AsyncAPI document."""
    return _file(house, request, "asyncapi.yaml", YAML)


async def docs(house: House, request: Request) -> Answer:
    """The OpenAPI document for people: Swagger UI where the page was built, else a plain page."""
    built = house.page / "docs.html"
    if built.is_file():
        return tagged(request, built.read_bytes(), content_type=HTML.encode())
    return _file(house, request, "openapi.html", HTML)


def _file(house: House, request: Request, name: str, content_type: str) -> Answer:
    path = house.specs / name
    if not path.is_file():
        raise NotFound(f"{name} was not generated: `wildside specs` does it")
    return tagged(request, path.read_bytes(), content_type=content_type.encode())


ENDPOINTS = (
    Endpoint(
        "GET",
        "/api-docs/openapi.json",
        openapi,
        "This document",
        "documents",
        {200: Shape("OpenAPI 3.1", media_types=("application/json",))},
    ),
    Endpoint(
        "GET",
        "/api-docs/asyncapi.yaml",
        asyncapi,
        "The socket's document",
        "documents",
        {200: Shape("AsyncAPI 3", media_types=(YAML,))},
    ),
    Endpoint(
        "GET",
        "/docs",
        docs,
        "This document for people",
        "documents",
        {200: Shape("A page", media_types=("text/html",))},
    ),
)
