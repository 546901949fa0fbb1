-- Passwords, links that show a walk, and where enrichment came from.

-- Apart from users: whatever reads a walker cannot read a hash by mistake.
CREATE TABLE credentials (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL, -- argon2id with its parameters and salt
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX users_by_age ON users (created_at, id);

CREATE TABLE shares (
    token_hash TEXT PRIMARY KEY, -- SHA-256: the link itself is kept by whoever was given it
    route_id TEXT NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_of_a_route ON shares (route_id, created_at, token_hash);
CREATE INDEX shares_by_expiry ON shares (expires_at);

CREATE TABLE enrichment_provenance (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_url TEXT NOT NULL,
    west REAL NOT NULL,
    south REAL NOT NULL,
    east REAL NOT NULL,
    north REAL NOT NULL,
    place_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX enrichment_provenance_by_age ON enrichment_provenance (created_at, id);
