-- The files of regions, in parts, for servers and workers on other machines.

CREATE TABLE region_files (
    region_id TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (region_id, version, name)
);

CREATE TABLE region_file_parts (
    region_id TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (region_id, version, name, number)
);
