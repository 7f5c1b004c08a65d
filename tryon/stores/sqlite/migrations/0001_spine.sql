-- Uploads keep their ordinal for ever; a re-upload after an erasure is a new row with a new ordinal.
CREATE TABLE uploads (
    ordinal INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'item')),
    id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    sidecar TEXT NOT NULL,
    -- 1 while its source does not offer it: the photo or the consent was taken away.
    suspended INTEGER NOT NULL DEFAULT 0,
    buried_at TEXT
) STRICT;
CREATE UNIQUE INDEX one_living_upload ON uploads (kind, id) WHERE buried_at IS NULL;

CREATE TABLE products (
    key TEXT NOT NULL,
    generation INTEGER NOT NULL,
    stage TEXT NOT NULL,
    name TEXT NOT NULL,
    user TEXT,
    item TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('published', 'refused')),
    recipe TEXT NOT NULL,
    uploads TEXT NOT NULL,
    run_id TEXT NOT NULL,
    published_at TEXT NOT NULL,
    token TEXT NOT NULL,
    seconds REAL NOT NULL,
    cost_usd REAL NOT NULL,
    sha256 TEXT NOT NULL,
    suffix TEXT NOT NULL,
    size INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (key, generation)
) STRICT, WITHOUT ROWID;
CREATE INDEX products_of_user ON products (user, key, generation, verdict);

-- Sums of engine work, kept as it is published, so that a plan need not read a million rows.
CREATE TABLE history (
    stage TEXT PRIMARY KEY,
    passes INTEGER NOT NULL,
    seconds REAL NOT NULL,
    cost_usd REAL NOT NULL
) STRICT;

CREATE TABLE leases (
    key TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp TEXT NOT NULL,
    user_id TEXT,
    item_id TEXT,
    component TEXT NOT NULL,
    step TEXT NOT NULL,
    event TEXT NOT NULL,
    run_id TEXT NOT NULL,
    recipe TEXT,
    duration_ms REAL,
    message TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX events_of_user ON events (user_id, position);
