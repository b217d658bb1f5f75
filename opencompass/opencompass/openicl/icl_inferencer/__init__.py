"""Inferencers: from a data set and a model to predictions."""

from .icl_base_inferencer import BaseInferencer
from .icl_clp_inferencer import CLPInferencer
from .icl_gen_inferencer import GenInferencer, GLMChoiceInferencer
from .icl_ppl_inferencer import PPLInferencer

__all__ = ['BaseInferencer', 'CLPInferencer', 'GLMChoiceInferencer', 'GenInferencer', 'PPLInferencer']
