-- Passwords, links that show a walk, and where enrichment came from.

-- Apart from users: whatever reads a walker cannot read a hash by mistake.
CREATE TABLE credentials (
    user_id UUID PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash TEXT NOT NULL, -- argon2id with its parameters and salt
    updated_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX users_by_age ON users (created_at, id);

CREATE TABLE shares (
    token_hash TEXT COLLATE "C" PRIMARY KEY, -- SHA-256: the link itself is kept by whoever was given it
    route_id UUID NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX shares_of_a_route ON shares (route_id, created_at, token_hash);
CREATE INDEX shares_by_expiry ON shares (expires_at);

CREATE TABLE enrichment_provenance (
    id UUID PRIMARY KEY,
    created_at TIMESTAMPTZ NOT NULL,
    source TEXT NOT NULL,
    source_url TEXT NOT NULL,
    west DOUBLE PRECISION NOT NULL,
    south DOUBLE PRECISION NOT NULL,
    east DOUBLE PRECISION NOT NULL,
    north DOUBLE PRECISION NOT NULL,
    place_count INTEGER NOT NULL
);
CREATE INDEX enrichment_provenance_by_age ON enrichment_provenance (created_at, id);
