"""For every test."""

from __future__ import annotations

import os
import signal

# A suite that a shell started in the background inherits an ignored SIGINT, and so would every child that a test
# stops with it: they would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Failed runs of a test are nobody's alarm.
os.environ.pop("FASHION_ALERT_WEBHOOK", None)
