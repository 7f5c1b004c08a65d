"""Documents as Firestore's protocol writes them.

Google's library wraps every value in Python objects, which takes 0.1 ms each: 600 log events a second at best. These
are the protocol's own messages, which C code fills.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import Any

MOST_DEPTH, MOST_NAME_BYTES = 19, 1500
"""Of a document's values, and of a field's name: https://firebase.google.com/docs/firestore/quotas"""


@cache
def messages() -> SimpleNamespace:
    """The protocol's classes by name. Their import takes a second."""
    from google.cloud.firestore_v1 import types

    names = ("Value", "Document", "DocumentMask", "Precondition", "Write")
    requests = (
        "BatchGetDocumentsRequest",
        "BeginTransactionRequest",
        "CommitRequest",
        "RollbackRequest",
        "RunQueryRequest",
    )
    return SimpleNamespace(**{name: getattr(types, name).pb() for name in (*names, *requests)})


def set_document(name: str, facts: Mapping[str, object]) -> Any:
    """The write that replaces the document `name` (its full path) as a whole."""
    return messages().Write(update=_document(name, facts))


def create_document(name: str, facts: Mapping[str, object]) -> Any:
    """It holds only where there is none."""
    return messages().Write(
        update=_document(name, facts), current_document=messages().Precondition(exists=False)
    )


def update_document(name: str, facts: Mapping[str, object], gone: list[str], version: Any) -> Any:
    """Write some fields and delete the `gone` ones. It holds only for this version."""
    return messages().Write(
        update=_document(name, facts),
        update_mask=messages().DocumentMask(field_paths=[*facts, *gone]),
        current_document=messages().Precondition(update_time=version),
    )


def delete_document(name: str, version: Any = None) -> Any:
    """version: it holds only for this one; None: for any, and for none."""
    condition = None if version is None else messages().Precondition(update_time=version)
    return messages().Write(delete=name, current_document=condition)


def fill(fields: Any, facts: Mapping[str, object], depth: int = MOST_DEPTH) -> None:
    """Put None, bool, int, float, str, list and dict, as JSON has them, into a message's map of fields.

    Raises TypeError for anything else that Firestore does not hold: lists in lists, names that are empty or begin with
    __, deeper nesting; ValueError for whole numbers of more than 64 bits and for text that is no Unicode.
    """
    for name, value in facts.items():
        _set(fields[_name(name)], value, depth)


def _set(message: Any, value: object, depth: int) -> None:
    match value:
        case str():
            message.string_value = value
        case None:
            message.null_value = 0
        case bool():
            message.boolean_value = value
        case int():
            message.integer_value = value
        case float():
            message.double_value = value
        case list() | tuple() if depth and not any(isinstance(one, (list, tuple)) for one in value):
            message.array_value.SetInParent()
            for one in value:
                _set(message.array_value.values.add(), one, depth - 1)
        case Mapping() if depth:
            message.map_value.SetInParent()
            fill(message.map_value.fields, value, depth - 1)
        case _:
            raise TypeError(f"Firestore holds no {type(value).__name__} here")


def _name(name: object) -> str:
    text = str(name)
    if not text or text.startswith("__") or len(text.encode()) > MOST_NAME_BYTES:
        raise TypeError("Firestore holds no field of this name")
    return text


def from_value(value: Any, foreign: bool = False) -> Any:
    """Back again. foreign: of a document that others write too: times are text (RFC 3339), and what JSON does not have
    is named and not read. Otherwise raises TypeError for a type that this program never writes."""
    match value.WhichOneof("value_type"):
        case "null_value":
            return None
        case "map_value":
            return from_fields(value.map_value.fields, foreign)
        case "array_value":
            return [from_value(one, foreign) for one in value.array_value.values]
        case "boolean_value" | "integer_value" | "double_value" | "string_value" as kind:
            return getattr(value, kind)
        case "timestamp_value" if foreign:
            return value.timestamp_value.ToJsonString()
        case kind if foreign:
            return f"<{kind}>"
        case kind:
            raise TypeError(f"a document holds a {kind}, which this program never writes")


def from_fields(fields: Mapping[str, Any], foreign: bool = False) -> dict[str, Any]:
    return {name: from_value(value, foreign) for name, value in fields.items()}


def _document(name: str, facts: Mapping[str, object]) -> Any:
    document = messages().Document(name=name)
    fill(document.fields, facts)
    return document
