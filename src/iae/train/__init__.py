"""Training of joint models: cache, targets, Lightning module, checkpoints. Needs ``[train]``."""
