"""OpenCompass 0.1-compatible evaluation of language models."""

__version__ = '0.1.0'
