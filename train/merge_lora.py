"""Merge adapters into the plain weights of their base model, and check that the model stays the same.

    python train/merge_lora.py --adapter_path ckpt-qlora --output_dir tigerbot-7b-mine
    python train/merge_lora.py --adapter_path ckpt-qlora --output_dir out --model_name_or_path tigerbot-7b-base

The base is loaded in full precision, also where the adapters were trained on a quantized one. Nothing is written unless
the logits of sample texts are the same before and after. The result is a checkpoint like any other:
`python infer.py --model_path tigerbot-7b-mine`.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from train.adapters import CONFIG_FILE, adapter_folder
from train.tokenizer_files import TokenizerFiles
from utils.settings import told

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor
    from transformers import PreTrainedModel

    from utils.modeling_hack import Loaded

DTYPES = ('float32', 'bfloat16', 'float16')
#: Most that logits may change, as a share of their spread; 16-bit weights have few digits.
TOLERANCE = {'float32': 1e-4, 'float16': 0.01, 'bfloat16': 0.05}
#: Most that merging may change them, as a share of what the adapters change: else something else was merged.
SHARE = 0.1
#: Below it a difference is rounding, however little the adapters change.
FLOOR = 1e-5
TEXTS = (
    '\n\n### Instruction:\nWhat is the capital of France?\n\n### Response:\nThe capital of France is Paris.',
    '\n\n### Instruction:\n请介绍一下老虎。\n\n### Response:\n老虎是一种大型猫科动物,生活在亚洲的森林里。',
    'def area(width, height):\n    """Area of a rectangle."""\n    return width * height\n',
    'In 1905 he wrote four papers, and each of them changed what was known about light, matter, space and time.',
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    add = parser.add_argument
    add('--adapter_path', required=True, metavar='A', help='output folder of train_with_qlora.py')
    add('--output_dir', required=True, metavar='O', help='new folder for the merged checkpoint')
    add('--model_name_or_path', metavar='M', help='base model; the one that the adapters name, if left out')
    add('--dtype', choices=DTYPES, help="of the weights written; the base model's own if left out")
    add('--compute_dtype', choices=DTYPES, default='float32', help='to merge and compare in (float32)')
    add('--max_shard_size', default='5GB', metavar='S', help='of a file of weights (5GB)')
    return parser.parse_args()


def base_of(adapter: Path, given: str | None) -> str:
    """Path or name of the base model, from a flag or from what the adapters say."""
    named = given or json.loads((adapter / CONFIG_FILE).read_text('utf-8')).get('base_model_name_or_path')
    if not named:
        raise ValueError(f'{adapter / CONFIG_FILE} names no base model; give it by --model_name_or_path')
    return str(named)


def load_base(base: str, dtype: str) -> tuple[Loaded, str]:
    """The base in full precision, and the data type of its files; ValueError for a quantized checkpoint."""
    from transformers import AutoConfig

    from utils.modeling_hack import checkpoint, get_model

    config = AutoConfig.from_pretrained(checkpoint(base))
    if getattr(config, 'quantization_config', None) is not None:
        raise ValueError(
            f'the base model {base} is quantized, and adapters merged into rounded weights are rounded away; give the '
            'plain checkpoint that it was made from by --model_name_or_path'
        )
    own = str(config.dtype).removeprefix('torch.')
    return get_model(base, dtype=dtype), own if own in DTYPES else 'float32'


def put_on(model: PreTrainedModel, adapter: Path) -> PeftModel:
    """The model with its adapters; ValueError where they are those of another model."""
    from peft import PeftModel, get_peft_model_state_dict
    from peft.utils import load_peft_weights

    try:
        adapted = PeftModel.from_pretrained(model, str(adapter)).eval()
    except (RuntimeError, ValueError) as error:
        raise ValueError(f'the adapters in {adapter} do not fit the base model: {str(error).strip()[:400]}') from error
    stored, wanted = set(load_peft_weights(str(adapter), device='cpu')), set(get_peft_model_state_dict(adapted))
    if stored != wanted:
        raise ValueError(
            f'the adapters in {adapter} do not fit the base model: {len(wanted - stored)} parts of it get none and '
            f'{len(stored - wanted)} are left over, such as {min(stored ^ wanted)}'
        )
    return adapted


def logits(model: Any, samples: list[list[int]]) -> list[Tensor]:
    """Logits of each sample, in float32 on the CPU."""
    import torch

    with torch.inference_mode():
        return [model(torch.tensor([ids], device=model.device)).logits[0].float().cpu() for ids in samples]


def difference(found: list[Tensor], right: list[Tensor]) -> float:
    """Root mean square difference of logits as a share of their spread, of the worst sample; infinite for NaN."""
    pairs = zip(found, right, strict=True)
    shares = [((one - two).norm() / (two - two.mean(-1, keepdim=True)).norm()).item() for one, two in pairs]
    return max(math.inf if math.isnan(share) else share for share in shares)


def check(what: str, changed: float, limit: float) -> None:
    """ValueError where logits changed by more than the limit."""
    if not changed <= limit:
        raise ValueError(
            f'{what} gives other logits than base and adapters: they differ by {changed:.2e} of their spread, where '
            f'{limit:.2e} is allowed; nothing was written'
        )


class Merged(NamedTuple):
    """The merged model, the logits of base and adapters, and how far the adapters change them."""

    model: PreTrainedModel
    right: list[Tensor]
    effect: float


def merged(loaded: Loaded, adapter: Path, samples: list[list[int]], tolerance: float) -> Merged:
    """Base and adapters in one; ValueError unless the logits are the same."""
    plain = logits(loaded.model, samples)
    adapted = put_on(loaded.model, adapter)
    right = logits(adapted, samples)
    model = adapted.merge_and_unload(safe_merge=True)
    effect, changed = difference(plain, right), difference(logits(model, samples), right)
    print(f'The adapters change logits by {effect:.2e} of their spread, merging by {changed:.2e}')
    if not effect:
        print('These adapters change nothing: they were not trained', file=sys.stderr)
    check('merging', changed, min(tolerance, max(SHARE * effect, FLOOR)))
    return Merged(model, right, effect)


def write(model: PreTrainedModel, loaded: Loaded, base: str, adapter: Path, folder: Path, shard: str) -> None:
    """A whole checkpoint, with the tokenizer that lies beside the adapters, else that of the base."""
    from transformers import GenerationConfig

    # A checkpoint's own settings may be such that transformers refuses to save them.
    model.generation_config = GenerationConfig()
    model.save_pretrained(folder, max_shard_size=shard)
    loaded.generation_config.to_json_file(folder / 'generation_config.json')
    has_own = (adapter / 'tokenizer_config.json').is_file()
    TokenizerFiles(str(adapter) if has_own else base).copy(folder)


def compare_written(folder: Path, samples: list[list[int]], right: list[Tensor], effect: float, limit: float) -> None:
    """Load what was written and compare it with base and adapters; a word where rounding undoes the adapters."""
    from utils.modeling_hack import get_model

    changed = difference(logits(get_model(str(folder), dtype='float32').model, samples), right)
    print(f'The written weights change logits by {changed:.2e}')
    check('the written checkpoint', changed, limit)
    if effect and changed > effect / 2:
        print('That is more than half of what the adapters change: consider --dtype float32', file=sys.stderr)


def merge(asked: argparse.Namespace) -> None:
    """Load, merge, compare, write under another name, compare what was written, rename."""
    import torch

    target = Path(asked.output_dir).expanduser()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ValueError(f'--output_dir {target} is there and not empty; give a new folder')
    partial = target.with_name(f'{target.name}.partial')
    adapter = adapter_folder(asked.adapter_path)
    base = base_of(adapter, asked.model_name_or_path)
    print(f'Merging {adapter} into {base}')
    loaded, own = load_base(base, asked.compute_dtype)
    dtype = asked.dtype or own
    samples = [loaded.tokenizer(text)['input_ids'] for text in TEXTS]
    model, right, effect = merged(loaded, adapter, samples, TOLERANCE[asked.compute_dtype])
    try:
        write(model.to(getattr(torch, dtype)), loaded, base, adapter, partial, asked.max_shard_size)
        del model, loaded
        compare_written(partial, samples, right, effect, max(TOLERANCE[dtype], TOLERANCE[asked.compute_dtype]))
        if target.exists():
            target.rmdir()
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    print(f'Merged weights, {dtype}, are in {target}')


def main() -> None:
    asked = arguments()
    with told():
        merge(asked)


if __name__ == '__main__':
    main()
