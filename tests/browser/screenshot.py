"""Takes docs/images/dagster-ui.png again, over the demo's data while `make ui` runs:

python -m tests.browser.screenshot http://127.0.0.1:3000 docs/images/dagster-ui.png
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.conftest import browsing, program

PAGE = "/assets/outfit_tryons?view=partitions&partition=sweater-stripe%7Cu1"


def take(url: str, path: Path) -> None:
    """The partition grid with one materialization and its picture, in at most 256 colours."""
    with browsing(program("chromium"), program("chromedriver")) as browser:
        browser.get(url + PAGE)
        wait = WebDriverWait(browser, 60)
        image = wait.until(lambda b: b.find_element(By.CSS_SELECTOR, "img[src*='/pictures/']"))
        wait.until(lambda b: int(str(image.get_property("naturalWidth"))) > 200)
        shot = Image.open(BytesIO(browser.get_screenshot_as_png())).convert("RGB")
    shot.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]))
