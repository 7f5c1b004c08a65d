"""The 3D view: nothing of it is loaded before a click, it draws, it turns within its limits, and it gives back what it
took."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.shop import PHONE, SHOWN, USER, Reader, Shop
from tryon.core.ports import Pixels

PAGE = f"/people/{USER}/outfits/{SHOWN}"
STATE = "return document.querySelector('.depth').dataset.state"
CANVAS = ".stage canvas"
LOST = "return view.getContext('webgl2').isContextLost()"


@pytest.fixture(autouse=True)
def page(reader: Reader, shop: Shop) -> Iterator[None]:
    reader.asked.clear()
    reader.see(PHONE)  # Without a graphics card each pixel costs time.
    reader.browser.get(shop.url + PAGE)
    yield
    assert reader.complaints() == []
    assert reader.hosts() <= {shop.url.removeprefix("http://")}


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


def test_nothing_of_it_is_loaded_before_a_click(reader: Reader, shop: Shop) -> None:
    reader.pictures_are_there()
    reader.hosts()
    early = [address for address in reader.asked if "viewer" in address or address.endswith("/splat")]
    assert early == []
    open_view(reader)
    reader.hosts()
    names = {address.rpartition("/")[2] for address in reader.asked}
    assert names >= {"viewer.js", "spark.wasm", "spark-worker.js", "splat"}


def test_it_shows_the_outfit(reader: Reader, shop: Shop) -> None:
    """The null splat is a flat picture one metre away: seen from the camera's place it looks like the image."""
    picture = reader.pixels(reader.one(".after img")).astype(float)
    open_view(reader)
    seen = drawn(reader)
    reader.keep(shop, "3d")
    backdrop = seen[2, 2].astype(int)
    covered = (np.abs(seen.astype(int) - backdrop).max(axis=2) > 12).mean()
    assert covered > 0.1
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) > 100
    height, width = seen.shape[:2]
    middle = seen[height // 3 : height // 2, width // 3 : 2 * width // 3].mean(axis=(0, 1))
    expected = picture[height // 3 : height // 2, width // 3 : 2 * width // 3].mean(axis=(0, 1))
    assert np.abs(middle - expected).max() < 40


def test_keys_turn_and_zoom_it_within_limits(reader: Reader, shop: Shop) -> None:
    open_view(reader)
    canvas, front = reader.one(CANVAS), drawn(reader)
    assert reader.browser.switch_to.active_element == canvas
    canvas.send_keys(*[Keys.ARROW_RIGHT] * 10)
    furthest = drawn(reader)
    assert (furthest != front).any()
    canvas.send_keys(*[Keys.ARROW_RIGHT] * 10)
    assert (drawn(reader) == furthest).all()
    canvas.send_keys("0", "+", "+")
    assert (drawn(reader) != front).any()
    canvas.send_keys("0")
    assert np.abs(drawn(reader).astype(int) - front).mean() < 1


def test_a_finger_turns_it(reader: Reader, shop: Shop) -> None:
    open_view(reader)
    front, box = drawn(reader), reader.one(CANVAS).rect
    steps: tuple[tuple[str, list[float]], ...] = (
        ("touchStart", [0.3]),
        ("touchMove", [0.7]),
        ("touchEnd", []),
    )
    for kind, shares in steps:
        points = [{"x": box["x"] + share * box["width"], "y": box["y"] + 200} for share in shares]
        event = {"type": kind, "touchPoints": points}
        reader.browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)
    assert (drawn(reader) != front).any()


def test_escape_closes_it_and_gives_the_memory_back(reader: Reader, shop: Shop) -> None:
    for _ in range(2):
        open_view(reader)
        reader.run("window.view = document.querySelector('.stage canvas')")
        assert reader.run(LOST) is False
        reader.one(CANVAS).send_keys(Keys.ESCAPE)
        reader.wait(lambda reader: reader.run(STATE) == "closed")
        assert reader.run(LOST) is True
        assert reader.one(".compare").is_displayed()
        assert reader.browser.switch_to.active_element == reader.one("[data-open]")


def test_without_webgl_it_says_so_in_words(reader: Reader, shop: Shop) -> None:
    reader.run("HTMLCanvasElement.prototype.getContext = () => null")
    reader.one("[data-open]").click()
    reader.wait(lambda reader: reader.run(STATE) == "failed")
    assert "This browser has no WebGL 2" in reader.one("[data-told]").text
    assert reader.one(".compare").is_displayed()
    assert not reader.one(".stage").is_displayed()


def test_a_splat_that_does_not_come_is_told(reader: Reader, shop: Shop) -> None:
    reader.run("document.querySelector('.depth').dataset.splat = '/users/u0000/outfits/t0000.tops/splat'")
    reader.one("[data-open]").click()
    reader.wait(lambda reader: reader.run(STATE) == "failed")
    assert "gets no splat" in reader.one("[data-told]").text
    (complaint,) = reader.complaints()
    assert "404" in complaint
