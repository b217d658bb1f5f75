from mmengine.config import read_base

with read_base():
    from ...datasets.flores.languages import flores_lang_map as _languages

_families = {}
for _name, _, _, _family in list(_languages.values())[1:]:
    _families.setdefault(_family, []).append(_name)

flores_summary_groups = [
    dict(name=f'flores_100_{source}_{target}', subsets=[f'flores_100_{pair}' for pair in pairs])
    for family, names in _families.items()
    for source, target, pairs in [
        (family, 'English', [f'{name}-eng' for name in names]),
        ('English', family, [f'eng-{name}' for name in names]),
    ]
]

_all = [name for names in _families.values() for name in names]
flores_summary_groups.append(dict(name='flores_100', subsets=[
    *[f'flores_100_{name}-eng' for name in _all], *[f'flores_100_eng-{name}' for name in _all]]))
