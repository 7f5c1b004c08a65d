"""A web server with photos, on the loopback."""

from __future__ import annotations

import io

from PIL import Image

from tests.peers.faulty import Asked, Peer, Reply


def picture(size: tuple[int, int] = (80, 100), kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


class Site(Peer):
    """Serves what `pages` says."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: dict[str, Reply] = {"/photo.png": Reply(200, picture(), {"Content-Type": "image/png"})}

    def answer(self, asked: Asked) -> Reply:
        return self.pages.get(asked.path, Reply(404, b"no such page"))

    def refusal(self, status: int) -> Reply:
        return Reply(status, b"busy")

    def redirect(self, path: str, to: str, status: int = 302) -> None:
        self.pages[path] = Reply(status, b"", {"Location": to})

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"
