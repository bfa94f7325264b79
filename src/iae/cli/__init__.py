"""The command ``iae``: each verb parses, calls one function and prints."""
