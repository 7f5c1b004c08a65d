"""Profile -> compute: whether engines work in this process or on Modal."""

from __future__ import annotations

from collections.abc import Callable

from tryon.core.ports import Records
from tryon.core.stages.compute import Compute, LocalCompute
from tryon.core.stages.remote import RemoteCompute
from tryon.core.stages.workbench import Workbench
from tryon.profiles.stores import name_of
from tryon.settings import Settings
from tryon.settings.deployment import Deployment
from tryon.stores.holders import lease_holder
from tryon.stores.modal.calls import ModalCalls


def open_compute(
    settings: Settings, workbench: Workbench, records: Records, now: Callable[[], str]
) -> Compute:
    """now: RFC 3339 UTC, as the journal writes it."""
    if not settings.on_modal:
        return LocalCompute(workbench)
    calls, stores = open_calls(settings), name_of(settings)
    return RemoteCompute(records, calls, now, lease_holder(), settings.parallel, stores=stores)


def open_calls(settings: Settings) -> ModalCalls:
    """Nothing is connected before the first call."""
    token = settings.modal_token_id, settings.modal_token_secret
    return ModalCalls(Deployment().apps, *token, settings.modal_environment)
