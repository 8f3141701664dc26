"""Drawings: strokes of a pen, their raster, and the preprocessing that MNIST's digits went through."""
