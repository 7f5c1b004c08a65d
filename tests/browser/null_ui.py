"""`python -m tests.browser.null_ui ui` is `fashion ui`, over engines that cost nothing and a hasty daemon."""

from fashion_assets.cli import app
from fashion_assets.commands import opening, ui
from tests.cli.null_fashion import open_null

if __name__ == "__main__":
    opening.open_pipeline = open_null
    ui.LOCATION = ["-m", "tests.browser.location"]
    ui.DAGSTER = ["-m", "tests.dagster.hasty"]
    ui.FASHION = ["-m", "tests.cli.null_fashion"]
    app()
