"""What an alert says: one line for people, fields for programs, and nothing that must not leave."""

from __future__ import annotations

import json

from tryon.core.alerts import LONGEST, SHOWN, Alert, plain


def test_the_line_says_what_failed_why_and_where_to_look() -> None:
    alert = Alert(
        "r1", "pregenerate", "http://ui/", "2 partitions failed", {"b|u": "no GPU", "t|u": "no GPU"}
    )
    assert alert.text == ("pregenerate failed: 2 partitions failed. First: b|u: no GPU. http://ui/runs/r1")


def test_a_run_that_starts_again_by_itself_is_less_urgent() -> None:
    alert = Alert("r1", "crop_items", "http://ui", "the process was killed.", will_retry=True)
    assert alert.text == (
        "crop_items failed: the process was killed. Dagster starts it again by itself. http://ui/runs/r1"
    )


def test_the_fields() -> None:
    facts = Alert("r1", "mask_users", "http://ui", "1 partitions failed", {"u": "no GPU"}).facts()
    assert facts.pop("text")
    assert facts == {
        "run_id": "r1",
        "job": "mask_users",
        "run_url": "http://ui/runs/r1",
        "reason": "1 partitions failed",
        "failed": {"u": "no GPU"},
        "failed_total": 1,
        "will_retry": False,
    }


def test_a_message_stays_short_and_counts_what_it_leaves_out() -> None:
    facts = Alert("r1", "j", "http://ui", "x" * 9999, {f"u{n}": "y" * 9999 for n in range(500)}).facts()
    failed = facts["failed"]
    assert isinstance(failed, dict)
    assert (list(failed), facts["failed_total"]) == ([f"u{n}" for n in range(SHOWN)], 500)
    assert len(json.dumps(facts)) < (SHOWN + 4) * (LONGEST + 50)


def test_no_address_and_no_digest_leaves() -> None:
    """Errors of stores quote signed URLs of photos."""
    digest = "0123456789abcdef" * 4
    reason = f"403 for HTTPS://store/u1.png?token=abc,\n  blob users/u1/{digest}.webp (s3://bucket/u1)"
    assert plain(reason) == "403 for <address> blob users/u1/<sha256>.webp (<address>"
    alert = Alert("r1", "j", "http://ui", reason, {"u": reason})
    for secret in (digest, "store/u1", "bucket"):
        assert secret not in json.dumps(alert.facts())
