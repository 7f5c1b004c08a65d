"""Addresses of what the API answers with. Ids need no escaping by rule; `+` in a path is just a plus."""

from __future__ import annotations

import re

_RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def outfit(user: str, outfit_id: str) -> str:
    return f"/users/{user}/outfits/{outfit_id}"


def image(user: str, outfit_id: str) -> str:
    return f"{outfit(user, outfit_id)}/image"


def splat(user: str, outfit_id: str) -> str:
    return f"{outfit(user, outfit_id)}/splat"


def crop(user: str, outfit_id: str, garment: str) -> str:
    return f"{outfit(user, outfit_id)}/crops/{garment}"


def person(user: str) -> str:
    return f"/users/{user}/person"


def run(dagster_url: str, run_id: str) -> str | None:
    """None where nobody said where Dagster is, and for what was not made by a run of it."""
    return f"{dagster_url}/runs/{run_id}" if dagster_url and _RUN.fullmatch(run_id) else None
