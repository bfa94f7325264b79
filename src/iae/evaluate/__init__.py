"""A model on labelled photos: figures with intervals, and baselines beside them."""
