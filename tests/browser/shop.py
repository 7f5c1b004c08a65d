"""A small shop that has an outfit of every kind, its lookbook on the loopback, and a browser that can draw in 3D."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from PIL import Image
from pydantic import SecretStr
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.core.workshop import Workshop
from tests.services.serving import served
from tryon.core.ports import DressJob, Pixels
from tryon.core.words import Outfit, Refused
from tryon.services.front import Front, behind, envelope
from tryon.services.front.keys import Keys
from tryon.services.lookbook import create_app

USER, NOBODY_DRESSED = "u0000", "u0001"
SHOWN, REFUSED, MISSING = "t0000.tops+b0000.bottoms", "t0001.tops+b0001.bottoms", "t0000.tops+b0001.bottoms"
REASON = "The sleeves of <the garment> were lost."
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--hide-scrollbars",
    "--ignore-gpu-blocklist",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
)
WIDE, PHONE = (1100, 800), (360, 780)
PATIENCE_SECONDS = 60
# A script's end after the next frame and the one after it: the first may have been under way.
PAINTED = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));"


def refuse(_: DressJob) -> Refused:
    return Refused("garment_lost", REASON)


def small_shop(run_id: str = "run") -> Workshop:
    """Of 9 outfits of USER, 7 are published, 1 is refused and 1 is missing. Two looks have a splat."""
    shop = Workshop()
    pipeline = shop.open()
    pipeline.reconcile()
    pipeline.make_crops([item.id for item in pipeline.records.items()], run_id)
    pipeline.make_masks([USER], run_id)
    pipeline.make_singles([(USER, item.id) for item in pipeline.records.items()], run_id)
    replace(shop, answer=refuse).open().make_one(USER, Outfit.parse(REFUSED), run_id)
    for outfit in ("t0000.tops+b0000.bottoms", "t0001.tops+b0000.bottoms"):
        pipeline.make_one(USER, Outfit.parse(outfit), run_id)
    pipeline.make_splats([(USER, "b0000"), (USER, "d0000")], run_id)
    return shop


@dataclass(frozen=True)
class Shop:
    url: str
    workshop: Workshop
    screenshots: Path

    def log(self, message: str) -> None:
        """One more step in USER's log."""
        journal = self.workshop.open().desk.journal
        with journal.step(USER, "test", message, "run"):
            pass


@contextmanager
def open_shop(folder: Path, keys: Sequence[str] = ()) -> Iterator[Shop]:
    shop = small_shop()
    allowed = Keys([SecretStr(key) for key in keys], basic=True)
    front = Front("lookbook", envelope, allowed, public=frozenset(), tell=lambda line: None)
    with served(behind(front, create_app(shop.open()))) as url:
        yield Shop(url, shop, folder)


@dataclass
class Reader:
    """Somebody with a browser. asked: addresses that it asked for, from any page."""

    browser: webdriver.Chrome
    asked: list[str] = field(default_factory=list)

    def see(self, size: tuple[int, int] = WIDE, scheme: str = "light") -> None:
        """How large the window is, and which colours the reader likes."""
        width, height = size
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self._tell("Emulation.setDeviceMetricsOverride", screen)
        liked = [{"name": "prefers-color-scheme", "value": scheme}]
        self._tell("Emulation.setEmulatedMedia", {"features": liked})

    def scripts(self, on: bool) -> None:
        self._tell("Emulation.setScriptExecutionDisabled", {"value": not on})

    def _tell(self, command: str, facts: Mapping[str, object]) -> None:
        self.browser.execute_cdp_cmd(command, dict(facts))

    def one(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def run(self, script: str, *arguments: object) -> Any:
        return self.browser.execute_script(script, *arguments)

    def text(self) -> str:
        return self.one("body").text

    def wait(self, until: Callable[[Reader], object]) -> None:
        WebDriverWait(self.browser, PATIENCE_SECONDS, 0.1).until(lambda _: until(self))

    def pictures_are_there(self) -> bool:
        """Every picture on the page came, and shows something."""
        broken = "[...document.images].filter(i => !(i.complete && i.naturalWidth > 0)).length"
        self.run("for (const i of document.images) i.loading = 'eager'")
        self.wait(lambda reader: reader.run("return [...document.images].every(i => i.complete)"))
        return bool(self.run(f"return {broken}") == 0)

    def keep(self, shop: Shop, name: str) -> None:
        """A screenshot of the whole page, of at most 3000 pixels."""
        height = min(3000, int(self.run("return document.documentElement.scrollHeight")))
        width = int(self.run("return innerWidth"))
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        options = {"clip": clip, "captureBeyondViewport": True}
        shot = self.browser.execute_cdp_cmd("Page.captureScreenshot", options)
        shop.screenshots.mkdir(exist_ok=True)
        (shop.screenshots / f"{name}.png").write_bytes(b64decode(shot["data"]))

    def pixels(self, element: WebElement) -> Pixels:
        """uint8 [H, W, 3] of an element as it is shown, once what was done last is painted."""
        self.browser.execute_async_script(PAINTED)
        return np.asarray(Image.open(BytesIO(element.screenshot_as_png)).convert("RGB"))

    def complaints(self) -> list[str]:
        """What the console said since it was asked last: blocked loads, errors of scripts. That a page itself was
        answered with 404 or 409 is no fault."""
        said = [str(line["message"]) for line in self.browser.get_log("browser")]  # type: ignore[no-untyped-call]
        return [line for line in said if not _is_status_of_page(line)]

    def hosts(self) -> set[str]:
        """Of everything that was asked for over a network: Chromium's own pictures lie in `data:` addresses."""
        for line in self.browser.get_log("performance"):  # type: ignore[no-untyped-call]
            message = json.loads(line["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.asked.append(message["params"]["request"]["url"])
        return {split.netloc for split in map(urlsplit, self.asked) if split.scheme not in ("data", "blob")}


def _is_status_of_page(line: str) -> bool:
    return "/people/" in line and line.endswith(("404 (Not Found)", "409 (Conflict)"))


@contextmanager
def reading(chromium: str, chromedriver: str) -> Iterator[Reader]:
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with webdriver.Chrome(options, Service(chromedriver)) as browser:
        reader = Reader(browser)
        reader.see()
        yield reader
