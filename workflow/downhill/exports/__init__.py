"""Trained networks for other tools: as ONNX models, and as archives of arrays."""
