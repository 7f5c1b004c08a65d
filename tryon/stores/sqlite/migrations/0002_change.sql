-- Releases: confirmed by a person, the latest last. A user has one that is shown and one that is made.
CREATE TABLE releases (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    facts TEXT NOT NULL
) STRICT;
ALTER TABLE uploads ADD COLUMN shown TEXT NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN target TEXT NOT NULL DEFAULT '';
ALTER TABLE uploads ADD COLUMN switched_at TEXT NOT NULL DEFAULT '';

-- Engine work that was spent in vain; published products leave it.
CREATE TABLE attempts (
    key TEXT NOT NULL,
    generation INTEGER NOT NULL,
    stage TEXT NOT NULL,
    name TEXT NOT NULL,
    user TEXT,
    item TEXT,
    reason TEXT NOT NULL,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL,
    failures INTEGER NOT NULL,
    PRIMARY KEY (key, generation)
) STRICT, WITHOUT ROWID;

-- What engine batches cost: expected before they start, corrected when they end.
CREATE TABLE bookings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    day TEXT NOT NULL,
    usd REAL NOT NULL
) STRICT;
CREATE INDEX bookings_of_run ON bookings (run_id, usd);
CREATE INDEX bookings_of_day ON bookings (day, usd);
