"""Everybody can use the lookbook: with a keyboard alone, on a phone, in the dark, and with a screen reader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.shop import MISSING, PHONE, REFUSED, SHOWN, USER, WIDE, Reader, Shop

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
PAGES = {
    "people": "/",
    "outfits": f"/people/{USER}",
    "filtered": f"/people/{USER}?garment=b0000.bottoms&since=yesterday",
    "outfit": f"/people/{USER}/outfits/{SHOWN}",
    "missing": f"/people/{USER}/outfits/{MISSING}",
    "refused": f"/people/{USER}/outfits/{REFUSED}",
    "matrix": f"/people/{USER}/matrix",
    "log": f"/people/{USER}/logs",
    "running": "/running",
    "nobody": "/people/nobody",
}
FOCUS = """const on = document.activeElement, style = getComputedStyle(on);
return {text: on.innerText || '', href: on.href || '', kind: on.type || on.tagName.toLowerCase(),
        seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2}"""
UNSEEN = ("body", "main", "range")
"""What shows no outline: the page itself, and the slider, whose handle shows the focus."""


@pytest.fixture
def everyday(reader: Reader) -> None:
    reader.see(PHONE)  # Without a graphics card each pixel of the 3D view costs time.


def audit(reader: Reader, tag: str = "") -> list[dict[str, Any]]:
    """What axe-core finds that keeps people out; it knows WCAG 2.2 A and AA, and good practice.
    tag: only these rules."""
    run = f"axe.run({json.dumps({'runOnly': [tag]} if tag else {})})"
    script = f"const done = arguments[0]; {run}.then(r => done(r.violations), e => done([{{id: String(e)}}]))"
    found: list[dict[str, Any]] = reader.browser.execute_async_script(script)
    return found


def told(found: list[dict[str, Any]]) -> list[str]:
    """Of any impact, though only serious and critical ones keep people out."""
    return [f"{one['id']}: {[node['html'][:120] for node in one.get('nodes', [])]}" for one in found]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_by_day_and_by_night(reader: Reader, shop: Shop, name: str) -> None:
    reader.see(WIDE)
    reader.browser.get(shop.url + PAGES[name])
    reader.pictures_are_there()
    reader.run(AXE)
    assert told(audit(reader)) == []
    reader.see(WIDE, "dark")
    assert told(audit(reader, "cat.color")) == []
    reader.keep(shop, f"{name}_dark")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone(reader: Reader, shop: Shop, name: str) -> None:
    reader.see(PHONE)
    reader.browser.get(shop.url + PAGES[name])
    reader.keep(shop, f"{name}_phone")
    assert reader.run("return document.documentElement.scrollWidth") == PHONE[0]
    small = """return [...document.querySelectorAll('button, select, input, .card > a, .cell')]
        .filter(e => e.offsetParent && Math.min(e.offsetWidth, e.offsetHeight) < 24).map(e => e.outerHTML)"""
    assert reader.run(small) == []


def test_the_3d_view_is_open_to_screen_readers(reader: Reader, shop: Shop, everyday: None) -> None:
    reader.browser.get(shop.url + PAGES["outfit"])
    reader.one("[data-open]").click()
    reader.wait(lambda reader: reader.one(".depth").get_attribute("data-state") == "ready")
    reader.run(AXE)
    assert told(audit(reader)) == []
    assert "Arrow keys turn" in str(reader.one(".stage canvas").get_attribute("aria-label"))


def press(reader: Reader, *keys: str) -> None:
    ActionChains(reader.browser).send_keys(*keys).perform()


def focus(reader: Reader) -> dict[str, str]:
    """What has it: its text, address and kind."""
    found: dict[str, str] = reader.run(FOCUS)
    return found


def walk(reader: Reader, what: str, value: str, most: int = 60) -> None:
    """Tab after tab, until something is focused whose text, address or kind ends so. Every stop on the way shows it."""
    for _ in range(most):
        found = focus(reader)
        assert found["seen"] or found["kind"] in UNSEEN, found
        if found[what].endswith(value):
            return
        press(reader, Keys.TAB)
    pytest.fail(f"no number of tabs leads to {value}")


def test_a_keyboard_is_enough(reader: Reader, shop: Shop, everyday: None) -> None:
    """From the first page to an outfit, its slider and its 3D view; whatever has the focus shows it."""
    reader.browser.get(shop.url)
    press(reader, Keys.TAB)
    assert focus(reader)["text"] == "Skip to content"
    reader.wait(lambda reader: reader.run("return document.activeElement.getBoundingClientRect().top") >= 0)
    press(reader, Keys.ENTER, Keys.TAB)
    walk(reader, "text", USER)
    press(reader, Keys.ENTER)
    reader.wait(lambda reader: reader.browser.current_url.endswith(USER))
    walk(reader, "href", SHOWN)
    press(reader, Keys.ENTER)
    reader.wait(lambda reader: reader.browser.current_url.endswith(SHOWN))
    walk(reader, "kind", "range")
    before = reader.one(".slider").get_attribute("value")
    press(reader, Keys.ARROW_RIGHT)
    assert reader.one(".slider").get_attribute("value") != before
    walk(reader, "text", "View in 3D")
    press(reader, Keys.ENTER)
    reader.wait(lambda reader: reader.one(".depth").get_attribute("data-state") == "ready")
    walk(reader, "text", "Close")
    press(reader, Keys.ENTER)
    assert focus(reader)["text"] == "View in 3D"


def test_the_sliders_handle_shows_the_focus(reader: Reader, shop: Shop, everyday: None) -> None:
    reader.browser.get(shop.url + PAGES["outfit"])
    reader.pictures_are_there()
    before = reader.pixels(reader.one(".slider"))
    reader.one(".compare").find_element("css selector", ".slider").send_keys(
        Keys.ARROW_RIGHT, Keys.ARROW_LEFT
    )
    after = reader.pixels(reader.one(".slider"))
    assert (before != after).any(axis=2).sum() > 200


def test_nothing_moves_for_who_wants_less_motion(reader: Reader, shop: Shop, everyday: None) -> None:
    less = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": less})
    for path in PAGES.values():
        reader.browser.get(shop.url + path)
        moving = """return [...document.querySelectorAll('*')].map(e => getComputedStyle(e))
            .filter(s => s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0).length"""
        assert reader.run(moving) == 0
