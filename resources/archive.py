"""Where receipts of erasures are kept, as a Dagster resource."""

import dagster as dg

from tryon.core.ports import Archive
from tryon.settings import Settings
from tryon.wiring import open_archive


class ArchiveResource(dg.ConfigurableResource[Archive]):
    """Opened once a run from the environment; ops receive the Archive itself."""

    def create_resource(self, context: dg.InitResourceContext) -> Archive:
        return open_archive(Settings())
