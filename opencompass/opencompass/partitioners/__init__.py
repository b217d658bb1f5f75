"""How a run is divided into tasks."""

from .base import BasePartitioner
from .comparison import ComparisonPartitioner
from .naive import NaivePartitioner
from .size import SizePartitioner

__all__ = ['BasePartitioner', 'ComparisonPartitioner', 'NaivePartitioner', 'SizePartitioner']
