"""docs/openapi is what the services say of themselves, and says enough to write a client by."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from fashion_assets.commands.openapi import schemas, written
from tests.docs.pages import ROOT
from tryon.services.front import detail, envelope, status_error
from tryon.services.opening import Service

FOLDER = ROOT / "docs/openapi"
SHAPES = {Service.MASKS: status_error, Service.LOOKBOOK: envelope}


@pytest.fixture(scope="module")
def found() -> Mapping[Service, Any]:
    return schemas()


def committed(service: Service) -> Any:
    return json.loads((FOLDER / f"{service}.json").read_text())


def operations(schema: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in schema["paths"].items():
        yield from ((f"{method.upper()} {path}", operation) for method, operation in methods.items())


@pytest.mark.parametrize("service", Service)
def test_the_committed_schema_is_current(found: Mapping[Service, Any], service: Service) -> None:
    text = (FOLDER / f"{service}.json").read_text()
    assert text == written(found[service]), "run `fashion openapi docs/openapi` and look at what changed"


def test_there_is_a_schema_of_each_service_and_of_nothing_else() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(Service)


@pytest.mark.parametrize("service", Service)
def test_operation_ids_are_single_and_named_by_hand(service: Service) -> None:
    """FastAPI's own end in the path and method, and change with them."""
    ids = [operation["operationId"] for _, operation in operations(committed(service))]
    assert len(ids) == len(set(ids))
    assert [name for name in ids if name.endswith(("_get", "_post"))] == []


@pytest.mark.parametrize("service", Service)
def test_every_operation_documents_the_errors_of_its_service(service: Service) -> None:
    example = SHAPES.get(service, detail)(400, "a_code", "a sentence")
    for name, operation in operations(committed(service)):
        for status in ("4XX", "5XX"):
            body = operation["responses"][status]["content"]["application/json"]
            assert set(body["example"]) == set(example), name
            assert set(body["schema"]["required"]) == set(example), name
        assert "422" not in operation["responses"], f"{name} has FastAPI's own error"


def resolve(schema: Any, part: Any) -> Any:
    reference = part.get("$ref")
    return schema["components"]["schemas"][reference.rpartition("/")[2]] if reference else part


def has_example(schema: Any, part: Any) -> bool:
    """Of its own, of its fields, or of everything it may be."""
    known = resolve(schema, part)
    if "example" in known or "examples" in known or known.get("enum") or "const" in known:
        return True
    for several in ("anyOf", "oneOf"):
        if several in known:
            return all(has_example(schema, one) for one in known[several] if one.get("type") != "null")
    if known.get("type") == "array":
        return has_example(schema, known["items"])
    fields = known.get("properties", {}).values()
    return bool(fields) and all(_is_plain(field) or has_example(schema, field) for field in fields)


def _is_plain(field: Any) -> bool:
    """A number, a word, a file or a list of them needs none: its description says enough."""
    kinds = field.get("anyOf", [field.get("items", field)])
    return all(kind.get("type") in ("string", "integer", "number", "boolean", "null") for kind in kinds)


@pytest.mark.parametrize("service", Service)
def test_every_json_body_has_an_example(service: Service) -> None:
    schema = committed(service)
    lacking = []
    for name, operation in operations(schema):
        bodies = [operation.get("requestBody", {}), operation["responses"]["200"]]
        contents = [body.get("content", {}).get("application/json") for body in bodies]
        lacking += [
            name
            for content in contents
            if content
            and not ({"example", "examples"} & set(content) or has_example(schema, content["schema"]))
        ]
    assert lacking == []


@pytest.mark.parametrize("service", Service)
def test_examples_fit_their_schemas(service: Service) -> None:
    """Every example of a named schema has its required fields and no others that it does not know."""
    for name, known in committed(service)["components"]["schemas"].items():
        for example in [*known.get("examples", []), *([known["example"]] if "example" in known else [])]:
            fields = set(known.get("properties", {}))
            assert set(known.get("required", [])) <= set(example), name
            assert set(example) <= fields or known.get("additionalProperties"), name
