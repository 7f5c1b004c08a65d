-- Digests of uploaded photos, so that they are hashed once and not at every look. A row goes with its photo.
CREATE TABLE photo_digests (
    -- Relative to the uploads folder, with forward slashes.
    path TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL,
    -- Text: the number may need all 64 bits, which is one more than SQLite's integers have.
    inode TEXT NOT NULL,
    sha256 TEXT NOT NULL
) STRICT, WITHOUT ROWID;
