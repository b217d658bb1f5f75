"""GLM-130B with the code of its makers."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ..registry import MODELS
from ..utils.optional import optional
from .base import BaseModel

if TYPE_CHECKING:
    import torch

MASK = re.compile(r'\[[sg]?MASK\]')
SOURCE = 'https://github.com/THUDM/GLM-130B'
#: From 0.3 on its module has another name, and the makers' code does not run with it.
PACKAGE = '"SwissArmyTransformer<0.3"'
#: What the command line of the makers' scripts says for the model of 130 billion parameters on eight GPUs.
COMMAND = (
    '--seed 1234 --mode inference --out-seq-length 256 --num-beams 4 --length-penalty 1.0 --no-repeat-ngram-size 3 '
    '--temperature 1.0 --top_k 0 --top_p 0 --output-path samples --model-parallel-size 8 --num-layers 70 '
    '--hidden-size 12288 --inner-hidden-size 32768 --vocab-size 150528 --num-attention-heads 96 '
    '--max-sequence-length 2048 --tokenizer-type icetk-glm-130B --layernorm-order post --load {checkpoint} --skip-init '
    '--fp16 --input-source interactive'
)
SETTINGS = {
    'bminf': False,
    'bminf_memory_limit': 20,
    'do_train': False,
    'from_quantized_checkpoint': False,
    'min_gen_length': 0,
    'print_all_beams': False,
    'quantization_bit_width': None,
    'sampling_strategy': 'BaseStrategy',
    'sequential_initialization': False,
}
#: Lengths that a row of tokens is filled up to are multiples of this.
STEP = 32


class Blank(NamedTuple):
    """Token ids of a text with a blank to fill, the place of the blank's mask, and whether the blank is a long one."""

    ids: list[int]
    place: int
    is_long: bool


