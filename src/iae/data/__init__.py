"""Records out of label files, and their division into splits. Lists paths, decodes nothing."""
