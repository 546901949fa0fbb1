-- Walkers, what there is to see, walks asked for and walks found.
-- Whatever has a shape of its own but is never searched by it is JSON, kept word for word; what may
-- be searched is JSONB. Texts that order or fold are compared by code point ("C"), as in SQLite.

CREATE EXTENSION IF NOT EXISTS postgis;

CREATE TABLE users (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    username TEXT, -- NULL: an anonymous walker
    display_name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('walker', 'admin')),
    disabled BOOLEAN NOT NULL,
    session_epoch INTEGER NOT NULL,
    preferences JSON NOT NULL,
    revision INTEGER NOT NULL
);
CREATE UNIQUE INDEX users_by_username ON users (lower(username COLLATE "C"));

CREATE TABLE interest_themes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    icon_key TEXT NOT NULL,
    position INTEGER NOT NULL,
    is_offered BOOLEAN NOT NULL
);
-- A theme that is offered no longer leaves its name to others.
CREATE UNIQUE INDEX interest_themes_by_name ON interest_themes (name) WHERE is_offered;

CREATE TABLE user_interest_themes (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    theme_id UUID NOT NULL REFERENCES interest_themes (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (user_id, theme_id)
);
CREATE INDEX user_interest_themes_by_theme ON user_interest_themes (theme_id);

CREATE TABLE regions (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT NOT NULL,
    west DOUBLE PRECISION NOT NULL,
    south DOUBLE PRECISION NOT NULL,
    east DOUBLE PRECISION NOT NULL,
    north DOUBLE PRECISION NOT NULL,
    centre_longitude DOUBLE PRECISION NOT NULL,
    centre_latitude DOUBLE PRECISION NOT NULL,
    version TEXT NOT NULL, -- names the folder of its files: committing it is the swap
    data_timestamp TIMESTAMPTZ,
    place_count INTEGER NOT NULL,
    attribution TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL
);

-- A place stays when the map loses it: walks refer to it. `is_present` says whether it is found.
CREATE TABLE pois (
    id BIGINT PRIMARY KEY, -- osm_id * 4 + 0 node, 1 way, 2 relation
    osm_type TEXT NOT NULL CHECK (osm_type IN ('node', 'way', 'relation')),
    osm_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    names JSON NOT NULL,
    location GEOGRAPHY(POINT, 4326) NOT NULL,
    -- Read with every place and compared with every box; unpacking `location` each time costs more.
    longitude DOUBLE PRECISION NOT NULL GENERATED ALWAYS AS (ST_X(location::geometry)) STORED,
    latitude DOUBLE PRECISION NOT NULL GENERATED ALWAYS AS (ST_Y(location::geometry)) STORED,
    doors JSON NOT NULL,
    osm_tags JSONB NOT NULL,
    narrative TEXT,
    -- Twice as wide as a score needs, so that it comes back as it was and SQLite's walks are ours.
    popularity_score DOUBLE PRECISION NOT NULL DEFAULT 0.5
        CHECK (popularity_score BETWEEN 0.0 AND 1.0),
    visit_seconds DOUBLE PRECISION NOT NULL,
    is_present BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    UNIQUE (osm_type, osm_id)
);
CREATE INDEX pois_by_age ON pois (created_at, id) WHERE is_present;
-- On the globe, for distances; and flat, for boxes whose edges are parallels and meridians.
CREATE INDEX pois_by_location ON pois USING gist (location);
CREATE INDEX pois_in_boxes ON pois USING gist ((location::geometry)) WHERE is_present;
CREATE INDEX pois_by_tags ON pois USING gin (osm_tags jsonb_path_ops);

-- Regions may overlap: a place is present as long as one of them holds it.
CREATE TABLE region_pois (
    region_id TEXT COLLATE "C" NOT NULL REFERENCES regions (id) ON DELETE CASCADE,
    poi_id BIGINT NOT NULL REFERENCES pois (id),
    PRIMARY KEY (region_id, poi_id)
);
CREATE INDEX region_pois_by_poi ON region_pois (poi_id);

CREATE TABLE poi_interest_themes (
    poi_id BIGINT NOT NULL REFERENCES pois (id) ON DELETE CASCADE,
    theme_id UUID NOT NULL REFERENCES interest_themes (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (poi_id, theme_id)
);
CREATE INDEX poi_interest_themes_by_theme ON poi_interest_themes (theme_id);

CREATE TABLE routes (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id UUID NOT NULL UNIQUE, -- a wish is answered once, however often its job runs
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    saved BOOLEAN NOT NULL,
    region_id TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    path GEOMETRY(LINESTRING, 4326) NOT NULL,
    generation_params JSONB NOT NULL,
    summary JSON NOT NULL, -- what a list shows, without unpacking the walk
    walk JSON NOT NULL
);
CREATE INDEX routes_of_a_walker ON routes (user_id, created_at, id);
CREATE INDEX routes_by_path ON routes USING gist (path);

CREATE TABLE route_pois (
    route_id UUID NOT NULL REFERENCES routes (id) ON DELETE CASCADE,
    poi_id BIGINT NOT NULL REFERENCES pois (id),
    position INTEGER NOT NULL,
    PRIMARY KEY (route_id, poi_id),
    UNIQUE (route_id, position)
);
CREATE INDEX route_pois_by_poi ON route_pois (poi_id);

-- An unfinished row is also the promise of a job: whoever finds one without a job makes it.
CREATE TABLE route_requests (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    wish JSON NOT NULL,
    fingerprint TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'in_progress', 'complete', 'failed')),
    progress INTEGER NOT NULL CHECK (progress BETWEEN 0 AND 100),
    route_id UUID,
    error TEXT
);
CREATE INDEX route_requests_unfinished ON route_requests (fingerprint, created_at)
    WHERE status IN ('pending', 'in_progress');
CREATE INDEX route_requests_of_a_walker ON route_requests (user_id, updated_at);

CREATE TABLE idempotency_keys (
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    key UUID NOT NULL,
    payload_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers JSON NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
