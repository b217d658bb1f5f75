"""Runners: where tasks run."""

from .base import BaseRunner
from .dlc import DLCRunner
from .local import LocalRunner
from .slurm import SlurmRunner

__all__ = ['BaseRunner', 'DLCRunner', 'LocalRunner', 'SlurmRunner']
