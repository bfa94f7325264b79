"""Statistics of ratings, votes, labels and pairs: arrays in, small dataclasses out; no files."""
