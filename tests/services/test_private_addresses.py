"""Through the doors of the services: no address that a caller names, however it is written, leads into our network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from tests.peers.connections import watched
from tests.peers.spellings import SPELLINGS
from tests.services.guests import Shop, shop

BODIES: Mapping[str, Callable[[str], tuple[str, dict[str, object]]]] = {
    "crop": lambda url: ("/crop", {"imageUrl": url, "categories": ["tops"]}),
    "masks": lambda url: ("/", {"user_image_url": url}),
    "batch": lambda url: ("/batch", {"user_image_urls": [url]}),
}
"""By door: the path and the body of a request that names an address."""


@dataclass(frozen=True)
class Doors:
    shop: Shop
    clients: Mapping[str, httpx.Client]

    def ask(self, door: str, url: str) -> httpx.Response:
        path, body = BODIES[door](url)
        return self.clients[door].post(path, json=body)

    def refused(self, door: str, url: str) -> bool:
        answer = self.ask(door, url)
        if door == "batch":
            (result,) = answer.json()["results"]
            return bool(answer.status_code == 200 and result["status"] == "error")
        return answer.status_code in (400, 502)

    @property
    def ports(self) -> tuple[int, ...]:
        return tuple(port for client in self.clients.values() if (port := client.base_url.port))


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    with ExitStack() as stack:
        here = stack.enter_context(shop())
        masks = stack.enter_context(here.open_masks())
        yield Doors(here, {"crop": stack.enter_context(here.open_crops()), "masks": masks, "batch": masks})


def outward(seen: list[tuple[str, int]], doors: Doors) -> list[tuple[str, int]]:
    """Without this test's own connections to the services."""
    return [(host, port) for host, port in seen if port not in doors.ports]


@pytest.mark.parametrize("url", SPELLINGS)
def test_no_spelling_of_a_private_address_is_connected_to(doors: Doors, url: str) -> None:
    with watched(*doors.ports) as spy:
        assert {door: doors.refused(door, url) for door in BODIES} == dict.fromkeys(BODIES, True)
    assert outward(spy.seen, doors) == []
    assert doors.shop.analyzer.asked == 0


@pytest.mark.parametrize("url", [url for url in SPELLINGS if "example.com" not in url])
def test_no_redirect_leads_to_a_private_address(doors: Doors, url: str) -> None:
    """Nor does the second one."""
    site = doors.shop.site
    site.redirect("/there", url)
    site.redirect("/start", "/there", 307)
    with watched(site.server_port, *doors.ports) as spy:
        refused = {door: doors.refused(door, f"{site.address}/start") for door in BODIES}
    assert refused == dict.fromkeys(BODIES, True)
    assert outward(spy.seen, doors) == [("127.0.0.1", site.server_port)] * 2 * len(BODIES)


def test_a_chain_that_ends_at_a_photo_is_followed_to_its_fifth_redirect(doors: Doors) -> None:
    """So the refusals above are not because redirects are."""
    site = doors.shop.site
    site.redirect("/1", "/photo.png")
    for number in range(2, 7):
        site.redirect(f"/{number}", f"/{number - 1}")
    assert doors.ask("masks", f"{site.address}/5").status_code == 200
    assert doors.ask("masks", f"{site.address}/6").json()["error"]["code"] == "url_redirects"
