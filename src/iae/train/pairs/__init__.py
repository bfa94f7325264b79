"""Training of networks that compare two photos of a series."""
