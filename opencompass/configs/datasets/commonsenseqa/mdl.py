from mmengine.config import read_base

with read_base():
    from .._recipes import few_shot

from opencompass.openicl.icl_retriever import MDLRetriever


def with_mdl(infer_cfg: dict) -> dict:
    """The infer_cfg with the eight of thirty similar examples under which the question is least surprising."""
    settings = dict(ice_num=8, candidate_num=30, select_time=10, seed=1, batch_size=12)
    infer_cfg = few_shot(infer_cfg, retriever=dict(type=MDLRetriever, **settings))
    return dict(infer_cfg, retriever=dict(infer_cfg['retriever'], ice_template=infer_cfg['ice_template']))
