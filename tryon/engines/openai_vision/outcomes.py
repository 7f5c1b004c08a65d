"""What the service answered, as exactly one named outcome.

    an answer that is complete         Said
    the model will not look            Refused("analysis_refused")
    a filter stopped it                Refused("analysis_filtered")
    the picture cannot be read         Refused("image_unreadable")
    cut off                            Truncated
    empty, or not as its schema wants  Malformed (when it is read: answer.py)
    failed, or no response at all      AnswerUnusable
    busy, over a rate limit            Busy
    too late; not reached              TooLate; NotReached (client.py)
    to be left alone for long          ServicePaused (patience.py)
    no such key, or not allowed        AccessDenied
    wants to be paid first             QuotaExhausted
    does not take such requests        RequestRejected: a wrong model's name or address

The service's own words are not repeated, only its codes: about a wrong key it quotes parts of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import ValidationError

from tryon.core.errors import AccessDenied, AnswerUnusable, EngineError, QuotaExhausted, RequestRejected
from tryon.core.words import Refused
from tryon.engines.openai_vision.failures import Busy, Malformed, Truncated
from tryon.engines.openai_vision.reply import Problem, Reply, Usage

# Codes as the API reference and the SDK's ResponseError list them.
UNREADABLE = frozenset({
    "invalid_image", "invalid_image_format", "invalid_base64_image", "invalid_image_url", "image_too_large",
    "image_too_small", "image_parse_error", "invalid_image_mode", "image_file_too_large",
    "unsupported_image_media_type", "empty_image_file",
})  # fmt: skip
FILTERED = frozenset({
    "image_content_policy_violation", "content_policy_violation", "content_filter", "invalid_prompt", "bio_policy",
    "misalignment_policy_violation",
})  # fmt: skip
UNPAID = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
BUSY = frozenset({"server_error", "rate_limit_exceeded"})

WILL_NOT_LOOK = Refused(
    "analysis_refused", "the model refused to look at the photo; use another one of the product"
)
WAS_FILTERED = Refused(
    "analysis_filtered",
    "a content filter of the model's service stopped the photo; use another one of the product",
)
CANNOT_READ = Refused(
    "image_unreadable", "the model's service cannot read the photo; export it as JPEG again"
)


@dataclass(frozen=True, slots=True)
class Said:
    """text: what the model wrote, unread."""

    text: str
    usage: Usage


def read_reply(body: str) -> Said | Refused:
    """Of a request that was accepted (status 200). Raises one of the errors above."""
    try:
        reply = Reply.model_validate_json(body)
    except ValidationError:
        raise AnswerUnusable(
            "the model's service answered something that is no response; is the address right?"
        ) from None
    if reply.status == "failed":
        return of_problem(reply.error or Problem(), "the response failed")
    if reply.status == "incomplete":
        return _incomplete(reply)
    if reply.status != "completed":
        raise AnswerUnusable(f"the response is {_word(reply.status)!r} and not completed")
    if any(part.type == "refusal" for part in reply.parts):
        return WILL_NOT_LOOK
    text = "".join(part.text for part in reply.parts if part.type == "output_text")
    if not text:
        raise Malformed("the model's answer is empty")
    return Said(text, reply.usage or Usage())


def _incomplete(reply: Reply) -> Refused:
    reason = reply.incomplete_details.reason if reply.incomplete_details else "unknown"
    if reason == "content_filter":
        return WAS_FILTERED
    raise Truncated(f"the model's answer was cut off ({_word(reason)})")


def of_status(status: int, body: object, after: float | None, model: str) -> Refused:
    """Of a request that was not accepted. body: the JSON's `error`, if it has one. Raises one of the errors above."""
    problem = _problem(body)
    told = f"the model's service answered {status}{_codes(problem)}"
    if status == 401 or status == 403:
        raise AccessDenied(
            f"{told}: OPENAI_API_KEY is wrong, or may not use {model}; check both in its console"
        )
    if status == 402:
        raise _unpaid(told)
    if status in (408, 409, 429) or status >= 500:
        return of_problem(problem, told, Busy(told, after))
    known = problem.names & (UNREADABLE | FILTERED | UNPAID)
    if status in (400, 422) and known:
        return of_problem(problem, told)
    raise RequestRejected(
        f"{told}: it does not take requests for {model}; check FASHION_OPENAI_MODEL (a model that sees pictures and "
        "knows structured outputs) and OPENAI_BASE_URL"
    )


def of_problem(problem: Problem, told: str, otherwise: EngineError | None = None) -> Refused:
    if problem.names & UNPAID:
        raise _unpaid(told)
    if problem.names & FILTERED:
        return WAS_FILTERED
    if problem.names & UNREADABLE:
        return CANNOT_READ
    told = told if otherwise else f"{told}{_codes(problem)}"
    if problem.names & BUSY:
        raise otherwise or Busy(told)
    raise otherwise or AnswerUnusable(told)


def _unpaid(told: str) -> QuotaExhausted:
    return QuotaExhausted(
        f"{told}: the account's quota is used up; pay or raise its limit, then run it again"
    )


def _problem(body: object) -> Problem:
    try:
        return Problem.model_validate(body)
    except ValidationError:
        return Problem()


def _codes(problem: Problem) -> str:
    return f" ({', '.join(sorted(_word(name) for name in problem.names))})" if problem.names else ""


def _word(code: str) -> str:
    """Codes are words; anything else a service may send there is not repeated."""
    return code if re.fullmatch("[a-z0-9_]{1,64}", code) else "an unknown code"
