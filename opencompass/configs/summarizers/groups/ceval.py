from mmengine.config import read_base

with read_base():
    from ...datasets.ceval.subjects import ceval_subject_mapping as _subjects

_parts = ['STEM', 'Social Science', 'Humanities', 'Other']
_hard = ['advanced_mathematics', 'discrete_mathematics', 'probability_and_statistics', 'college_chemistry',
         'college_physics', 'high_school_mathematics', 'high_school_chemistry', 'high_school_physics']


def _group(name, subjects):
    return dict(name=name, subsets=[f'ceval-{subject}' for subject in subjects])


ceval_summary_groups = [
    *[_group('ceval-' + part.lower().replace(' ', '-'), [name for name, row in _subjects.items() if row[2] == part])
      for part in _parts],
    _group('ceval-hard', _hard),
    _group('ceval', _subjects),
]
