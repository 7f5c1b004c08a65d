"""What the health of a service with models depends on."""

from __future__ import annotations

from tryon.services.engine_room import EngineRoom, StillLoading


def check_ready(room: EngineRoom) -> None:
    """Raises StillLoading, or what was wrong when the models were loaded; they are tried again after a while."""
    room.open()
    if room.state == "ready":
        return
    if room.state == "broken" and room.problem is not None:
        raise room.problem
    raise StillLoading("Models are still loading. Please wait and try again.")
