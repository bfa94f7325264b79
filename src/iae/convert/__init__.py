"""Data sets into the forms that other tools read: one module a target."""
