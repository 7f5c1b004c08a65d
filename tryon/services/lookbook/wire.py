"""The lookbook's JSON, as it travels. Names and types are a contract; tryon.core.lookbook says what each means."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

STATES = Literal["published", "refused", "stale", "missing"]
OUTFIT = "tee-sun.tops+jeans-1.bottoms"
ADDRESS = f"/users/ann/outfits/{OUTFIT}"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
AT = "2026-11-21T12:00:00.000000Z"


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Health(Wire):
    status: Literal["healthy"] = "healthy"


class Person(Wire):
    id: str = Field(examples=["ann"])
    consent_version: str = Field(examples=["2026-01"])
    consent_at: str = Field(examples=["2026-11-01T09:00:00Z"])
    shown: str = Field(description="release that is shown", examples=["b21250b519bb6a8a"])
    rollout: bool = Field(description="another release is being made")


class People(Wire):
    people: list[Person]
    outfits: int = Field(description="outfits of the matrix for each person", examples=[9])
    next: str = Field(description="`after` of the next page; empty at the end", examples=[""])


class Image(Wire):
    url: str = Field(examples=[f"{ADDRESS}/image"])
    sha256: str = Field(description="of the file; its ETag too", examples=[DIGEST])
    bytes: int = Field(examples=[61234])
    media_type: str = Field(examples=["image/webp"])
    published_at: str = Field(examples=[AT])


class Card(Wire):
    outfit: str = Field(examples=[OUTFIT])
    garments: list[str] = Field(examples=[OUTFIT.split("+")])
    state: STATES = Field(examples=["published"])
    code: str = Field(description="of a refusal", examples=[""])
    reason: str = Field(description="of a refusal", examples=[""])
    url: str = Field(examples=[ADDRESS])
    image: Image | None
    engines: list[str] = Field(examples=[["warp"]])
    has_splat: bool


class Outfits(Wire):
    user: str = Field(examples=["ann"])
    outfits: list[Card]
    total: int = Field(description="outfits of the matrix, whatever the filter", examples=[9])
    next: str = Field(description="`after` of the next page; empty at the end", examples=["7-2-3-0"])


class Engine(Wire):
    id: str = Field(examples=["warp"])
    revision: str = Field(examples=["1"])
    licence: str | None = Field(examples=["Apache-2.0"])


class Upload(Wire):
    kind: Literal["user", "item"] = Field(examples=["user"])
    id: str = Field(examples=["ann"])
    sha256: str = Field(examples=[DIGEST])


class Step(Wire):
    stage: str = Field(examples=["crop"])
    name: str = Field(examples=["tee-sun.tops"])
    key: str = Field(examples=[DIGEST])
    generation: int = Field(examples=[1])
    state: STATES = Field(examples=["published"])
    reason: str = Field(examples=[""])
    sha256: str = Field(examples=[DIGEST])
    media_type: str = Field(examples=["image/png"])
    published_at: str = Field(examples=[AT])
    run_id: str = Field(examples=["5b1ff2f4-2d0e-4a38-9d2c-0c5a2b6d5a10"])
    engines: list[str] = Field(examples=[["declared", "packshot"]])
    url: str | None = Field(description="of a crop's picture", examples=[f"{ADDRESS}/crops/tee-sun.tops"])


class Run(Wire):
    id: str = Field(examples=["5b1ff2f4-2d0e-4a38-9d2c-0c5a2b6d5a10"])
    url: str | None = Field(description="in Dagster's UI")


class Provenance(Wire):
    digital_source: str = Field(
        description="IPTC DigitalSourceType: the AI mark that the file carries",
        examples=["http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic"],
    )
    creator_tool: str = Field(examples=["fashion-assets"])
    engines: list[Engine]
    commercial_use: bool | None = Field(description="null: not known, so not allowed")
    parameters: dict[str, Any] = Field(examples=[{"width": 768, "height": 1024}])
    seed: int = Field(examples=[42])
    uploads: list[Upload]
    lineage: list[Step]
    run: Run
    seconds: float = Field(description="engine time", examples=[0.31])
    cost_usd: float = Field(examples=[0.0])


class Splat(Wire):
    state: STATES = Field(examples=["published"])
    code: str = Field(examples=[""])
    reason: str = Field(examples=[""])
    url: str | None = Field(description="of the file", examples=[f"{ADDRESS}/splat"])
    sha256: str = Field(examples=[DIGEST])
    bytes: int = Field(examples=[4596234])
    gaussians: int = Field(examples=[82072])
    facts: dict[str, Any] = Field(examples=[{"f_px": 921.6, "f_px_source": "default"}])


class Outfit(Wire):
    user: str = Field(examples=["ann"])
    outfit: str = Field(examples=[OUTFIT])
    garments: list[str] = Field(examples=[OUTFIT.split("+")])
    image: Image
    person: str = Field(description="URL of the person's own photo", examples=["/users/ann/person"])
    recipe: dict[str, Any] = Field(description="all that decides the result", examples=[{"seed": 42}])
    key: str = Field(description="sha256 of the recipe", examples=[DIGEST])
    generation: int = Field(examples=[1])
    provenance: Provenance
    splat: Splat | None


class Cell(Wire):
    outfit: str = Field(examples=[OUTFIT])
    state: STATES = Field(examples=["missing"])
    code: str = Field(examples=["not_made"])
    reason: str = Field(examples=["it has not been generated yet"])


class Counts(Wire):
    wanted: int = Field(examples=[9])
    published: int = Field(examples=[8])
    refused: int = Field(examples=[0])
    stale: int = Field(examples=[0])
    missing: int = Field(examples=[1])


class Coverage(Wire):
    user: str = Field(examples=["ann"])
    tops: list[str] = Field(examples=[["tee-sun.tops"]])
    bottoms: list[str] = Field(examples=[["jeans-1.bottoms"]])
    pairs: list[list[Cell]] = Field(description="a row for each top, in the order of bottoms")
    tops_alone: list[Cell]
    bottoms_alone: list[Cell] = Field(description="on the first page")
    dresses: list[Cell] = Field(description="on the first page")
    counts: Counts = Field(description="of this page")
    next: str = Field(description="`after` of the next page; empty at the end", examples=[""])


class Event(Wire):
    position: int = Field(examples=[97])
    timestamp: str = Field(examples=[AT])
    level: str = Field(examples=["info"])
    user_id: str | None = Field(examples=["ann"])
    item_id: str | None = Field(examples=["jeans-1"])
    component: str = Field(examples=["stage.tryon"])
    step: str = Field(examples=[OUTFIT])
    event: Literal["started", "finished", "refused", "failed"] = Field(examples=["finished"])
    run_id: str = Field(examples=["5b1ff2f4-2d0e-4a38-9d2c-0c5a2b6d5a10"])
    recipe: str | None = Field(examples=[DIGEST])
    duration_ms: float | None = Field(examples=[312.5])
    message: str = Field(examples=[f"{OUTFIT} is made"])
    data: dict[str, Any] = Field(examples=[{"bytes": 61234}])


class Logs(Wire):
    user: str = Field(examples=["ann"])
    events: list[Event] = Field(description="oldest first")
    next: int = Field(description="`after` of the next page, also of a later one", examples=[97])


class Working(Wire):
    holder: str = Field(examples=["worker:4711"])
    products: int = Field(examples=[16])
    alive: bool


class Stage(Wire):
    stage: str = Field(examples=["tryon"])
    passes: int = Field(description="engine passes so far", examples=[1200])
    seconds: float = Field(examples=[372.0])
    cost_usd: float = Field(examples=[0.0])
    left: int = Field(description="engine passes still to run", examples=[300])
    seconds_left: float = Field(examples=[93.0])
    usd_left: float = Field(examples=[0.0])
    ordered: int = Field(description="orders at workers on other machines", examples=[0])


class Progress(Wire):
    running: bool
    working: list[Working]
    stages: list[Stage]
    outfits: int = Field(examples=[1500])
    published: int = Field(examples=[1190])
    refused: int = Field(examples=[10])
    held: int = Field(description="not planned: not confirmed, or failed too often", examples=[0])
    planned_at: str = Field(description="when the rest was worked out", examples=[AT])
    seconds_left: float = Field(examples=[93.0])
    cost_usd: float = Field(description="so far", examples=[0.0])
    usd_left: float = Field(examples=[0.0])
    events: list[Event] = Field(description="the last ones, newest first")
