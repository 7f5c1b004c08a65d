-- What paid services said about photos, so that each is paid for once.
CREATE TABLE answers (
    key TEXT NOT NULL,
    -- The ordinal of the upload with that photo; 0 for a photo that is no upload.
    upload INTEGER NOT NULL,
    answer TEXT NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (key, upload)
) STRICT, WITHOUT ROWID;
CREATE INDEX answers_of_upload ON answers (upload);
