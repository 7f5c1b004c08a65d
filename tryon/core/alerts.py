"""What an alert about a failed run says. It leaves this system, so it carries ids and reasons only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

SHOWN = 20
"""Failed partitions that one alert names; chat services refuse long messages. `failed_total` has the count."""
LONGEST = 300
"""Characters of one reason."""

_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b", re.IGNORECASE)


def plain(reason: str) -> str:
    """One line without addresses and digests: errors of stores quote signed image URLs and hashes of photos.

    >>> plain("GET https://store/u1.png?token=x:\\n403")
    'GET <address> 403'
    """
    line = _DIGEST.sub("<sha256>", _ADDRESS.sub("<address>", " ".join(reason.split())))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."


@dataclass(frozen=True)
class Alert:
    """One failed run. failed: partition -> reason. will_retry: Dagster starts the run again by itself."""

    run_id: str
    job: str
    ui_url: str
    reason: str
    failed: Mapping[str, str] = field(default_factory=dict)
    will_retry: bool = False

    @property
    def run_url(self) -> str:
        return f"{self.ui_url.rstrip('/')}/runs/{self.run_id}"

    @property
    def text(self) -> str:
        """One line for people in a chat: what failed, why, where to look."""
        parts = [f"{self.job} failed: {plain(self.reason)}"]
        parts += [f"First: {key}: {plain(why)}" for key, why in islice(self.failed.items(), 1)]
        parts += ["Dagster starts it again by itself"] if self.will_retry else []
        return " ".join([*(f"{part.rstrip('.')}." for part in parts), self.run_url])

    def facts(self) -> dict[str, object]:
        """The JSON message. `text` is the field that chat services show; the others are for programs."""
        return {
            "text": self.text,
            "run_id": self.run_id,
            "job": self.job,
            "run_url": self.run_url,
            "reason": plain(self.reason),
            "failed": {key: plain(why) for key, why in islice(self.failed.items(), SHOWN)},
            "failed_total": len(self.failed),
            "will_retry": self.will_retry,
        }
