jigsaw_multilingual_summary_groups = [
    dict(name='jigsaw_multilingual', subsets=[f'jigsaw_multilingual_{lang}' for lang in ['es', 'fr', 'it', 'pt', 'ru', 'tr']])
]
