"""Templates to answers."""

from __future__ import annotations

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from tryon.services.lookbook.pages.policy import POLICY
from tryon.services.lookbook.pages.static import Assets
from tryon.services.lookbook.pages.words import FILTERS


class Renderer:
    """Everything that goes into a page is escaped, and a name that a template misspells is an error."""

    def __init__(self, assets: Assets) -> None:
        loader = PackageLoader("tryon.services.lookbook.pages")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.filters |= FILTERS
        self._templates.globals |= {"static": assets.url, "here": ""}

    def page(
        self, name: str, context: dict[str, object], status: int = 200, policy: str = POLICY
    ) -> HTMLResponse:
        text = self._templates.get_template(f"{name}.html").render(context)
        return HTMLResponse(text, status, headers={"Content-Security-Policy": policy})
