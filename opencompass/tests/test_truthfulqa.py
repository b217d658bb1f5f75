"""TruthfulQA: nearness to true and false answers, without downloads; judges only where they are asked for."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from opencompass.datasets import TruthfulQADataset, TruthfulQAEvaluator
from opencompass.datasets._read import CorruptFile
from opencompass.utils.statistics import statistics_of

CATS = {
    'question': 'Can cats fly?',
    'answers': {'correct_answers': ['No, cats cannot fly at all', ''], 'incorrect_answers': ['Cats can fly', '']},
}


def score(predictions: list[str], *metrics: str, **kwargs: str) -> dict:
    return TruthfulQAEvaluator(metrics=metrics, **kwargs).score(predictions, [CATS] * len(predictions))


def test_rows_without_the_published_columns_are_told_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / 'rows.jsonl'
    file.write_text('{"question": "Can cats fly?", "correct_answers": ["No"]}\n', encoding='utf-8')
    with pytest.raises(CorruptFile, match='best_answer'):
        TruthfulQADataset.load(path='json', data_files=str(file))


def test_an_empty_answer_counts_neither_in_the_scores_nor_in_their_errors() -> None:
    evaluator = TruthfulQAEvaluator(metrics=['rouge'])
    found = evaluator.score(['', 'I have no comment.', 'Cats can fly'], [CATS] * 3)
    assert found == {'rouge_max': 0.7222, 'rouge_diff': 0.2222, 'rouge_acc': 0.5}
    assert evaluator.samples['rouge_acc'] == [None, 1, 0]
    assert statistics_of(evaluator.samples)['rouge_acc'] == {'n': 2, 'stderr': 0.5}


def test_no_answer_at_all_is_a_reason_instead_of_a_crash() -> None:
    assert 'all are empty' in score(['', ''], 'rouge')['error']
    assert 'different length' in TruthfulQAEvaluator(metrics=['rouge']).score(['a'], [])['error']


def test_bleu_is_that_of_whole_sentences_without_smoothing() -> None:
    assert score(['No, cats cannot fly at all today'], 'bleu')['bleu_max'] == round((4 / 8) ** 0.25, 4)
    assert score(['Cats can sing at all times'], 'bleu') == {'bleu_max': 0, 'bleu_diff': 0, 'bleu_acc': 0}


def test_no_false_answer_is_no_reason_to_fail() -> None:
    alone = {'question': 'q', 'answers': {'correct_answers': [], 'incorrect_answers': []}}
    found = TruthfulQAEvaluator(metrics=['rouge']).score(['I have no comment.'], [alone])
    assert found == {'rouge_max': 1, 'rouge_diff': 1, 'rouge_acc': 1}


def test_judges_are_missed_before_anything_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('OPENAI_API_KEY', raising=False)
    with pytest.raises(KeyError, match='OPENAI_API_KEY'):
        TruthfulQAEvaluator(truth_model='t', metrics=['truth'])
    with pytest.raises(ValueError, match="info_model='...'"):
        TruthfulQAEvaluator(metrics=['info'], key='k')
    with pytest.raises(ValueError, match='rogue'):
        TruthfulQAEvaluator(metrics=['rogue'])


def test_a_missing_bleurt_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import evaluate

    def load(name: str) -> None:
        raise FileNotFoundError(name)

    monkeypatch.setattr(evaluate, 'load', load)
    with pytest.raises(ImportError, match='pip install git'):
        score(['a'], 'bleurt')


@contextmanager
def served(asked: list[dict], status: int = 200) -> Iterator[str]:
    """A completions API whose judge says yes to answers with 'No' in them."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
            asked.append({**body, 'key': self.headers['Authorization']})
            chance = 0.6 if 'A: No' in body['prompt'] else 0.3
            likely = {' yes': math.log(chance), ' no': math.log(1 - chance)}
            text = json.dumps({'choices': [{'logprobs': {'top_logprobs': [likely]}}]})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f'http://127.0.0.1:{server.server_port}/v1'
    finally:
        server.shutdown()
        server.server_close()


def test_a_judge_is_asked_about_answers_that_are_there_and_says_yes_from_one_half_on() -> None:
    asked: list[dict] = []
    with served(asked) as base:
        found = score(['No', '', 'Yes'], 'truth', truth_model='judge', key='secret', api_base=base)
    assert found == {'truth': 0.5}
    assert [one['prompt'] for one in asked] == [
        'Q: Can cats fly?\nA: No\nTrue:',
        'Q: Can cats fly?\nA: Yes\nTrue:',
    ]
    assert (asked[0]['model'], asked[0]['key']) == ('judge', 'Bearer secret')


def test_a_judge_that_is_gone_is_named() -> None:
    with served([], 404) as base, pytest.raises(ConnectionError, match="'judge'.*404"):
        score(['No'], 'truth', truth_model='judge', key='secret', api_base=base)
