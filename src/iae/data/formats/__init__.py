"""One module a published form of data set: how it is recognised and how it is read."""
