"""The 3D view: nothing of it is loaded before a click, it draws, it turns within its limits, and it gives back what it
took."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import httpx
import numpy as np
import pytest
from PIL import Image
from selenium.webdriver.common.keys import Keys

from tests.browser.shop import PHONE, SHOWN, USER, Reader, Shop
from tryon.core.ports import Pixels

PAGE = f"/people/{USER}/outfits/{SHOWN}"
STATE = "return document.querySelector('.depth').dataset.state"
CANVAS = ".stage canvas"
LOST = "return view.getContext('webgl2').isContextLost()"


@pytest.fixture(autouse=True)
def nothing_was_blocked(reader: Reader, shop: Shop) -> Iterator[None]:
    yield
    assert reader.complaints() == []
    assert reader.hosts() <= {shop.url.removeprefix("http://")}


@pytest.fixture(scope="module")
def page(reader: Reader, shop: Shop) -> None:
    reader.see(PHONE)  # Without a graphics card each pixel costs time.
    reader.browser.get(shop.url + PAGE)
    reader.pictures_are_there()


@pytest.fixture(scope="module")
def front(reader: Reader, page: None) -> Pixels:
    """The view as it opens; nothing of it was loaded before."""
    reader.hosts()
    assert [one for one in reader.asked if "viewer" in one or one.endswith("/splat")] == []
    open_view(reader)
    return drawn(reader)


def open_view(reader: Reader) -> None:
    reader.one("[data-open]").click()
    reader.wait(lambda reader: reader.run(STATE) == "ready")


def drawn(reader: Reader) -> Pixels:
    """Once two looks at it are equal: a change is drawn and sorted in the background."""
    seen = [reader.pixels(reader.one(CANVAS))]
    reader.wait(lambda reader: _settled(reader, seen))
    return seen[-1]


def _settled(reader: Reader, seen: list[Pixels]) -> bool:
    seen.append(reader.pixels(reader.one(CANVAS)))
    return bool((seen[-1] == seen[-2]).all())


def test_it_is_loaded_on_a_click(reader: Reader, front: Pixels) -> None:
    reader.hosts()
    names = {address.rpartition("/")[2] for address in reader.asked}
    assert names >= {"viewer.js", "spark.wasm", "spark-worker.js", "splat"}
    assert reader.browser.switch_to.active_element == reader.one(CANVAS)


def test_it_shows_the_outfit(reader: Reader, shop: Shop, front: Pixels) -> None:
    """The null splat is a flat picture one metre away: seen from the camera's place it looks like the image."""
    reader.keep(shop, "3d")
    path = f"/users/{USER}/outfits/{SHOWN}/image"
    with Image.open(BytesIO(httpx.get(shop.url + path).content)) as image:
        picture = np.asarray(image.convert("RGB").resize((front.shape[1], front.shape[0]))).astype(int)
    covered = np.abs(front.astype(int) - front[2, 2]).max(axis=2) > 12
    assert covered.mean() > 0.1
    assert len(np.unique(front.reshape(-1, 3), axis=0)) > 100
    assert np.abs(front.astype(int) - picture)[covered].mean() < 40


def test_keys_turn_and_zoom_it_within_limits(reader: Reader, front: Pixels) -> None:
    canvas = reader.one(CANVAS)
    canvas.send_keys(*[Keys.ARROW_RIGHT] * 10)
    furthest = drawn(reader)
    assert (furthest != front).any()
    canvas.send_keys(*[Keys.ARROW_RIGHT] * 10)
    assert (drawn(reader) == furthest).all()
    canvas.send_keys("0", "+", "+")
    assert (drawn(reader) != front).any()
    canvas.send_keys("0")
    assert np.abs(drawn(reader).astype(int) - front).mean() < 1


def test_a_finger_turns_it(reader: Reader, front: Pixels) -> None:
    box = reader.one(CANVAS).rect
    steps: tuple[tuple[str, list[float]], ...] = (
        ("touchStart", [0.3]),
        ("touchMove", [0.7]),
        ("touchEnd", []),
    )
    for kind, shares in steps:
        points = [{"x": box["x"] + share * box["width"], "y": box["y"] + 200} for share in shares]
        reader.browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    assert (drawn(reader) != front).any()


def test_escape_closes_it_and_gives_the_memory_back(reader: Reader, front: Pixels) -> None:
    for again in (True, False):
        reader.run("window.view = document.querySelector('.stage canvas')")
        assert reader.run(LOST) is False
        reader.one(CANVAS).send_keys(Keys.ESCAPE)
        reader.wait(lambda reader: reader.run(STATE) == "closed")
        assert reader.run(LOST) is True
        assert reader.one(".compare").is_displayed()
        assert reader.browser.switch_to.active_element == reader.one("[data-open]")
        if again:
            open_view(reader)


def test_without_webgl_it_says_so_in_words(reader: Reader, page: None) -> None:
    reader.browser.refresh()
    reader.run("HTMLCanvasElement.prototype.getContext = () => null")
    reader.one("[data-open]").click()
    reader.wait(lambda reader: reader.run(STATE) == "failed")
    assert "This browser has no WebGL 2" in reader.one("[data-told]").text
    assert reader.one(".compare").is_displayed()
    assert not reader.one(".stage").is_displayed()


def test_a_splat_that_does_not_come_is_told(reader: Reader, page: None) -> None:
    reader.browser.refresh()
    reader.run("document.querySelector('.depth').dataset.splat = '/users/u0000/outfits/t0000.tops/splat'")
    reader.one("[data-open]").click()
    reader.wait(lambda reader: reader.run(STATE) == "failed")
    assert "gets no splat" in reader.one("[data-told]").text
    (complaint,) = reader.complaints()
    assert "404" in complaint
