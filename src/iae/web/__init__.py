"""The rating server: pages for raters and for a study's owner, and the JSON API behind them."""
