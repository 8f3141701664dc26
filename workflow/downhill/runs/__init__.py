"""The runs of a study on disk: blocks of trained seeds, and their evaluation."""
