"""For every test."""

from __future__ import annotations

import os
import signal

# A suite that a shell started in the background inherits an ignored SIGINT, and so would every child that a test
# stops with it: they would never end.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Failed runs of a test are nobody's alarm.
os.environ.pop("FASHION_ALERT_WEBHOOK", None)
# Nor do they belong into anybody's database.
os.environ.pop("DAGSTER_POSTGRES_URL", None)

# One thread a worker, and a process of a test, unless the code under test asks for more: the workers share the cores
# already, and threads that outnumber these wait for each other busily. Read when numpy or torch is imported.
os.environ["OMP_NUM_THREADS"] = "1"
