-- The files of regions, in parts, for servers and workers on other machines.

CREATE TABLE region_files (
    region_id TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (region_id, version, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE region_file_parts (
    region_id TEXT NOT NULL,
    version TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (region_id, version, name, number)
) STRICT;
