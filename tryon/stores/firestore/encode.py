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


def to_value(value: object, depth: int = MOST_DEPTH) -> Any:
    """None, bool, int, float, str, list and dict, as JSON has them.

    Raises TypeError for anything else that Firestore does not hold: lists in lists, names that are empty or begin with
    __, deeper nesting; ValueError for whole numbers of more than 64 bits and for text that is no Unicode.
    """
    message = messages().Value
    match value:
        case None:
            return message(null_value=0)
        case bool():
            return message(boolean_value=value)
        case int():
            return message(integer_value=value)
        case float():
            return message(double_value=value)
        case str():
            return message(string_value=value)
        case list() | tuple() if depth and not any(isinstance(one, (list, tuple)) for one in value):
            return message(array_value={"values": [to_value(one, depth - 1) for one in value]})
        case Mapping() if depth:
            fields = {_name(name): to_value(one, depth - 1) for name, one in value.items()}
            return message(map_value={"fields": fields})
    raise TypeError(f"Firestore holds no {type(value).__name__} here")


def _name(name: object) -> str:
    text = str(name)
    if not text or text.startswith("__") or len(text.encode()) > MOST_NAME_BYTES:
        raise TypeError("Firestore holds no field of this name")
    return text


def from_value(value: Any) -> Any:
    """Back again. Raises TypeError for a type that this program never writes."""
    match value.WhichOneof("value_type"):
        case "null_value":
            return None
        case "map_value":
            return from_fields(value.map_value.fields)
        case "array_value":
            return [from_value(one) for one in value.array_value.values]
        case "boolean_value" | "integer_value" | "double_value" | "string_value" as kind:
            return getattr(value, kind)
        case kind:
            raise TypeError(f"a document holds a {kind}, which this program never writes")


def from_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: from_value(value) for name, value in fields.items()}


def _document(name: str, facts: Mapping[str, object]) -> Any:
    return messages().Document(name=name, fields={field: to_value(value) for field, value in facts.items()})
