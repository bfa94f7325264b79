"""Steps of the schema, one file each: appended, never edited. ``migrate.py`` runs them."""
