"""Tests of the ingest: extract to places, tiles and regions."""
