"""What several test files need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project import RUN

TOKENIZER = RUN.parents[1] / 'assets' / 'tigerbot-nano' / 'base'
#: Name of a test's property.
AT_THE_END = 'at the end'


@pytest.fixture(scope='session')
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a seeded random Llama with grouped-query attention."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp('tiny') / 'llama'
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.2,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope='module')
def one_thread() -> Iterator[None]:
    """More threads only wait for each other on so small a model."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def say_at_the_end(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Call it with a line for the end of the test run, where it stands whether the test passes or fails."""
    return lambda line: record_property(AT_THE_END, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many recorded cases were compared, kind by kind. Properties of reports come from other processes, too."""
    reports = [*terminalreporter.getreports('passed'), *terminalreporter.getreports('failed')]
    lines = [str(line) for report in reports for name, line in report.user_properties if name == AT_THE_END]
    if lines:
        terminalreporter.section('recorded behaviour')
        terminalreporter.write_line('\n'.join(sorted(lines)))
