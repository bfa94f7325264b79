"""Units between the branches of several tasks: feature maps by task in, mixed maps by task out."""
