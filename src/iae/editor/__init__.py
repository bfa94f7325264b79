"""Scores as stars and keywords in the XMP that photo editors read: planned, written, undone."""
