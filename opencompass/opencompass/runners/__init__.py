"""Runners: where tasks run."""

from .base import BaseRunner
from .local import LocalRunner

__all__ = ['BaseRunner', 'LocalRunner']
