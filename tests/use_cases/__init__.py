"""Tests of use_cases."""
