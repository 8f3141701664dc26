"""Numerics that experiments and statistics share: of networks, of images, of costs. No files and no wording."""
