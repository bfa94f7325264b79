"""Balancing the losses of several tasks: one method, one file; by name in ``build``."""
