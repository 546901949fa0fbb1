"""Everything in PostgreSQL with PostGIS: the storage of a deployment with several servers."""
