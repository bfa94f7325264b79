"""Pixels out of files: safe decoding, and the one preparation both training and scoring use."""
