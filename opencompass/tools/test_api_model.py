"""Try a model behind an API: two prompts, without roles, with roles, and with a system role; their answers are printed.

This is no test for pytest. It sends six requests, which may cost money.
"""

from __future__ import annotations

import argparse
from typing import Any

from _begin import RULER, begin, choose

from opencompass.utils import PromptList, build_model_from_cfg, model_abbr_from_cfg
from opencompass.utils import config as configs

INSTRUCTION = 'You answer single-choice questions about law. Give the letter of the right choice.'
CASES = [
    (
        'Who proposes a contract?\nA. The offeror\nB. The offeree\nC. The court\nD. The notary',
        'A',
    ),
    (
        'A sells to B a bicycle that belongs to C, who knows of nothing. Who owns it?\nA. A\nB. B\nC. C\nD. Nobody',
        'C',
    ),
    (
        'What must a prosecutor prove?\n'
        'A. That the accused is poor\nB. Each element of the offence\nC. The motive alone\nD. Nothing',
        'B',
    ),
    (
        'Which of these is a civil matter?\nA. Robbery\nB. Arson\nC. Treason\nD. Unpaid rent',
        'D',
    ),
    (
        'A will is made under threat. What is it?\nA. Void or voidable\nB. Always valid\nC. A contract\nD. A crime of '
        'the heir',
        'A',
    ),
]
QUESTION = (
    'Two drivers are equally at fault for an accident. Who pays for the damage?\n'
    'A. The first\nB. The second\nC. The state\nD. Each for a half'
)
GREETING = 'Hello! How are you?'

ROUND = [{'role': 'HUMAN', 'api_role': 'HUMAN'}, {'role': 'BOT', 'api_role': 'BOT', 'generate': True}]
META_TEMPLATES = [
    None,
    {'round': ROUND},
    {'round': ROUND, 'reserved_roles': [{'role': 'SYSTEM', 'api_role': 'SYSTEM'}]},
]


def main() -> None:
    args = parse_args()
    cfg = configs.load(args.config)
    models = {model_abbr_from_cfg(one): one for one in cfg.get('models') or []}
    if not models:
        raise ValueError(f'config {args.config} has no `models`; name one there')
    name = next(iter(models))
    if len(models) > 1 and not args.non_interactive:
        [name] = choose([[*models]], ['Please make a selection of models:'], 'give -n (the first model)')
    prompts = [examples(), GREETING]
    for meta_template in META_TEMPLATES:
        print('Testing meta_template: ', meta_template)
        try_out(build_model_from_cfg({**models[name], 'meta_template': meta_template}), prompts)
        print(RULER)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='config file with `models`')
    parser.add_argument('-n', '--non-interactive', action='store_true', help='the first model, no menu')
    return parser.parse_args()


def examples() -> PromptList:
    """The instruction, five answered questions and one that is open, as a data set's config would have it."""
    turns = [
        turn
        for question, answer in CASES
        for turn in ({'role': 'HUMAN', 'prompt': question}, {'role': 'BOT', 'prompt': f'Answer: {answer}'})
    ]
    return PromptList(
        [
            {'section': 'begin', 'pos': 'begin'},
            {'role': 'SYSTEM', 'fallback_role': 'HUMAN', 'prompt': INSTRUCTION},
            {'section': 'begin', 'pos': 'end'},
            {'section': 'round', 'pos': 'begin'},
            *turns,
            {'role': 'HUMAN', 'prompt': QUESTION},
            {'role': 'BOT', 'prompt': ''},
            {'section': 'round', 'pos': 'end'},
        ]
    )


def try_out(model: Any, prompts: list[Any]) -> None:
    """Print the lengths of the prompts and what the model answers."""
    lengths = model.get_token_len_from_template(prompts)
    for number, length in enumerate(lengths):
        print(f'Prompt {number} length: {length}')
    print('Prompt lengths: ', lengths)
    for number, answer in enumerate(model.generate_from_template(prompts, max_out_len=100)):
        print(f'Prompt {number} response: {answer}')


if __name__ == '__main__':
    begin(main)
