"""Keeping the journal: copies of it that are proved, the way back from one, what leaves in time."""
