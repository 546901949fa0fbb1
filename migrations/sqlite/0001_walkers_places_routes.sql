-- Walkers, what there is to see, walks asked for and walks found.
-- Moments are whole microseconds since 1970 in UTC; ids of people, routes and requests are UUIDs as
-- text; whatever has a shape of its own but is never searched by it is JSON.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    username TEXT COLLATE NOCASE UNIQUE, -- NULL: an anonymous walker
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('walker', 'admin')),
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    session_epoch INTEGER NOT NULL,
    preferences TEXT NOT NULL CHECK (json_valid(preferences)),
    revision INTEGER NOT NULL
) STRICT;

CREATE TABLE interest_themes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    icon_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    is_offered INTEGER NOT NULL CHECK (is_offered IN (0, 1))
) STRICT;

CREATE TABLE user_interest_themes (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    theme_id TEXT NOT NULL REFERENCES interest_themes (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (user_id, theme_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE regions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    west REAL NOT NULL,
    south REAL NOT NULL,
    east REAL NOT NULL,
    north REAL NOT NULL,
    centre_longitude REAL NOT NULL,
    centre_latitude REAL NOT NULL,
    version TEXT NOT NULL, -- names the folder of its files: committing it is the swap
    data_timestamp INTEGER,
    place_count INTEGER NOT NULL,
    attribution TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- A place stays when the map loses it: walks refer to it. `is_present` says whether it is found.
CREATE TABLE pois (
    id INTEGER PRIMARY KEY, -- osm_id * 4 + 0 node, 1 way, 2 relation
    osm_type TEXT NOT NULL CHECK (osm_type IN ('node', 'way', 'relation')),
    osm_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    names TEXT NOT NULL CHECK (json_valid(names)),
    longitude REAL NOT NULL,
    latitude REAL NOT NULL,
    doors TEXT NOT NULL CHECK (json_valid(doors)),
    osm_tags TEXT NOT NULL CHECK (json_valid(osm_tags)),
    narrative TEXT,
    popularity_score REAL NOT NULL CHECK (popularity_score BETWEEN 0.0 AND 1.0),
    visit_seconds REAL NOT NULL,
    is_present INTEGER NOT NULL CHECK (is_present IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (osm_type, osm_id)
) STRICT;
CREATE INDEX pois_by_age ON pois (created_at, id) WHERE is_present = 1;

-- Regions may overlap: a place is present as long as one of them holds it.
CREATE TABLE region_pois (
    region_id TEXT NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    poi_id INTEGER NOT NULL REFERENCES pois (id),
    PRIMARY KEY (region_id, poi_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX region_pois_by_poi ON region_pois (poi_id);

CREATE TABLE poi_interest_themes (
    poi_id INTEGER NOT NULL REFERENCES pois (id) ON DELETE CASCADE,
    theme_id TEXT NOT NULL REFERENCES interest_themes (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (poi_id, theme_id)
) STRICT, WITHOUT ROWID;

-- 32-bit boxes, rounded outwards: a hit is checked against the exact coordinates.
CREATE VIRTUAL TABLE poi_boxes USING rtree (id, west, east, south, north);

CREATE TABLE routes (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL UNIQUE, -- a wish is answered once, however often its job runs
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    saved INTEGER NOT NULL CHECK (saved IN (0, 1)),
    region_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    generation_params TEXT NOT NULL CHECK (json_valid(generation_params)),
    summary TEXT NOT NULL CHECK (json_valid(summary)), -- what a list shows, without unpacking the walk
    walk TEXT NOT NULL CHECK (json_valid(walk))
) STRICT;
CREATE INDEX routes_of_a_walker ON routes (user_id, created_at, id);

CREATE TABLE route_pois (
    route_id TEXT NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    poi_id INTEGER NOT NULL REFERENCES pois (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (route_id, poi_id),
    UNIQUE (route_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX route_pois_by_poi ON route_pois (poi_id);

-- An unfinished row is also the promise of a job: whoever finds one without a job makes it.
CREATE TABLE route_requests (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    wish TEXT NOT NULL CHECK (json_valid(wish)),
    fingerprint TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'in_progress', 'complete', 'failed')),
    progress INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 100),
    route_id TEXT,
    error TEXT
) STRICT;
CREATE INDEX route_requests_unfinished ON route_requests (fingerprint, created_at)
    WHERE status IN ('pending', 'in_progress');
CREATE INDEX route_requests_of_a_walker ON route_requests (user_id, updated_at);

CREATE TABLE idempotency_keys (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    payload_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL CHECK (json_valid(headers)),
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
