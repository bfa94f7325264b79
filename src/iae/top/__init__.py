"""The best photos of a library: ranked, spread out, listed, linked or copied."""
