"""``iae data stats`` and ``iae data figures``: what a data set says, in words and in pictures."""
