"""The wiring that most benchmark configs share; a config spells its prompts and calls these while it is read.

    with read_base():
        from .._recipes import accuracy, chat, rank, reader

A template is a text, a dialogue (`chat`), or a dict from label to one of both (`rank`).
"""
from opencompass.openicl.icl_evaluator import AccEvaluator
from opencompass.openicl.icl_inferencer import CLPInferencer, GenInferencer, PPLInferencer
from opencompass.openicl.icl_prompt_template import PromptTemplate
from opencompass.openicl.icl_retriever import FixKRetriever, ZeroRetriever

ICE_TOKEN = '</E>'


def reader(inputs: list, output: str, **splits) -> dict:
    """reader_cfg: the columns that prompts use, the column of the right answer, and train_split or test_split."""
    return dict(input_columns=inputs, output_column=output, **splits)


def data_text(path: str) -> str:
    """A file below ./data that prompts are made with; 'None' while it is missing, so that the config loads."""
    # mmengine reads imports in configs as names of things to make later, so this function is fetched by hand
    file = __import__('opencompass.utils.paths', fromlist=['find_local']).find_local(path)
    return str(file and file.read_text(encoding='utf-8'))


def prompt(template: str | dict | None, **settings) -> dict:
    """A prompt template."""
    return dict(type=PromptTemplate, template=template, **settings)


def chat(*turns: str, **parts) -> dict:
    """A dialogue in which the user begins and the model's turns follow; `begin` and `end` are further parts."""
    roles = ('HUMAN', 'BOT')
    return dict(round=[dict(role=roles[turn % 2], prompt=text) for turn, text in enumerate(turns)], **parts)


def rank(template: dict, **settings) -> dict:
    """infer_cfg that chooses the label whose text the model finds least surprising, without examples."""
    return _zero_shot(PPLInferencer, template, settings)


def generate(template: str | dict, **settings) -> dict:
    """infer_cfg that lets the model go on after the prompt, without examples; for instance max_out_len=50."""
    return _zero_shot(GenInferencer, template, settings)


def choose(template: str | dict, **settings) -> dict:
    """infer_cfg that compares the probabilities of the row's `choices` as the next token, without examples."""
    return _zero_shot(CLPInferencer, template, settings)


def few_shot(infer_cfg: dict, examples: str | dict | None = None, ids: tuple = (0, 1, 2, 3, 4),
             retriever: dict | None = None) -> dict:
    """The infer_cfg with solved examples at its `</E>`: the train rows `ids`, or those that `retriever` finds.

    `examples` is the template of one example. Without it an example looks like the prompt itself.
    """
    question = dict(infer_cfg['prompt_template'], ice_token=ICE_TOKEN)
    if examples is None:
        templates = dict(ice_template=question)
    else:
        templates = dict(ice_template=prompt(examples), prompt_template=question)
    inferencer = infer_cfg['inferencer']
    if retriever is None:
        retriever = dict(type=FixKRetriever)
        inferencer = dict(inferencer, fix_id_list=list(ids))
    return dict(**templates, retriever=retriever, inferencer=inferencer)


def as_example(infer_cfg: dict, **settings) -> dict:
    """The infer_cfg with its question as the template of an example, which some versions have: another hash, the
    same prompts. `settings` are added to the template."""
    infer_cfg = dict(infer_cfg)
    return dict(ice_template=dict(infer_cfg.pop('prompt_template'), ice_token=ICE_TOKEN, **settings), **infer_cfg)


def scored(evaluator, answer=None, reference=None, **settings) -> dict:
    """eval_cfg: `answer` takes the answer out of a prediction, `reference` out of the output column."""
    processors = dict(pred_postprocessor=answer, dataset_postprocessor=reference)
    return dict(evaluator=dict(type=evaluator), **settings,
                **{name: dict(type=function) for name, function in processors.items() if function is not None})


def accuracy(answer=None, reference=None, **settings) -> dict:
    """eval_cfg that counts the predictions that equal the output column."""
    return scored(AccEvaluator, answer, reference, **settings)


def _zero_shot(inferencer, template: str | dict, settings: dict) -> dict:
    return dict(prompt_template=prompt(template), retriever=dict(type=ZeroRetriever),
                inferencer=dict(type=inferencer, **settings))
