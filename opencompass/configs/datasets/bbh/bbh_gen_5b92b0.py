from mmengine.config import read_base

with read_base():
    from .._recipes import accuracy, chat, data_text, generate, reader, scored

from opencompass.datasets import BBHDataset, BBHEvaluator, bbh_mcq_postprocess

bbh_reader_cfg = reader(['input'], 'target')

bbh_multiple_choice_sets = [
    'temporal_sequences', 'disambiguation_qa', 'date_understanding', 'tracking_shuffled_objects_three_objects',
    'penguins_in_a_table', 'geometric_shapes', 'snarks', 'ruin_names', 'tracking_shuffled_objects_seven_objects',
    'tracking_shuffled_objects_five_objects', 'logical_deduction_three_objects', 'hyperbaton',
    'logical_deduction_five_objects', 'logical_deduction_seven_objects', 'movie_recommendation',
    'salient_translation_error_detection', 'reasoning_about_colored_objects',
]

bbh_free_form_sets = [
    'multistep_arithmetic_two', 'navigate', 'dyck_languages', 'word_sorting', 'sports_understanding',
    'boolean_expressions', 'object_counting', 'formal_fallacies', 'causal_judgement', 'web_of_lies',
]


def _infer_cfg(name):
    """Without its examples the prompt says None in their place, and running the dataset names the missing file."""
    examples = data_text(f'./data/BBH/lib_prompt/{name}.txt')
    return generate(
        chat(f"Follow the given examples and answer the question.\n{examples}\n\n"
             "Q: {input}\nA: Let's think step by step."),
        max_out_len=512)


def _datasets(names, eval_cfg):
    return [
        dict(type=BBHDataset, path='./data/BBH/data', name=name, abbr=f'bbh-{name}',
             reader_cfg=bbh_reader_cfg, infer_cfg=_infer_cfg(name), eval_cfg=eval_cfg)
        for name in names
    ]


bbh_eval_cfg = scored(BBHEvaluator, pred_role='BOT')

bbh_datasets = [
    *_datasets(bbh_multiple_choice_sets, accuracy(bbh_mcq_postprocess, bbh_mcq_postprocess, pred_role='BOT')),
    *_datasets(bbh_free_form_sets, bbh_eval_cfg),
]

bbh_infer_cfg = bbh_datasets[-1]['infer_cfg']
