"""Takes the pictures of docs/lookbook.md again, over the demo's data while `make lookbook` runs:

python -m tests.browser.lookbook_pictures http://127.0.0.1:8080 docs/images
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import program
from tests.browser.shop import Reader, reading

LOOK = "/people/u1/outfits/polo-block.tops+shorts-sand.bottoms"
SIZE = (1360, 980)


def take(url: str, folder: Path) -> None:
    """All outfits in a matrix; one, its photo laid over half of it, by day; the same in 3D by night."""
    with reading(program("chromium"), program("chromedriver")) as reader:
        shoot(reader, url + "/people/u1/matrix", "light", folder / "lookbook-matrix.jpg", "#pairs")
        shoot(reader, url + LOOK, "light", folder / "lookbook-outfit.jpg")
        reader.see(SIZE, "dark")
        reader.browser.get(url + LOOK)
        reader.one("[data-open]").click()
        reader.wait(lambda reader: reader.one(".depth").get_attribute("data-state") == "ready")
        before = reader.browser.get_screenshot_as_png()
        reader.one(".stage canvas").send_keys(*[Keys.ARROW_RIGHT] * 4)
        reader.wait(lambda reader: reader.browser.get_screenshot_as_png() != before)
        reader.run("document.activeElement.blur()")
        save(reader, folder / "lookbook-3d.jpg")


def shoot(reader: Reader, url: str, scheme: str, path: Path, top: str = "body") -> None:
    reader.see(SIZE, scheme)
    reader.browser.get(url)
    reader.pictures_are_there()
    reader.run("document.querySelector(arguments[0]).scrollIntoView()", top)
    save(reader, path)


def save(reader: Reader, path: Path) -> None:
    shot = Image.open(BytesIO(reader.browser.get_screenshot_as_png())).convert("RGB")
    shot.save(path, quality=86, optimize=True, progressive=True)


if __name__ == "__main__":
    take(sys.argv[1], Path(sys.argv[2]))
