"""XMP: stars and keywords in the packets and sidecars of other programs, theirs kept as it is."""
