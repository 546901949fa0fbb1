"""Answers to wishes, remembered for a day."""
