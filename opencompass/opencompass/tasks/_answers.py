"""The answers of a run: predictions and references of a data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..utils.abbr import dataset_abbr_from_cfg, get_infer_output_path
from ..utils.build import model_class
from ..utils.predictions import parts, records

if TYPE_CHECKING:
    from ..datasets.base import BaseDataset


def files(work_dir: str, model_cfg: Any, dataset_cfg: Any) -> list[Path]:
    """The predictions file of a model, or its parts; none where nothing is inferred."""
    return [*parts(_path(work_dir, model_cfg, dataset_cfg))]


def predictions(work_dir: str, model_cfg: Any, dataset_cfg: Any) -> list | None:
    """All predictions in order, from the whole file or its parts; None when there is none."""
    path, found = _path(work_dir, model_cfg, dataset_cfg), files(work_dir, model_cfg, dataset_cfg)
    if found and found != [path] and path.with_name(f'{path.stem}_{len(found) + 1}{path.suffix}').exists():
        raise FileNotFoundError(f'{path.stem}_{len(found)}{path.suffix} is missing in {path.parent}; infer it with -r')
    return [record['prediction'] for record in records(found)] if found else None


def _path(work_dir: str, model_cfg: Any, dataset_cfg: Any) -> Path:
    return Path(get_infer_output_path(model_cfg, dataset_cfg, str(Path(work_dir, 'predictions'))))


def missing(work_dir: str, dataset_cfg: Any) -> FileNotFoundError:
    """What to say of a data set without predictions."""
    name = Path(dataset_abbr_from_cfg(dataset_cfg)).name
    return FileNotFoundError(f'no predictions for {name} in {work_dir}/predictions; infer first')


def references(dataset: BaseDataset, dataset_cfg: Any) -> list:
    """The column of right answers."""
    rows, column = dataset.test, dataset_cfg['reader_cfg']['output_column']
    if column not in rows.column_names:
        raise KeyError(f'output_column {column!r} is no column of the data set; it has {rows.column_names}')
    return list(rows[column])


def of_role(texts: list, model_cfg: Any, eval_cfg: Any) -> list:
    """Predictions cut to the part of the answering role, where `pred_role` names one that the model spells itself."""
    role = eval_cfg.get('pred_role')
    if role and model_cfg.get('meta_template') and not is_api(model_cfg):
        return [_answer_of(role, model_cfg['meta_template'], text) for text in texts]
    return texts


def is_api(model_cfg: Any) -> bool:
    """Whether the model runs elsewhere."""
    kind = model_class(model_cfg)
    if kind is None:
        raise AttributeError(f'no model class is registered as {model_cfg["type"]!r}')
    return kind.is_api


def _answer_of(role: str, meta_template: Any, prediction: str) -> str:
    """What stands between the begin and the end of a role; all of it where the prediction has neither."""
    roles = {one['role']: one for one in meta_template['round'] if isinstance(one, dict)}
    if role not in roles:
        raise KeyError(f"pred_role {role!r} is none of the roles of the model's meta_template: {list(roles)}")
    spelling = roles[role]
    begin, end = spelling.get('begin', ''), spelling.get('end', '')
    text = prediction.split(begin, 1)[-1] if begin else prediction
    return text.split(end, 1)[0] if end else text
