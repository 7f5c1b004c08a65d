"""Why a question brought nothing. None of it is the photo's fault for certain, so none is a verdict.

AnswerUnusable
├── Wasted          paid for, and of no use
│   ├── Truncated   cut off before its end
│   └── Malformed   empty, or not as its schema wants it
├── Busy            may be asked again
│   ├── TooLate     no answer in the time that it has
│   └── NotReached  no connection, or one that broke
└── Stopped         not asked at all
"""

from __future__ import annotations

from tryon.core.errors import AnswerUnusable


class Wasted(AnswerUnusable):
    pass


class Truncated(Wasted):
    pass


class Malformed(Wasted):
    pass


class Busy(AnswerUnusable):
    """after: seconds for which the service wants to be left alone; None: it did not say."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class TooLate(Busy):
    pass


class NotReached(Busy):
    pass


class Stopped(AnswerUnusable):
    """The answer about another photo said that asking is in vain."""
