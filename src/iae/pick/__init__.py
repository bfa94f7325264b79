"""The best shots of each series: grouped, ranked, told apart in words, and left to a person."""
