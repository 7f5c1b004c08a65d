"""Profile -> compute: whether engines work in this process or on Modal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tryon.core.ports import Calls, Records
from tryon.core.recipes import Stage
from tryon.core.stages.compute import Compute, LocalCompute
from tryon.core.stages.remote import RemoteCompute
from tryon.core.stages.workbench import Workbench
from tryon.settings import Settings
from tryon.stores.holders import lease_holder

APPS: Mapping[Stage, str] = {
    Stage.CROP: "fashion-crop-api-gpu",
    Stage.MASK: "cpu-mask-generation-optimized",
    Stage.TRYON: "fashion-tryon",
    Stage.SPLAT: "sharp-view-synthesis",
}
"""Of deploy/modal, by the stage that each works for."""


def open_compute(
    settings: Settings, workbench: Workbench, records: Records, now: Callable[[], str]
) -> Compute:
    """now: RFC 3339 UTC, as the journal writes it."""
    if not settings.on_modal:
        return LocalCompute(workbench)
    return RemoteCompute(records, open_calls(settings), now, lease_holder(), settings.parallel)


def open_calls(settings: Settings) -> Calls:
    """Nothing is connected before the first call."""
    from tryon.stores.modal.calls import ModalCalls

    token = settings.modal_token_id, settings.modal_token_secret
    return ModalCalls(APPS, *token, settings.modal_environment)
