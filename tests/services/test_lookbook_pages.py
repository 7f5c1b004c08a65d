"""The lookbook's pages as HTML: status, policy, escaping, what a browser may keep. tests/browser looks at them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from io import BytesIO

import httpx
import pytest
from PIL import Image

from tests.browser.shop import MISSING, NOBODY_DRESSED, REASON, REFUSED, SHOWN, USER, small_shop
from tests.core.workshop import Workshop
from tests.services.serving import served
from tryon.core.coverage import Counts
from tryon.core.provenance import read_mark
from tryon.services.front import Front, behind, envelope
from tryon.services.lookbook import create_app
from tryon.services.lookbook.pages import words

PERSON = f"/people/{USER}"
OUTFIT = f"{PERSON}/outfits/{SHOWN}"
RUN = "6f4dcc17-8b8b-45eb-94fa-1c3531079341"
PAGES = ["/", PERSON, OUTFIT, f"{PERSON}/matrix", f"{PERSON}/logs", "/running", "/people/nobody"]


@pytest.fixture(scope="module")
def shop() -> Workshop:
    return small_shop()


@pytest.fixture(scope="module")
def lookbook(shop: Workshop) -> Iterator[httpx.Client]:
    app = create_app(shop.open(), "http://127.0.0.1:3000")
    with (
        served(behind(Front("lookbook", envelope, tell=lambda line: None), app)) as url,
        httpx.Client(base_url=url) as client,
    ):
        yield client


def policy(answer: httpx.Response) -> dict[str, str]:
    """What may be loaded, by directive."""
    parts = answer.headers["content-security-policy"].split("; ")
    return {name: rest for name, _, rest in (part.partition(" ") for part in parts)}


# What each page answers


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/", 200, "7 of 9 outfits, 1 refused, 1 not generated"),
        (PERSON, 200, "9 outfits"),
        (f"{PERSON}?garment=b0000", 200, "3 here, of 9 outfits in all"),
        (f"{PERSON}?since=yesterday", 400, "is not a day"),
        (f"{PERSON}?after=nonsense", 400, "role=\"alert\""),
        ("/people/nobody", 404, "unknown_upload"),
        ("/people/NOBODY!", 400, "invalid_id"),
        (OUTFIT, 200, "Generated, not photographed."),
        (f"{PERSON}/outfits/{MISSING}", 404, "pregeneration_required"),
        (f"{PERSON}/outfits/{REFUSED}", 409, "garment_lost"),
        (f"{PERSON}/outfits/hat.tops", 404, "unknown_outfit"),
        (f"/people/{NOBODY_DRESSED}/matrix", 200, "0 of 9 outfits, 9 not generated"),
        (f"{PERSON}/matrix?after=nothing.tops", 400, "is no page"),
        (f"/people/{NOBODY_DRESSED}/logs", 200, "Steps, newest first"),
        ("/running", 200, "Nothing is running, and 18 engine passes are still to run."),
    ],
)  # fmt: skip
def test_a_page(lookbook: httpx.Client, path: str, status: int, said: str) -> None:
    answer = lookbook.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert said in answer.text


def test_what_others_wrote_is_text(lookbook: httpx.Client) -> None:
    assert "<the garment>" in REASON
    for path in (PERSON, f"{PERSON}/matrix", f"{PERSON}/outfits/{REFUSED}"):
        text = lookbook.get(path).text
        assert "<the garment>" not in text
        assert "&lt;the garment&gt;" in text
    asked = lookbook.get(PERSON, params={"garment": '"><script>x</script>', "engine": "'><b>"}).text
    assert "<script>x" not in asked
    assert "<b>" not in asked


@pytest.mark.parametrize("outfit", [MISSING, REFUSED])
def test_no_picture_stands_for_an_outfit_that_is_not_there(lookbook: httpx.Client, outfit: str) -> None:
    text = lookbook.get(f"{PERSON}/outfits/{outfit}").text
    assert re.findall(r"<(?:img|svg|canvas|picture|video|object)\b", text) == []
    cell = re.search(rf'<a class="cell [^"]+" href="{re.escape(f"{PERSON}/outfits/{outfit}")}">(.*?)</a>',
                     lookbook.get(f"{PERSON}/matrix").text, re.S)  # fmt: skip
    assert cell is not None
    assert "<img" not in cell[1]


def test_a_run_of_dagster_is_a_link_and_any_other_is_not(shop: Workshop, lookbook: httpx.Client) -> None:
    assert "/runs/" not in lookbook.get(OUTFIT).text
    again = small_shop(RUN)
    with served(create_app(again.open(), "http://127.0.0.1:3000")) as url:
        assert f'href="http://127.0.0.1:3000/runs/{RUN}"' in httpx.get(url + OUTFIT).text


# What a page may load, and what a browser may keep


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_from_this_service_alone_and_has_nothing_inline(
    lookbook: httpx.Client, path: str
) -> None:
    answer = lookbook.get(path)
    allowed = policy(answer)
    assert allowed.pop("script-src") == ("'self' 'wasm-unsafe-eval'" if path == OUTFIT else "'self'")
    assert allowed.pop("worker-src", None) == ("'self'" if path == OUTFIT else None)
    nothing, own = ("default-src", "base-uri", "frame-ancestors"), ("style-src", "img-src", "connect-src")
    assert allowed == {**dict.fromkeys(nothing, "'none'"), **dict.fromkeys((*own, "form-action"), "'self'")}
    assert (
        re.findall(r"<style|<script(?! type=\"module\" src=\"/static/)|\son[a-z]+=|\sstyle=", answer.text)
        == []
    )
    loaded = re.findall(r'(?:src|srcset|action)="([^"]*)"|<link[^>]*href="([^"]*)"', answer.text)
    assert all((one or other).startswith("/") for one, other in loaded)
    assert answer.headers["cache-control"] == "no-store, private"


def test_styles_and_scripts_are_kept_for_good_and_sent_small(lookbook: httpx.Client) -> None:
    urls = set(re.findall(r'"(/static/[^"]+)"', lookbook.get(OUTFIT).text))
    assert {url.rpartition("/")[2] for url in urls} == {"icon.svg", "lookbook.css", "outfit.js", "viewer.js"}
    for url in urls:
        packed, plain = lookbook.get(url), lookbook.get(url, headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.content == plain.content
        assert "immutable" in packed.headers["cache-control"]
    (folder,) = {url.split("/")[2] for url in urls}
    wasm = lookbook.get(f"/static/{folder}/viewer/spark.wasm")
    assert wasm.headers["content-type"] == "application/wasm"
    for other in (
        f"/static/{folder}/nothing.js",
        "/static/old/lookbook.css",
        f"/static/{folder}/%2e%2e/routes.py",
    ):
        assert lookbook.get(other).status_code == 404


def test_the_3d_view_costs_less_than_800_kb() -> None:
    """What travels when somebody clicks, apart from the splat."""
    from tryon.services.lookbook.pages.routes import ASSETS

    names = ("viewer.js", "spark-worker.js", "spark.wasm")
    sent = sum(len(gzip.compress(ASSETS.data(f"viewer/{name}"), 9)) for name in names)
    assert sent < 800_000


# Small pictures


def test_a_small_picture_is_small_marked_and_not_sent_again(lookbook: httpx.Client) -> None:
    for width in (240, 480):
        answer = lookbook.get(f"{OUTFIT}/small.webp", params={"width": width})
        with Image.open(BytesIO(answer.content)) as image:
            assert image.format == "WEBP"
            assert image.width <= width
        assert read_mark(answer.content) == read_mark(
            lookbook.get(f"/users/{USER}/outfits/{SHOWN}/image").content
        )
        assert read_mark(answer.content) is not None
        again = lookbook.get(
            f"{OUTFIT}/small.webp?width={width}", headers={"If-None-Match": answer.headers["etag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
    assert lookbook.get(f"{OUTFIT}/small.webp?width=241").status_code == 400


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{PERSON}/outfits/{MISSING}/small.webp", 404, "pregeneration_required"),
        (f"{PERSON}/outfits/{REFUSED}/small.webp", 409, "refused"),
        ("/people/nobody/photo.webp", 404, "unknown_upload"),
        (f"{PERSON}/garments/hat.tops.webp", 404, "unknown_outfit"),
    ],
)
def test_a_picture_that_is_not_there_is_an_error(
    lookbook: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = lookbook.get(path)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_the_photo_lies_over_the_picture_pixel_for_pixel(lookbook: httpx.Client) -> None:
    photo, picture = (
        Image.open(BytesIO(lookbook.get(path).content))
        for path in (f"{PERSON}/photo.webp", f"/users/{USER}/outfits/{SHOWN}/image")
    )
    assert photo.size == picture.size
    assert lookbook.get(f"{PERSON}/garments/t0000.tops.webp").headers["content-type"] == "image/webp"


# Paging and wording


def test_a_long_list_is_paged(lookbook: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tryon.services.lookbook.pages.outfits.A_PAGE", 4)
    path, seen = PERSON, []
    while path:
        text = lookbook.get(path).text
        seen += re.findall(r'<li class="card">\s*<a href="[^"]*/outfits/([^"]+)"', text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 9


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.size(999), "999 B"),
        (words.size(4_477_922), "4.5 MB"),
        (words.seconds(0.004), "0 s"),
        (words.seconds(0.8), "0.80 s"),
        (words.seconds(91), "1 min 31 s"),
        (words.seconds(7265), "2 h 1 min"),
        (words.money(0.0021), "$0.0021"),
        (words.money(1234.5), "$1,234.50"),
        (words.day("2026-11-21T22:06:09.144732Z"), "21 November 2026"),
        (words.sentence("it was lost"), "It was lost."),
        (words.counted(Counts(9, 7, 1, 0, 1)), "7 of 9 outfits, 1 refused, 1 not generated"),
        (words.with_code("run `a<b`, <i>"), "run <code>a&lt;b</code>, &lt;i&gt;"),
        (words.with_code("one ` alone <i>"), "one ` alone &lt;i&gt;"),
    ],
)
def test_values_as_people_read_them(said: str, expected: str) -> None:
    assert said == expected


def test_the_bar_of_a_card_adds_up() -> None:
    parts = list(words.segments(Counts(8, 5, 1, 0, 2)))
    assert parts == [("published", 0.0, 62.5), ("refused", 62.5, 12.5), ("missing", 75.0, 25.0)]
    assert list(words.segments(Counts())) == []
