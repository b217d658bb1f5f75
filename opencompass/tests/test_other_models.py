"""Models that packages of others run on GPUs: stand-ins have these packages' signatures, the weights are real."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from tiny_llama import TEXTS, load

from opencompass.models import GLM130B, ExllamaCausalLM, GPTQCausalLM, Llama2Chat
from opencompass.utils.logging import get_logger
from opencompass.utils.prompt import PromptList

pytestmark = pytest.mark.usefixtures('one_thread')
Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Makes a module with these attributes importable."""

    def make(name: str, **attributes: Any) -> None:
        module = ModuleType(name)
        module.__dict__.update(attributes)
        monkeypatch.setitem(sys.modules, name, module)

    return make


class Cache:
    """As of exllamav2: where the next tokens are written."""

    def __init__(self, model: Any, batch_size: int = 1, max_seq_len: int = -1, lazy: bool = False) -> None:
        self.current_seq_len, self.ids = 0, []


class Exllama:
    """exllamav2 around a model of transformers: tokens before `current_seq_len` are those of earlier calls."""

    def __init__(self, config: Any, lazy_load: bool = False) -> None:
        from transformers import AutoModelForCausalLM

        self.model = AutoModelForCausalLM.from_pretrained(config.model_dir, dtype='float32').eval()

    def load_autosplit(self, cache: Cache, reserve_vram: Any = None) -> None:
        self.is_loaded = True

    def forward(self, input_ids: Any, cache: Cache | None = None, last_id_only: bool = False) -> Any:
        import torch

        cache.ids = [*cache.ids[: cache.current_seq_len], *input_ids[0].tolist()]
        logits = self.model(torch.tensor([cache.ids])).logits[:, cache.current_seq_len :]
        cache.current_seq_len = len(cache.ids)
        return logits[:, -1:] if last_id_only else logits


@pytest.fixture
def exllama(tiny: Path, install: Install, monkeypatch: pytest.MonkeyPatch) -> ExllamaCausalLM:
    import torch

    get_logger()  # it asks for GPUs, too, when it is made
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    install(
        'exllamav2',
        ExLlamaV2=Exllama,
        ExLlamaV2Cache=Cache,
        ExLlamaV2Config=lambda model_dir=None: SimpleNamespace(model_dir=model_dir),
    )
    return ExllamaCausalLM(str(tiny), max_seq_len=256)


def test_exllama_scores_and_answers_as_transformers_does(exllama: ExllamaCausalLM, tiny: Path) -> None:
    plain = load(tiny)
    assert exllama.get_ppl(TEXTS) == pytest.approx(plain.get_ppl(TEXTS), rel=1e-5)
    assert exllama.generate(TEXTS, max_out_len=12) == plain.generate(TEXTS, max_out_len=12)
    assert exllama.fingerprint()['checkpoint'] == plain.fingerprint()['checkpoint']


def test_exllama_without_a_gpu_says_what_to_use(tiny: Path) -> None:
    with pytest.raises(RuntimeError, match='needs a CUDA GPU, and torch sees none; use HuggingFaceCausalLM'):
        ExllamaCausalLM(str(tiny))


