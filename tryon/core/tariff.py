"""What engine time and paid questions cost, in US dollars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tryon.core.recipes import Stage


@dataclass(frozen=True, slots=True)
class Calls:
    """What was asked of a paid service. unmeasured: calls whose tokens the service did not tell."""

    input_tokens: int = 0
    output_tokens: int = 0
    unmeasured: int = 0

    def __add__(self, other: Calls) -> Calls:
        return Calls(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.unmeasured + other.unmeasured,
        )


@dataclass(frozen=True)
class Tariff:
    """per_second: of an engine second, by the machine that the stage runs on. input_token, output_token: of the
    service that looks at product photos. call: what one look is expected to cost; 0 where nobody is paid for it."""

    per_second: Mapping[Stage, float] = field(default_factory=dict)
    input_token: float = 0.0
    output_token: float = 0.0
    call: float = 0.0

    @property
    def free(self) -> bool:
        return not (any(self.per_second.values()) or self.call)

    def usd(self, stage: Stage, seconds: float) -> float:
        """Of engine time."""
        return seconds * self.per_second.get(stage, 0.0)

    def usd_of(self, calls: Calls) -> float:
        tokens = calls.input_tokens * self.input_token + calls.output_tokens * self.output_token
        return tokens + calls.unmeasured * self.call

    def expected(self, stage: Stage, seconds: float, passes: int = 1) -> float:
        """Of `passes` engine passes that take `seconds` together; each pass of crops looks at one photo."""
        return self.usd(stage, seconds) + (passes * self.call if stage is Stage.CROP else 0.0)


FREE = Tariff()


def flat(usd_per_second: float) -> Tariff:
    """One price for every engine second, as on a machine of one's own."""
    return Tariff(dict.fromkeys(Stage, usd_per_second))
