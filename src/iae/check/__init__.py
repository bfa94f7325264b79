"""Is this data set sound? Facts of every picture, duplicates, labels, and the report of it all."""
