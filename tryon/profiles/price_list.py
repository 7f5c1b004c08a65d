"""The price list: what is paid for, how much, since when that is known and from where."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tryon.core.errors import InvalidSetting
from tryon.core.recipes import Stage

OLD = timedelta(days=365)
"""Of a price: after this time it is told to be looked up again."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Price(Part):
    """as_of: the day when it was read. source: where."""

    usd: float = Field(ge=0)
    unit: str
    as_of: date
    source: str = Field(min_length=1)


class PerHour(Price):
    unit: Literal["hour"]


class PerCoreSecond(Price):
    unit: Literal["core-second"]


class PerGibSecond(Price):
    unit: Literal["GiB-second"]


class PerMillionTokens(Price):
    unit: Literal["million tokens"]


class PerGbMonth(Price):
    unit: Literal["GB-month"]


class PerGb(Price):
    unit: Literal["GB"]


class Machine(Part):
    gpu: str | None = None
    cores: float = Field(ge=0)
    memory_gib: float = Field(ge=0)


class Machines(Part):
    crop: Machine
    mask: Machine
    tryon: Machine
    splat: Machine


class Analysis(Part):
    """expected tokens: of one look at a photo, where the service does not tell."""

    expected_input_tokens: int = Field(ge=0)
    expected_output_tokens: int = Field(ge=0)
    input: PerMillionTokens
    output: PerMillionTokens


class Store(Part):
    storage: PerGbMonth | None = None
    egress: PerGb | None = None


class Stores(Part):
    """Without a price what lies there is counted, but not priced."""

    images: Store = Store()
    masks: Store = Store()
    records: Store = Store()


class PriceList(Part):
    stages: Machines
    gpus: dict[str, PerHour]
    core: PerCoreSecond
    memory: PerGibSecond
    analysis: Analysis
    stores: Stores = Stores()

    @model_validator(mode="after")
    def _gpus_have_a_price(self) -> PriceList:
        for stage in Stage:
            gpu = self.machine(stage).gpu
            if gpu is not None and gpu not in self.gpus:
                raise ValueError(f"stages.{stage}.gpu is {gpu!r}, which has no price in [gpus.{gpu}]")
        return self

    def machine(self, stage: Stage) -> Machine:
        found: Machine = getattr(self.stages, stage)
        return found

    def per_second(self, stage: Stage) -> float:
        """US dollars a second of the machine that this stage runs on."""
        machine = self.machine(stage)
        gpu = self.gpus[machine.gpu].usd / 3600 if machine.gpu else 0.0
        return gpu + machine.cores * self.core.usd + machine.memory_gib * self.memory.usd

    def used(self) -> Iterator[tuple[str, Price]]:
        """The prices that a plan is made of, by what they are of."""
        for gpu in sorted({machine.gpu for stage in Stage if (machine := self.machine(stage)).gpu} - {None}):
            yield f"GPU {gpu}", self.gpus[str(gpu)]
        yield from (("CPU", self.core), ("memory", self.memory))
        yield from (("analysis, input", self.analysis.input), ("analysis, output", self.analysis.output))
        for name in Stores.model_fields:
            store: Store = getattr(self.stores, name)
            yield from ((f"{name}, {kind}", price) for kind, price in store if price is not None)

    def old(self, today: date) -> list[str]:
        """What the prices are of that were read more than a year ago."""
        return [name for name, price in self.used() if today - price.as_of > OLD]


def read_prices(path: Path) -> PriceList:
    """Raises InvalidSetting with the name of the wrong field."""
    try:
        return PriceList.model_validate(tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        reason = first["msg"].removeprefix("Value error, ")
        raise _wrong(path, f"{field}: {reason}" if field else reason) from None
    except (OSError, ValueError) as error:
        raise _wrong(path, str(error)) from None


def _wrong(path: Path, reason: str) -> InvalidSetting:
    return InvalidSetting(
        f"the price list {path} cannot be used: {reason}; tryon/profiles/prices.toml is an example"
    )
