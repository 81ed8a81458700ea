"""Backends: each a plugin that can run cards on some hardware."""
