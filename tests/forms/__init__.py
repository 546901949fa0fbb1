"""Tests of the forms a walk takes."""
