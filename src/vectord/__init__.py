"""vectord: an embedding and rerank server, and the engine inside it."""

__version__ = "0.1.0"