def test_exllama_without_its_package_names_the_install_command(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    get_logger()
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    monkeypatch.setitem(sys.modules, 'exllamav2', None)
    with pytest.raises(ImportError, match='pip install exllamav2'):
        ExllamaCausalLM(str(tiny))


def test_gptq_without_its_package_names_the_install_command(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ('gptqmodel', 'auto_gptq'):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match='pip install gptqmodel optimum'):
        GPTQCausalLM(str(tiny))


def test_gptq_weights_take_no_adapters(tiny: Path) -> None:
    with pytest.raises(ValueError, match='merge lora before quantizing'):
        GPTQCausalLM(str(tiny), peft_path='lora')


def test_gptq_is_loaded_by_gptqmodel_and_scores_as_its_weights_do(tiny: Path, install: Install) -> None:
    plain, asked = load(tiny), []

    def load_quantized(folder: str, **kwargs: Any) -> Any:
        asked.append((folder, kwargs))
        return SimpleNamespace(model=plain.model)

    install('gptqmodel', GPTQModel=SimpleNamespace(load=load_quantized), __spec__=SimpleNamespace())
    model = GPTQCausalLM(str(tiny), max_seq_len=256, model_kwargs={'device': 'cpu'})
    assert asked == [(str(tiny), {'device': 'cpu'})]
    assert model.get_ppl(TEXTS) == plain.get_ppl(TEXTS)


class Dialogs:
    """As of Meta's package: an AssertionError for all dialogs where one is too long."""

    model, tokenizer = 'model', SimpleNamespace(encode=lambda text, bos, eos: [1, *text.split(), 2])

    def __init__(self) -> None:
        self.asked: list[list] = []

    def chat_completion(self, dialogs: list, max_gen_len: int, temperature: float) -> list[dict]:
        self.asked.append(dialogs)
        assert all(len(dialog[-1]['content']) < 9 for dialog in dialogs), 'too long'
        return [{'generation': {'content': dialog[-1]['content'].upper()}} for dialog in dialogs]


def test_one_dialog_that_is_too_long_costs_only_its_own_answer(install: Install) -> None:
    made = Dialogs()
    install('llama', Llama=SimpleNamespace(build=lambda *_: made))
    model = Llama2Chat('folder')
    assert model.processes(8) == 8
    chat = PromptList([{'role': 'SYSTEM', 'prompt': 's'}, {'role': 'HUMAN', 'prompt': 'hi'}])
    assert model.generate([chat, 'far too long', 'x'], max_out_len=5) == ['HI', '', 'X']
    assert made.asked[0][0] == [{'role': 'system', 'content': 's'}, {'role': 'user', 'content': 'hi'}]


@pytest.fixture
def glm(install: Install) -> Callable[..., GLM130B]:
    """GLM-130B whose tokenizer has a token a character and which fills a blank with 'ok'."""
    commands = {'[MASK]': -10, '[gMASK]': -11, '[sMASK]': -12, 'sop': -13, 'eop': -14, 'eos': -15}
    tokenizer = SimpleNamespace(
        tokenize=lambda text: [*map(ord, text)],
        get_command=commands.__getitem__,
        detokenize=lambda ids: ''.join(map(chr, ids)),
    )

    def fill(model: Any, ids: Any, lengths: Any, strategy: Any, get_masks_and_position_ids: Any) -> Any:
        return [[[*ids[0].tolist(), *map(ord, 'ok'), commands['eop'], -1]]], None

    install(
        'SwissArmyTransformer',
        get_args=lambda words: SimpleNamespace(max_sequence_length=30, device='cpu', temperature=1, top_k=0, top_p=0),
    )
    install('initialize', initialize_model_and_tokenizer=lambda args: ('model', tokenizer))
    install('generation', BaseStrategy=lambda **_: None)
    install('generate', get_masks_and_position_ids=dict)
    install('evaluation')
    install('evaluation.model', batch_filling_sequence=fill)
    return lambda **settings: GLM130B('pkg', 'ckpt', **settings)


@pytest.mark.parametrize('prompt', ['Say', 'a [MASK] b', 'a [sMASK]', 'a [gMASK]', ''])
def test_glm_gives_all_that_fills_the_blank_wherever_it_is(glm: Callable[..., GLM130B], prompt: str) -> None:
    assert glm().generate([prompt], max_out_len=5) == ['ok']


def test_glm_keeps_the_length_that_the_config_gives(glm: Callable[..., GLM130B]) -> None:
    assert (glm().max_seq_len, glm(max_seq_len=20).max_seq_len) == (30, 20)
    with pytest.raises(ValueError, match='has 27 tokens; GLM130B takes less than 20'):
        glm(max_seq_len=20).generate(['x' * 25], max_out_len=5)


def test_glm_names_a_text_without_the_mark_of_what_is_scored(glm: Callable[..., GLM130B]) -> None:
    with pytest.raises(ValueError, match=r"\[MASK\], which is missing in 'abc'"):
        glm().get_ppl(['abc'])


def test_glm_without_its_package_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'SwissArmyTransformer', None)
    with pytest.raises(ImportError, match='pip install "SwissArmyTransformer<0.3"'):
        GLM130B('pkg', 'ckpt')


def test_glm_without_the_code_of_its_makers_says_where_it_is(
    glm: Callable[..., GLM130B], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, 'initialize', None)
    with pytest.raises(
        ImportError, match='https://github.com/THUDM/GLM-130B: clone it and name its folder in pkg_root'
    ):
        glm()


def test_glm_without_a_gpu_says_how_many_it_needs(glm: Callable[..., GLM130B], install: Install) -> None:
    def load(args: Any) -> Any:
        raise AssertionError('Torch not compiled with CUDA enabled')

    install('initialize', initialize_model_and_tokenizer=load)
    with pytest.raises(RuntimeError, match='as many CUDA GPUs as the checkpoint has parts .* and torch sees none'):
        glm()
