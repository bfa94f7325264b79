"""Network modules and losses. Pure: tensors in, tensors out; no files, no data, no plots."""