@MODELS.register_module('GLM-130B')
class GLM130B(BaseModel):
    """GLM-130B (Zeng et al. 2022, arXiv:2210.02414), which fills a blank: `[MASK]`, `[sMASK]` (a sentence) or `[gMASK]`
    (a long text) in the prompt, or else one after it.

    Args:
        pkg_root: folder of the makers' repository.
        ckpt_path: folder of the checkpoint.
        kwargs: settings of the makers' scripts, e.g. `sampling_strategy='BeamSearchStrategy'`; `max_seq_len` and `path`
            as of every model.
    """

    def __init__(
        self,
        pkg_root: str,
        ckpt_path: str,
        tokenizer_only: bool = False,
        meta_template: dict | None = None,
        **kwargs: Any,
    ) -> None:
        if tokenizer_only:
            raise AssertionError('GLM130B cannot load its tokenizer alone: leave tokenizer_only out')
        longest = kwargs.pop('max_seq_len', None)
        super().__init__(kwargs.pop('path', ckpt_path), longest or 2048, tokenizer_only, meta_template)
        if pkg_root not in sys.path:
            sys.path.insert(0, pkg_root)  # where the modules named `generate`, `evaluation`, ... lie
        get_args = optional('SwissArmyTransformer', PACKAGE, 'GLM130B').get_args
        args = get_args(COMMAND.format(checkpoint=ckpt_path).split(' '))
        self.args = Namespace(**{**vars(args), **SETTINGS, **kwargs})
        self.model, self.tokenizer = self._loaded()
        self.max_seq_len = min(longest or args.max_sequence_length, args.max_sequence_length)
        self.ends = [self.tokenizer.get_command('eop'), self.tokenizer.get_command('eos')]
        self.strategy = self._strategy()

    def _loaded(self) -> tuple[Any, Any]:
        import torch

        load = self._module('initialize').initialize_model_and_tokenizer
        try:
            return load(self.args)
        except (AssertionError, RuntimeError) as error:
            if torch.cuda.is_available():
                raise
            raise RuntimeError(
                f'{self.path}: GLM130B needs as many CUDA GPUs as the checkpoint has parts (8 as published), '
                'and torch sees none'
            ) from error

    @staticmethod
    def _module(name: str) -> Any:
        try:
            return import_module(name)
        except ModuleNotFoundError as error:
            raise ImportError(
                f'GLM130B needs the module {error.name} of {SOURCE}: clone it and name its folder in pkg_root',
                name=name,
            ) from error

    def _strategy(self) -> Any:
        """How the next token is chosen."""
        args, generation = self.args, self._module('generation')
        if args.sampling_strategy == 'BaseStrategy':
            return generation.BaseStrategy(
                batch_size=1, temperature=args.temperature, top_k=args.top_k, top_p=args.top_p, end_tokens=self.ends
            )
        if args.sampling_strategy != 'BeamSearchStrategy':
            raise ValueError(
                f"sampling_strategy is 'BaseStrategy' or 'BeamSearchStrategy', not {args.sampling_strategy!r}"
            )
        return generation.BeamSearchStrategy(
            1,
            args.num_beams,
            length_penalty=args.length_penalty,
            consider_end=True,
            end_tokens=self.ends,
            no_repeat_ngram_size=args.no_repeat_ngram_size,
            min_gen_length=args.min_gen_length,
        )

    def get_token_len(self, prompt: str) -> int:
        return len(self.tokenizer.tokenize(prompt))

    def generate(self, inputs: list[str], max_out_len: int) -> list[str]:
        """What fills the first blank of each text."""
        return [self._filled(str(text), max_out_len) for text in inputs]

    def choice(self, inputs: list[str], choices: Sequence[str]) -> list[str]:
        """The likeliest of the choices after each text."""
        import torch

        evaluation, dataset = (
            self._module('evaluation.model'),
            self._module('evaluation.dataset').MultiChoiceTaskDataset,
        )
        tokens = [self.tokenizer.tokenize(choice) for choice in choices]
        is_single = all(len(ids) == 1 for ids in tokens)
        samples = [
            dataset.build_multiple_choice_sample(self.tokenizer.tokenize(text), tokens, is_single_token=is_single)
            for text in inputs
        ]
        batch = dataset.collate_fn(Namespace(is_single_token=is_single), samples)
        with torch.no_grad():
            scores = evaluation.ModelForEvaluation(self.model).cond_log_prob(batch)
        return [choices[max(range(len(choices)), key=list(row).__getitem__)] for row in scores]

    def get_ppl(self, inputs: list[str], mask_length: list[int] | None = None) -> list[float]:
        """Mean loss of the tokens of each text, in which `[MASK]` stands before what is scored.

        The tokens before the mask count, each as its own prediction, and of a masked text one more token counts in the
        sum than in the number: published scores are made so.
        """
        import torch

        logits, found = self.get_logits(inputs)
        skipped = mask_length or [0] * len(inputs)
        means = []
        for row, wanted, skip in zip(logits, found['labels'], skipped, strict=True):
            labels = torch.tensor(wanted, device=row.device)
            losses = torch.nn.functional.cross_entropy(row[: len(wanted)].float(), labels, reduction='none')
            means.append(losses[max(skip - 1, 0) :].sum().item() / max(len(wanted) - skip, 1))
        return means

    def get_logits(self, inputs: list[str]) -> tuple[torch.Tensor, dict]:
        """Logits [texts, tokens, vocabulary], filled up at the right, and {'labels': the token ids of each text}."""
        import torch

        spelled = [self._scored(text) for text in inputs]
        length = -(-max(len(ids) for ids, _ in spelled) // STEP) * STEP
        tokens, positions = (torch.zeros(len(inputs), length, dtype=torch.long) for _ in range(2))
        hidden = torch.ones(len(inputs), 1, length, length, dtype=torch.bool)
        for row, (ids, _) in enumerate(spelled):
            tokens[row, : len(ids)] = torch.tensor(ids)
            positions[row, : len(ids)] = torch.arange(len(ids))
            hidden[row, :, : len(ids), : len(ids)] = False
        with torch.no_grad():
            logits = self.model(
                *(one.to(self.args.device) for one in (tokens, positions, hidden)), log_attention_weights=None
            )[0]
        return logits, {'labels': [labels for _, labels in spelled]}

    def _scored(self, text: str) -> tuple[list[int], list[int]]:
        """What goes into the model for a text, and what should come out."""
        before, mask, after = str(text).partition('[MASK]')
        if not mask:
            raise ValueError(f'GLM130B scores what follows [MASK], which is missing in {str(text)[:80]!r}')
        context = [*self.tokenizer.tokenize(before), self.tokenizer.get_command(mask)]
        scored = self.tokenizer.tokenize(after)
        return [*context, self.tokenizer.get_command('sop'), *scored[:-1]], [*context, *scored]

    def _filled(self, text: str, max_out_len: int) -> str:
        import torch

        blank = self._blank(text)
        if len(blank.ids) >= self.max_seq_len:
            raise ValueError(
                f'a prompt has {len(blank.ids)} tokens; GLM130B takes less than {self.max_seq_len} with the answer'
            )
        place, gmask = blank.place, blank.is_long
        fill = self._module('evaluation.model').batch_filling_sequence
        masks = self._module('generate').get_masks_and_position_ids
        found, *_ = fill(
            self.model,
            torch.tensor([blank.ids], device=self.args.device),
            torch.tensor([len(blank.ids)], device=self.args.device),
            strategy=self.strategy,
            get_masks_and_position_ids=partial(masks, mask_position=place, max_gen_length=max_out_len, gmask=gmask),
        )
        return self.tokenizer.detokenize(self._answer(found[0][0], len(blank.ids)))

    def _blank(self, text: str) -> Blank:
        """The text with its first blank, or with one after it."""
        found = MASK.search(text)
        before, mask, after = (text[: found.start()], found[0], text[found.end() :]) if found else (text, '[gMASK]', '')
        command = self.tokenizer.get_command
        ids = self.tokenizer.tokenize(before)
        place = len(ids)
        ids = [*ids, command(mask), *self.tokenizer.tokenize(after)]
        return Blank([*ids, *([command('eos')] if after else []), command('sop')], place, mask == '[gMASK]')

    def _answer(self, filled: Any, start: int) -> list[int]:
        """The new tokens, up to the end: an end token, or -1 where the row is not used."""
        ids = filled.tolist() if hasattr(filled, 'tolist') else list(filled)
        new = ids[start:]
        return new[: next((place for place, one in enumerate(new) if one in (*self.ends, -1)), len(new))]
