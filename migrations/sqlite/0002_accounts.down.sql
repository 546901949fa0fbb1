-- Forgets passwords, shares and where enrichment came from.

DROP TABLE enrichment_provenance;
DROP TABLE shares;
DROP TABLE credentials;
DROP INDEX users_by_age;
