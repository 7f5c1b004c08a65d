"""Dagster's UI as a team sees it: lineage, partitions, a backfill that completes, and pictures.

Screenshots lie beside the data (`screenshots/` in the test's temporary folder).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from selenium import webdriver
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from fashion_assets.policy import GROUPS
from tests.browser.conftest import Running
from tests.dagster.test_backfill import PAIR_ASSETS, Dagster

pytestmark = pytest.mark.battery

PAIRS = [f"{item}|{user}" for user in ("u0000", "u0001") for item in ("t0000", "t0001", "b0000", "b0001")]
PATIENCE_SECONDS = 60
LINEAGE = "/asset-groups?expanded=" + ",".join(
    f"global@global:{group}" for group in sorted(set(GROUPS.values()))
)


@pytest.fixture(scope="module")
def backfill(ui: Running) -> str:
    """Id of a backfill of all pairs, launched as the UI launches it, and at its end."""
    dagster = Dagster(ui.dagster, ui.data)
    assert dagster.backfill(PAIRS, PAIR_ASSETS) == "COMPLETED_SUCCESS"
    found = dagster.ask(
        "query { partitionBackfillsOrError { ... on PartitionBackfills { results { id } } } }", {}
    )
    listed = found["partitionBackfillsOrError"]
    assert isinstance(listed, dict)
    (result,) = listed["results"]
    return str(result["id"])


def text(browser: webdriver.Chrome) -> str:
    return browser.find_element(By.TAG_NAME, "body").text


def look(browser: webdriver.Chrome, ui: Running, path: str, shows: Callable[[str], bool], name: str) -> None:
    """Open a page, wait until it shows what it should, and keep a screenshot, of a failure too."""
    folder = ui.data / "screenshots"
    folder.mkdir(exist_ok=True)
    browser.get(ui.dagster + path)
    try:
        WebDriverWait(browser, PATIENCE_SECONDS).until(lambda b: shows(text(b)))
    except TimeoutException:
        pytest.fail(f"{path} shows only: {text(browser)}")
    finally:
        browser.save_screenshot(str(folder / f"{name}.png"))


def every(*words: str) -> Callable[[str], bool]:
    return lambda shown: all(word in shown for word in words)


def test_the_lineage_graph_shows_every_asset(chromium: webdriver.Chrome, ui: Running) -> None:
    look(chromium, ui, LINEAGE, every(*GROUPS), "lineage")


def test_the_partition_grid_shows_both_dimensions(
    chromium: webdriver.Chrome, ui: Running, backfill: str
) -> None:
    shown = every(
        "8 Partitions Selected", "Materialized (8)", "Missing (0)", "t0000", "b0001", "u0000", "u0001"
    )
    look(chromium, ui, "/assets/outfit_tryons?view=partitions", shown, "partitions")


def test_the_backfill_page_shows_it_completed(chromium: webdriver.Chrome, ui: Running, backfill: str) -> None:
    def finished(shown: str) -> bool:
        return every("Succeeded", *PAIR_ASSETS)(shown) and shown.count("100% completed") == len(PAIR_ASSETS)

    look(chromium, ui, f"/runs/b/{backfill}", finished, "backfill")


def test_a_materialization_shows_its_picture(chromium: webdriver.Chrome, ui: Running, backfill: str) -> None:
    page = "/assets/outfit_tryons?view=events&partition=b0001%7Cu0000"
    look(chromium, ui, page, every("pictures", "published"), "materialization")
    address = f"{ui.pictures}/pictures/users/u0000/items/b0001/outfit_tryons.webp"
    wait = WebDriverWait(chromium, PATIENCE_SECONDS)
    image = wait.until(lambda b: b.find_element(By.CSS_SELECTOR, f"img[src='{address}']"))
    wait.until(lambda b: image.get_property("complete"))
    assert int(str(image.get_property("naturalWidth"))) > 200
    chromium.execute_script("arguments[0].scrollIntoView()", image)
    chromium.save_screenshot(str(ui.data / "screenshots" / "materialization.png"))


def test_dagster_opened_by_its_other_name_shows_the_picture_too(
    chromium: webdriver.Chrome, ui: Running, backfill: str
) -> None:
    """localhost and 127.0.0.1 are two sites for a browser; both are this machine."""
    chromium.get(
        f"{ui.dagster.replace('127.0.0.1', 'localhost')}/assets/user_masks?view=events&partition=u0000"
    )
    wait = WebDriverWait(chromium, PATIENCE_SECONDS)
    image = wait.until(
        lambda b: b.find_element(By.CSS_SELECTOR, f"img[src^='{ui.pictures}/pictures/users/u0000/']")
    )
    wait.until(lambda b: int(str(image.get_property("naturalWidth"))) > 200)
