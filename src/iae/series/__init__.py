"""Which photos are shots of one scene: arrays in, groups out."""
