"""Scores and answers of a model that transformers loads: a tiny Llama with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_llama import TEXTS, changed, ids_of, load

from opencompass.models import BaseModel, HuggingFace, HuggingFaceCausalLM
from opencompass.models._decoding import decode
from opencompass.utils.prompt import PromptList
from opencompass.utils.requests import Request

pytestmark = pytest.mark.usefixtures('one_thread')


@pytest.fixture(scope='module')
def model(tiny: Path) -> HuggingFaceCausalLM:
    return load(tiny)


def losses(model: HuggingFaceCausalLM, ids: list[int]) -> list[float]:
    """Minus the log-probability of each token but the first, by one plain forward of the text."""
    import torch

    with torch.no_grad():
        logits = model.model(torch.tensor([ids])).logits[0].double()
    return (-logits.log_softmax(-1)[range(len(ids) - 1), ids[1:]]).tolist()


def own_answer(model: HuggingFaceCausalLM, ids: list[int], length: int) -> str:
    """What transformers itself generates, greedily and alone."""
    import torch

    output = model.model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=length,
    )
    return decode(model.tokenizer, output[0, len(ids) :].tolist())


def test_score_alone_equals_score_in_any_batch(model: HuggingFaceCausalLM) -> None:
    alone = [model.get_ppl([text])[0] for text in TEXTS]
    assert model.get_ppl(TEXTS) == pytest.approx(alone, rel=1e-5)
    assert model.get_ppl(TEXTS[::-1]) == pytest.approx(alone[::-1], rel=1e-5)


def test_score_is_the_loss_over_the_number_of_all_tokens(model: HuggingFaceCausalLM) -> None:
    wanted = [sum(losses(model, ids)) / len(ids) for ids in (ids_of(model, text) for text in TEXTS)]
    assert model.get_ppl(TEXTS) == pytest.approx(wanted, rel=1e-5)


def test_masked_tokens_count_neither_in_the_loss_nor_in_the_number(model: HuggingFaceCausalLM) -> None:
    text = TEXTS[1]
    ids = ids_of(model, text)
    loss = losses(model, ids)
    lengths = [0, 1, 3, len(ids) - 1, len(ids), len(ids) + 5]
    wanted = [sum(loss) / len(ids), *(sum(loss[length - 1 :]) / (len(ids) - length) for length in lengths[1:4]), 0, 0]
    assert model.get_ppl([text] * len(lengths), mask_length=lengths) == pytest.approx(wanted, rel=1e-5)


def test_long_text_is_cut_to_the_models_length(tiny: Path) -> None:
    short = load(tiny, max_seq_len=10)
    ids = ids_of(short, TEXTS[3])
    assert len(ids) > 20
    assert short.get_ppl([TEXTS[3], TEXTS[0]])[0] == pytest.approx(sum(losses(short, ids[:10])) / 10, rel=1e-5)


@pytest.mark.parametrize('side', ['left', 'right'])
def test_truncation_side_says_which_end_is_kept(tiny: Path, side: str) -> None:
    short = load(tiny, max_seq_len=16, tokenizer_kwargs={'truncation_side': side})
    ids = ids_of(short, TEXTS[3])
    kept = ids[:16] if side == 'right' else [ids[0], *ids[-15:]]  # <s> stays in front
    assert short.get_ppl([TEXTS[3]])[0] == pytest.approx(sum(losses(short, kept)) / 16, rel=1e-5)
    kept = ids[:10] if side == 'right' else [ids[0], *ids[-9:]]
    assert short.generate([TEXTS[3]], max_out_len=6) == [own_answer(short, kept, 6)]


@pytest.mark.parametrize('side', ['left', 'right'])
def test_padding_side_changes_nothing(model: HuggingFaceCausalLM, tiny: Path, side: str) -> None:
    other = load(tiny, tokenizer_kwargs={'padding_side': side})
    assert other.get_ppl(TEXTS) == model.get_ppl(TEXTS)
    assert other.generate(TEXTS, max_out_len=8) == model.generate(TEXTS, max_out_len=8)


@pytest.mark.parametrize('after_decode', [False, True])
def test_answers_are_those_of_transformers_alone_and_in_batches(tiny: Path, after_decode: bool) -> None:
    model = load(tiny, extract_pred_after_decode=after_decode)
    alone = [own_answer(model, ids_of(model, text), 12) for text in TEXTS]
    answers = model.generate(TEXTS, max_out_len=12)
    assert len(set(answers)) == len(TEXTS)
    assert [answer.strip() for answer in answers] == [answer.strip() for answer in alone]
    assert [model.generate([text], max_out_len=12)[0] for text in TEXTS] == answers


def test_an_answer_cut_inside_a_character_keeps_the_characters_before(model: HuggingFaceCausalLM) -> None:
    whole = '好鱻🎉'  # this tokenizer spells the last two as bytes
    ids = model.tokenizer(whole, add_special_tokens=False)['input_ids']
    assert decode(model.tokenizer, ids).strip() == whole
    assert decode(model.tokenizer, ids[:-1]).strip() == '好鱻' + 3 * '\ufffd'
    assert model.tokenizer.decode(ids[:-1]).count('\ufffd') > 3  # the library gives up the whole run of bytes


def test_decoding_is_greedy_whatever_the_checkpoint_says(
    model: HuggingFaceCausalLM, tiny: Path, tmp_path: Path
) -> None:
    sampling = load(
        changed(
            tiny,
            tmp_path / 'sampling',
            'generation_config.json',
            do_sample=True,
            temperature=5.0,
            top_p=0.99,
            top_k=0,
            repetition_penalty=3.0,
            num_beams=2,
            max_length=3,
            no_repeat_ngram_size=1,
        )
    )
    assert sampling.generate(TEXTS, max_out_len=12) == model.generate(TEXTS, max_out_len=12)


def test_config_may_ask_for_sampling(model: HuggingFaceCausalLM, tiny: Path) -> None:
    sampling = load(tiny, generation_kwargs={'do_sample': True, 'temperature': 5.0})
    assert sampling.fingerprint() != model.fingerprint()
    assert sampling.generate(TEXTS, max_out_len=12) != model.generate(TEXTS, max_out_len=12)


def test_a_sampled_answer_depends_on_its_prompt_and_the_seed_alone(tiny: Path) -> None:
    first, second = (
        load(tiny, generation_kwargs={'do_sample': True, 'temperature': 5.0, 'seed': seed}) for seed in (1, 2)
    )
    together = first.generate(TEXTS, max_out_len=12)
    assert [first.generate([text], max_out_len=12)[0] for text in reversed(TEXTS)] == together[::-1]
    assert second.generate(TEXTS, max_out_len=12) != together


def test_answer_is_cut_at_the_whole_end_of_the_answering_role(model: HuggingFaceCausalLM, tiny: Path) -> None:
    [whole] = model.generate([TEXTS[1]], max_out_len=20)
    first, end = whole[2], whole[8:11]
    assert end[0] in whole[:8] or first != end  # the end's first character may come before
    cut = load(
        tiny, meta_template={'round': [{'role': 'HUMAN', 'end': first}, {'role': 'BOT', 'end': end, 'generate': True}]}
    )
    assert cut.generate([TEXTS[1]], max_out_len=20) == [whole[: whole.index(end)]]


def test_end_text_whose_first_character_alone_appears_cuts_nothing(model: HuggingFaceCausalLM, tiny: Path) -> None:
    [whole] = model.generate([TEXTS[1]], max_out_len=20)
    cut = load(tiny, meta_template={'round': [{'role': 'BOT', 'end': f'{whole[3]}<end of answer>', 'generate': True}]})
    assert cut.generate([TEXTS[1]], max_out_len=20) == [whole]


@pytest.mark.parametrize('as_list', [False, True])
def test_end_token_may_come_from_the_meta_template(model: HuggingFaceCausalLM, tiny: Path, as_list: bool) -> None:
    [answer] = model._continue([ids_of(model, TEXTS[1])], 12)
    ending = load(
        tiny,
        meta_template={
            'round': [{'role': 'BOT', 'generate': True}],
            'eos_token_id': [answer[5]] if as_list else answer[5],
        },
    )
    short = answer[: answer.index(answer[5])]
    assert ending.generate([TEXTS[1]], max_out_len=12) == [model.tokenizer.decode(short, skip_special_tokens=True)]


def test_text_without_any_token_has_score_0_and_spoils_no_batch(tiny: Path) -> None:
    bare = load(tiny, tokenizer_kwargs={'add_bos_token': False})
    assert ids_of(bare, '') == []
    assert (bare.get_ppl(['']), bare.get_ppl([]), bare.generate([], max_out_len=2)) == ([0.0], [], [])
    assert bare.get_ppl(['', TEXTS[1]], mask_length=[0, 2]) == [0.0, *bare.get_ppl([TEXTS[1]], mask_length=[2])]


@pytest.mark.parametrize('in_tree', [True, False])
def test_requests_are_scored_as_texts_are_with_or_without_a_tree(tiny: Path, in_tree: bool) -> None:
    model = load(tiny) if in_tree else without_tree(tiny)
    masks = [0, 3, None, 5, 100]
    requests = [Request(text, mask_length=mask) for text, mask in zip(TEXTS, masks, strict=True)]
    wanted = [
        model.get_ppl([text], None if mask is None else [mask])[0] for text, mask in zip(TEXTS, masks, strict=True)
    ]
    for chosen in ([2], [0, 1, 3, 4]):  # a data set masks all of its requests or none
        asked = [requests[position] for position in chosen]
        assert dict(model.score(asked, 2, set())) == pytest.approx(
            {place: wanted[position] for place, position in enumerate(chosen)}, rel=1e-4, abs=1e-6
        )
        assert list(model.score(asked, 1, set(range(len(asked))))) == []


def without_tree(tiny: Path) -> HuggingFaceCausalLM:
    """The model as one whose attention does not take the mask of a tree."""
    model = load(tiny)
    model.__dict__['_trie'] = None
    return model


@pytest.mark.parametrize('in_tree', [True, False])
@pytest.mark.parametrize('prompt', ['Answer:', 'Answer: ', '答案：', TEXTS[3]])
def test_choices_are_weighed_right_after_the_prompt(tiny: Path, prompt: str, in_tree: bool) -> None:
    import torch

    model = load(tiny) if in_tree else without_tree(tiny)
    choices = tuple(model.tokenizer.convert_tokens_to_ids(['A', 'B', '▁A']))
    requests = [Request(prompt, choices=choices), Request(TEXTS[3] * 2, choices=choices[:1])]
    found = dict(model.choice_logits(requests, None, 2, set()))
    ids = ids_of(model, prompt)
    if prompt.endswith(' '):
        assert ids[-1] == model.tokenizer.convert_tokens_to_ids('▁')
        ids = ids[:-1]  # the blank begins the answer's token
    with torch.no_grad():
        wanted = model.model(torch.tensor([ids])).logits[0, -1, list(choices)].tolist()
    assert found[0] == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    assert list(model.choice_logits(requests, None, 2, {0, 1})) == []


def test_answer_that_leaves_no_room_for_a_prompt_is_refused(model: HuggingFaceCausalLM) -> None:
    with pytest.raises(ValueError, match='max_out_len 256 leaves no room for a prompt in max_seq_len 256'):
        model.generate(['a'], max_out_len=256)


def test_nothing_asked_gives_nothing(model: HuggingFaceCausalLM) -> None:
    assert (model.get_ppl([]), model.generate([], max_out_len=4)) == ([], [])


def test_one_text_is_not_taken_for_a_list_of_letters(model: HuggingFaceCausalLM) -> None:
    for ask in (model.get_ppl, lambda text: model.generate(text, max_out_len=4)):
        with pytest.raises(TypeError, match="takes texts in a list, not the str 'abc'"):
            ask('abc')
    with pytest.raises(TypeError, match=r"not the list \['a', 'b'\]"):
        model.get_token_len(['a', 'b'])


def test_one_prompt_instead_of_a_list_gives_one_result(model: HuggingFaceCausalLM) -> None:
    [score], [answer] = model.get_ppl([TEXTS[1]]), model.generate([TEXTS[1]], max_out_len=6)
    assert model.get_ppl_from_template(TEXTS[1]) == score
    assert model.generate_from_template(PromptList([TEXTS[1]]), max_out_len=6) == answer


def test_an_end_token_inside_a_text_counts_like_any_other(tiny: Path) -> None:
    padded_with_it = load(tiny)
    padded_with_it.tokenizer.pad_token = padded_with_it.tokenizer.eos_token
    text = 'one</s>two'
    wanted = losses(padded_with_it, ids_of(padded_with_it, text))
    assert 2 in ids_of(padded_with_it, text)
    assert padded_with_it.get_ppl([text, TEXTS[3]])[0] == pytest.approx(sum(wanted) / (len(wanted) + 1), rel=1e-5)


def test_an_answer_to_a_prompt_that_was_cut_is_whole(tiny: Path) -> None:
    short = load(tiny, max_seq_len=16, extract_pred_after_decode=True)
    plain = load(tiny, max_seq_len=16)
    assert short.generate([TEXTS[3]], max_out_len=6)[0].strip() == plain.generate([TEXTS[3]], max_out_len=6)[0].strip()
    assert short.generate([TEXTS[3]], max_out_len=6) != ['']


def test_an_empty_prompt_begins_with_the_start_token(tiny: Path) -> None:
    no_start = load(tiny)
    no_start.tokenizer.add_bos_token = False
    no_start.tokenizer.backend_tokenizer.post_processor = None
    assert ids_of(no_start, '') == []
    wanted = own_answer(no_start, [no_start.tokenizer.bos_token_id], 6)
    assert wanted != ''
    assert no_start.generate(['', TEXTS[1]], max_out_len=6)[0].strip() == wanted.strip()


def test_the_plain_class_scores_and_generates_too(model: HuggingFaceCausalLM, tiny: Path) -> None:
    plain = HuggingFace(str(tiny), max_seq_len=256, model_kwargs={'torch_dtype': 'float32'})
    assert plain.get_ppl(TEXTS) == model.get_ppl(TEXTS)
    assert plain.generate(TEXTS, max_out_len=6) == model.generate(TEXTS, max_out_len=6)


@pytest.mark.parametrize(
    ('ask', 'message'), [('generate', 'generate'), ('get_ppl', 'score'), ('get_token_len', 'count')]
)
def test_a_model_class_that_is_not_finished_says_what_it_cannot_do(ask: str, message: str) -> None:
    arguments = (['a'], 1) if ask == 'generate' else (['a'],)
    with pytest.raises(NotImplementedError, match=f'BaseModel cannot {message}'):
        getattr(BaseModel('x'), ask)(*arguments)
