"""One SQLite file for the local profiles: records, leases and the event log (WAL, migrations)."""
