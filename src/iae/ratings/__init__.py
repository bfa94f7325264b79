"""The job behind ``iae data ratings``: what ratings and votes say, and who gave them."""
