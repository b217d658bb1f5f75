from mmengine.config import read_base

with read_base():
    from ...datasets.agieval.subjects import (
        agieval_cloze_sets as _cloze, agieval_english_sets as _english, agieval_gaokao_sets as _gaokao,
        agieval_multiple_choices_sets as _multiple, agieval_single_choice_sets as _single)

_groups = {
    'agieval-chinese': [*_gaokao, 'logiqa-zh', *_multiple, 'gaokao-mathcloze'],
    'agieval-english': _english,
    'agieval-gaokao': [*_gaokao, 'gaokao-mathcloze'],
    'agieval': [*_single, *_multiple, *_cloze],
}

agieval_summary_groups = [
    dict(name=name, subsets=[f'agieval-{subject}' for subject in subjects]) for name, subjects in _groups.items()
]
