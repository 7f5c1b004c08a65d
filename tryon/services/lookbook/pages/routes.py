"""Every page of the lookbook. Thin: read the address, ask the core, fill a template.

GET /                                   choose a person
GET /people/{user}                      their outfits; ?garment= &engine= &since= &until= &after=
GET /people/{user}/outfits/{outfit}     one outfit; .../small.webp?width= its picture, smaller
GET /people/{user}/matrix               tops x bottoms
GET /people/{user}/logs                 their log as it grows
GET /people/{user}/photo.webp           their photo, at the size of the try-ons
GET /people/{user}/garments/{garment}.webp   a garment's crop, smaller
GET /running                            what pregeneration does now
GET /static/{version}/{name}            styles, scripts, the 3D view
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from tryon.core.errors import FashionError
from tryon.core.lookbook import Filter, Forecast
from tryon.core.pipeline import Pipeline
from tryon.services.lookbook.pages.failures import failure_page
from tryon.services.lookbook.pages.logs import logs_page
from tryon.services.lookbook.pages.matrix import matrix_page
from tryon.services.lookbook.pages.outfit import outfit_page
from tryon.services.lookbook.pages.outfits import outfits_page
from tryon.services.lookbook.pages.people import people_page
from tryon.services.lookbook.pages.pictures import Pictures
from tryon.services.lookbook.pages.policy import POLICY, POLICY_3D
from tryon.services.lookbook.pages.render import Renderer
from tryon.services.lookbook.pages.running import running_page
from tryon.services.lookbook.pages.static import Assets

Context = dict[str, object]


def add_pages(
    app: FastAPI, pipeline: Pipeline, forecast: Forecast | None = None, dagster_url: str = ""
) -> None:
    """forecast: the one that the API answers from, so that the rest is worked out once for both.
    dagster_url: where Dagster shows runs, without a slash at its end; empty: runs are no links."""
    app.include_router(_pages(pipeline, forecast or Forecast(pipeline), dagster_url))
    app.include_router(_files(pipeline))


def _pages(pipeline: Pipeline, forecast: Forecast, dagster_url: str) -> APIRouter:
    pages, renderer = (
        APIRouter(include_in_schema=False, default_response_class=HTMLResponse),
        Renderer(ASSETS),
    )

    def answer(name: str, make: Callable[[], tuple[Context, int]], policy: str = POLICY) -> Response:
        """An error is a page too: who reads it is a person."""
        try:
            context, status = make()
        except FashionError as error:
            context, status = failure_page(error)
            name, policy = "error", POLICY
        return renderer.page(name, context, status, policy)

    @pages.get("/")
    def people(after: str = "") -> Response:
        return answer("people", lambda: (people_page(pipeline, after), 200))

    @pages.get("/people/{user}")
    def person(
        user: str, garment: str = "", engine: str = "", since: str = "", until: str = "", after: str = ""
    ) -> Response:
        only = Filter(garment.strip(), engine, since, until)
        return answer("outfits", lambda: outfits_page(pipeline, user, only, after))

    @pages.get("/people/{user}/outfits/{outfit}")
    def outfit(user: str, outfit: str) -> Response:
        return answer("outfit", lambda: outfit_page(pipeline, user, outfit, dagster_url), POLICY_3D)

    @pages.get("/people/{user}/matrix")
    def matrix(user: str, after: str = "") -> Response:
        return answer("matrix", lambda: (matrix_page(pipeline, user, after), 200))

    @pages.get("/people/{user}/logs")
    def logs(user: str) -> Response:
        return answer("logs", lambda: (logs_page(pipeline, user), 200))

    @pages.get("/running")
    def running() -> Response:
        return answer("running", lambda: (running_page(pipeline, forecast), 200))

    return pages


def _files(pipeline: Pipeline) -> APIRouter:
    """What pages show. An error here is the service's usual one: nobody reads it but a script."""
    files, pictures = APIRouter(include_in_schema=False), Pictures(pipeline)

    @files.get("/people/{user}/garments/{garment}.webp")
    def crop(request: Request, user: str, garment: str) -> Response:
        return pictures.crop(request, user, garment)

    @files.get("/people/{user}/photo.webp")
    def photo(request: Request, user: str) -> Response:
        return pictures.photo(request, user)

    @files.get("/people/{user}/outfits/{outfit}/small.webp")
    def small(request: Request, user: str, outfit: str, width: Literal["240", "480"] = "240") -> Response:
        return pictures.small(request, user, outfit, int(width))

    @files.get("/static/{version}/{name:path}")
    def static(request: Request, version: str, name: str) -> Response:
        found = ASSETS.answer(version, name, request.headers.get("accept-encoding", ""))
        return found or Response(status_code=404)

    return files


ASSETS = Assets()
