from typing import Any

from cti.web.app import ROUTES
from cti.web.docs_page import page
from cti.web.registry import ANYONE
from tests.unit.web.conftest import World


async def _document(world: World) -> dict[str, Any]:
    async with world.client() as client:
        response = await client.get("/api/v1/openapi.json")
        assert response.status == 200
        found: dict[str, Any] = await response.json()
        return found


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


async def test_every_route_is_described_with_its_roles(world: World) -> None:
    document = await _document(world)
    assert document["openapi"] == "3.1.0"
    for route in ROUTES:
        operation = document["paths"][route.path][route.method.lower()]
        assert operation["x-roles"] == (["anyone"] if route.roles is ANYONE else sorted(route.roles))
        assert str(route.status) in operation["responses"]
        assert ("401" in operation["responses"]) or route.roles is ANYONE


async def test_every_reference_leads_somewhere(world: World) -> None:
    document = await _document(world)
    schemas = document["components"]["schemas"]
    for reference in _references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas, reference
    assert schemas["CustomerCard"]["properties"]["version"]["type"] == "integer"
    assert schemas["LogInBody"]["required"] == ["login", "password"]


async def test_operation_ids_are_unique(world: World) -> None:
    document = await _document(world)
    ids = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


async def test_the_docs_page_needs_no_script_and_nothing_from_elsewhere(world: World) -> None:
    async with world.client() as client:
        html = await (await client.get("/api/docs")).text()
        assert (await client.get("/api/docs.css")).content_type == "text/css"
    assert "<script" not in html
    assert "https://" not in html
    assert " style=" not in html
    for route in ROUTES:
        assert route.path in html


async def test_the_docs_page_escapes(world: World) -> None:
    document = await _document(world)
    document["info"]["description"] = "<script>alert(1)</script>"
    assert "<script>" not in page(document)
