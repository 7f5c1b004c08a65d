"""The service's JSON, as far as it is read here. Fields that nobody reads may come and go."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Part(Lenient):
    """type: output_text (with text) or refusal."""

    type: str
    text: str = ""


class Output(Lenient):
    """type: message, or reasoning and others that have no content for us."""

    type: str
    content: tuple[Part, ...] | None = None


class Problem(Lenient):
    """Why there is no answer. A status such as 429 says less than its code."""

    code: str | None = None
    type: str | None = None
    message: str | None = None

    @property
    def names(self) -> set[str]:
        return {name for name in (self.code, self.type) if name}


class Incomplete(Lenient):
    reason: str = "unknown"


class Usage(Lenient):
    input_tokens: int = 0
    output_tokens: int = 0


class Reply(Lenient):
    """A response of the Responses API. status: completed, incomplete, failed, or one that is not final."""

    status: str
    output: tuple[Output, ...] = ()
    error: Problem | None = None
    incomplete_details: Incomplete | None = None
    usage: Usage | None = None

    @property
    def parts(self) -> list[Part]:
        return [part for output in self.output if output.type == "message" for part in output.content or ()]
