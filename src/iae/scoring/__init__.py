"""Scores for photos from an exported model: ONNX Runtime, no torch."""
