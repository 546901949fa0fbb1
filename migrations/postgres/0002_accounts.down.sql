-- Forgets passwords, shares and where enrichment came from.

DROP TABLE enrichment_provenance, shares, credentials;
DROP INDEX users_by_age;
