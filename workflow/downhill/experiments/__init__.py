"""Experiments: what is computed from trained networks or data when scores are not enough. One module per family."""
