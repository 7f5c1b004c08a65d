"""The lookbook as a shopper sees it: people, their outfits, one outfit, the matrix, what is not there, and the log.

Screenshots lie in `screenshots/` in the test's temporary folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser.shop import MISSING, NOBODY_DRESSED, REASON, REFUSED, SHOWN, USER, Reader, Shop, open_shop
from tryon.core.uploads import Item, User

KEY = "k" * 24


@pytest.fixture(autouse=True)
def nothing_was_blocked(reader: Reader, shop: Shop) -> Iterator[None]:
    """Whatever a test does: no page breaks its own policy, no script fails, and no other host is asked."""
    reader.asked.clear()
    yield
    assert reader.complaints() == []
    assert reader.hosts() <= {urlsplit(shop.url).netloc}


def open_page(reader: Reader, shop: Shop, path: str) -> None:
    reader.browser.get(shop.url + path)


def test_a_person_is_chosen_and_all_outfits_are_there(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, "/")
    assert [card.text for card in reader.all(".card h2")] == [USER, NOBODY_DRESSED]
    assert "7 of 9 outfits, 1 refused, 1 not generated" in reader.all(".card")[0].text
    assert "0 of 9 outfits, 9 not generated" in reader.all(".card")[1].text
    assert reader.pictures_are_there()
    reader.keep(shop, "people")
    reader.one(".card a").click()
    assert reader.browser.current_url == f"{shop.url}/people/{USER}"
    assert len(reader.all(".card")) == 9
    assert len(reader.all(".card img")) == 7
    assert reader.pictures_are_there()
    reader.keep(shop, "outfits")


def test_outfits_are_filtered_by_garment_engine_and_day(reader: Reader, shop: Shop) -> None:
    def show(query: str, count: int) -> None:
        reader.one(".filters button").click()
        reader.wait(lambda reader: query in reader.browser.current_url)
        reader.wait(lambda reader: len(reader.all(".card")) == count)

    open_page(reader, shop, f"/people/{USER}")
    Select(reader.one("[name=garment]")).select_by_visible_text("b0000")
    show("garment=b0000.bottoms", 3)
    assert all("b0000" in card.text for card in reader.all(".card .caption"))
    Select(reader.one("[name=engine]")).select_by_visible_text("null-dresser")
    show("engine=null-dresser", 3)
    reader.run("document.querySelector('[name=until]').value = '2020-01-01'")
    show("until=2020-01-01", 0)
    reader.one(".filters .actions a").click()
    reader.wait(lambda reader: len(reader.all(".card")) == 9)


def test_the_slider_lays_the_photo_over_the_picture(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, f"/people/{USER}/outfits/{SHOWN}")
    assert reader.pictures_are_there()
    compare, slider = reader.one(".compare"), reader.one(".slider")
    half = reader.pixels(compare)
    width = half.shape[1]
    slider.send_keys(Keys.HOME)
    generated = reader.pixels(compare)
    slider.send_keys(Keys.END)
    photo = reader.pixels(compare)
    rows = slice(50, 330)  # Above the handle and the captions.
    assert (half[rows, : width // 2 - 9] == photo[rows, : width // 2 - 9]).all()
    assert (half[rows, width // 2 + 9 :] == generated[rows, width // 2 + 9 :]).all()
    assert (photo[rows] != generated[rows]).any()
    slider.send_keys(Keys.ARROW_LEFT)
    assert slider.get_attribute("aria-valuetext") == "99 percent"


def test_a_finger_moves_the_slider_too(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, f"/people/{USER}/outfits/{SHOWN}")
    box = reader.one(".compare").rect
    for kind, share in (("touchStart", 0.8), ("touchMove", 0.5), ("touchMove", 0.2)):
        point = {"x": box["x"] + share * box["width"], "y": box["y"] + 100}
        event = {"type": kind, "touchPoints": [point]}
        reader.browser.execute_cdp_cmd("Input.dispatchTouchEvent", event)
    end = {"type": "touchEnd", "touchPoints": []}
    reader.browser.execute_cdp_cmd("Input.dispatchTouchEvent", end)
    assert reader.one(".slider").get_attribute("value") == "20"


def test_an_outfit_says_that_it_was_generated_and_from_what(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, f"/people/{USER}/outfits/{SHOWN}")
    shown = reader.text()
    photos: list[User | Item] = [*shop.workshop.records.users(), *shop.workshop.records.items()]
    used = [photo.sha256 for photo in photos if photo.id in (USER, "t0000", "b0000")]
    assert "Generated, not photographed." in shown
    assert all(digest in shown for digest in used)
    for word in ("null-dresser", "Apache-2.0", "seed", "42", "untucked", "compositeSynthetic", "run"):
        assert word in shown
    assert [step.text.split()[0] for step in reader.all(".lineage strong")][-1] == "Try-on"
    reader.keep(shop, "outfit")


def test_the_matrix_leads_to_pictures_and_says_why_there_is_none(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, f"/people/{USER}/matrix")
    assert reader.pictures_are_there()
    heads = [head.text for head in reader.all(".matrix thead th")]
    rows = {row.find_element(By.TAG_NAME, "th").text: row for row in reader.all(".matrix tbody tr")}
    assert heads == ["Top alone", "b0000", "b0001"]
    assert list(rows) == ["Bottom alone", "t0000", "t0001"]
    cells = [cell.text for row in rows.values() for cell in row.find_elements(By.TAG_NAME, "td")]
    missing, refused = "Not generated\nIt needs pregeneration.", f"Refused\n{REASON}"
    assert cells == ["", "", "", "", "", missing, "", "", refused]
    assert len(reader.all(".matrix .cell img")) == 6
    assert f"Refused 1 {REASON}" in reader.text()
    assert "Not generated 1 It needs pregeneration." in reader.text()
    reader.keep(shop, "matrix")
    reader.one(".cell.refused").click()
    assert reader.browser.current_url.endswith(REFUSED)


@pytest.mark.parametrize(
    ("outfit", "said"),
    [
        (
            MISSING,
            ("Not generated", "has to be pregenerated", "pregeneration_required", "fashion pregenerate"),
        ),
        (REFUSED, ("Refused", REASON, "garment_lost", "fashion why")),
    ],
)
def test_what_is_not_there_is_words_and_never_a_picture(
    reader: Reader, shop: Shop, outfit: str, said: tuple[str, ...]
) -> None:
    open_page(reader, shop, f"/people/{USER}/outfits/{outfit}")
    shown = reader.text()
    assert all(word in shown for word in said)
    assert reader.all("main img, main svg, main canvas, main video") == []
    backgrounds = (
        "return [...document.querySelectorAll('main *')].map(e => getComputedStyle(e).backgroundImage)"
    )
    assert set(reader.run(backgrounds)) == {"none"}
    reader.keep(shop, said[0].replace(" ", "_").lower())


def test_the_log_grows_while_it_is_read(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, f"/people/{USER}/logs")
    reader.wait(lambda reader: reader.one("[data-live]").text == "Live")
    before = len(reader.all(".log li"))
    shop.log("<img src=x> is only text")
    reader.wait(lambda reader: len(reader.all(".log li")) == before + 2)
    assert "<img src=x> is only text is done" in reader.all(".log li")[0].text
    assert reader.all(".log img") == []
    reader.one("[data-pause]").click()
    shop.log("held back")
    shop.log("held back too")
    reader.one("[data-pause]").click()
    reader.wait(lambda reader: len(reader.all(".log li")) == before + 6)
    reader.keep(shop, "log")


def test_what_runs_is_shown_as_it_goes_on(reader: Reader, shop: Shop) -> None:
    open_page(reader, shop, "/running")
    assert "Nothing is running" in reader.one(".lead").text
    assert "7 of 18" in reader.one(".figures").text
    reader.keep(shop, "running")
    shop.log("seen without a reload")
    reader.wait(lambda reader: "seen without a reload is done" in reader.text())


def test_everything_but_the_3d_view_works_without_scripts(reader: Reader, shop: Shop) -> None:
    reader.scripts(on=False)
    try:
        open_page(reader, shop, f"/people/{USER}?garment=b0000.bottoms")
        assert len(reader.all(".card")) == 3
        open_page(reader, shop, f"/people/{USER}/outfits/{SHOWN}")
        after, before = (reader.one(f".compare .{name}").rect for name in ("after", "before"))
        assert after["x"] + after["width"] < before["x"]
        assert "The 3D view needs JavaScript" in reader.text()
        open_page(reader, shop, f"/people/{USER}/logs")
        assert len(reader.all(".log li")) > 10
    finally:
        reader.scripts(on=True)


def test_an_api_key_is_the_password(reader: Reader, tmp_path: Path) -> None:
    with open_shop(tmp_path, [KEY]) as locked:
        browser, host = reader.browser, locked.url.removeprefix("http://")
        browser.get(f"http://anybody:{KEY}@{host}/people/{USER}/logs")
        reader.wait(lambda reader: reader.one("[data-live]").text == "Live")
        browser.get(f"{locked.url}/people/{USER}/outfits/{SHOWN}")
        assert reader.pictures_are_there()
        assert reader.hosts() >= {host}
        reader.asked.clear()
