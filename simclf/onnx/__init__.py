"""A fitted classifier as one ONNX graph, from raw features to answers."""

from simclf.onnx._to_onnx import to_onnx

__all__ = ["to_onnx"]
