"""``mNNN_what.py``: revision NNN."""
