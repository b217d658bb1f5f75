"""Models: from prompts to text or scores."""

from .base import BaseModel, LMTemplateParser
from .base_api import APITemplateParser, BaseAPIModel
from .fake import FakeModel
from .huggingface import HuggingFace, HuggingFaceCausalLM

__all__ = [
    'APITemplateParser',
    'BaseAPIModel',
    'BaseModel',
    'FakeModel',
    'HuggingFace',
    'HuggingFaceCausalLM',
    'LMTemplateParser',
]
