"""The one flow of the training scripts: data, model, training, evaluation, saving."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, GenerationConfig, PreTrainedModel, TrainerCallback, TrainingArguments
from transformers.utils import is_flash_attn_2_available

from train.adapters import check_adapters
from train.checkpoints import checkpoints, resumed_from
from train.collate import Collator, layout_for
from train.corpus import Corpus, corpus
from train.encode import Encoder
from train.flags import DataFlags
from train.metrics import LossCurve
from train.packing import Evened
from train.stopping import STOPPED, StopOnSignal
from train.streamed import streamed
from train.tokenizer_files import TokenizerFiles
from train.trainer import Trainer, TrainingFailed, writing
from train.zero import check_resumable, start_processes
from utils.modeling_hack import best_dtype, check_complete, checkpoint, load_tokenizer
from utils.settings import told

MakeEncoder = Callable[[Any, Any], Encoder]
LoadModel = Callable[[Any, TrainingArguments], PreTrainedModel]


def load_full(flags: DataFlags, args: TrainingArguments) -> PreTrainedModel:
    """The whole model in float32, as weights are kept while they are trained; --bf16 computes in 16 bit."""
    model, report = AutoModelForCausalLM.from_pretrained(
        checkpoint(flags.model_name_or_path),
        dtype=torch.float32,
        attn_implementation=attention(flags, args),
        trust_remote_code=flags.trust_remote_code,
        output_loading_info=True,
    )
    check_complete(model, report['missing_keys'], flags.model_name_or_path)
    return model


def attention(flags: DataFlags, args: TrainingArguments) -> str | None:
    """The attention asked for, else flash attention where it is installed and computes (16 bit on a GPU)."""
    if flags.attn_implementation or args.use_cpu or not (args.bf16 or args.fp16):
        return flags.attn_implementation
    return 'flash_attention_2' if is_flash_attn_2_available() else None


def train(
    flags: DataFlags,
    args: TrainingArguments,
    make_encoder: MakeEncoder,
    load_model: LoadModel = load_full,
    *,
    always: bool = True,
    callbacks: Sequence[TrainerCallback] = (),
    finish: Callable[[Trainer], None] | None = None,
) -> Trainer:
    """Train, and evaluate where asked. The program ends with a message where its user has to mend something.

    Args:
        make_encoder: of tokenizer and flags.
        load_model: of flags and arguments.
        always: train without --do_train, as train_clm and train_sft always did.
        finish: called with the trainer after training, in place of saving the model in output_dir.
    """
    with interrupted(), told(TrainingFailed):
        start_processes(args)
        tokenizer = load_tokenizer(flags.model_name_or_path, trust_remote_code=flags.trust_remote_code)
        encoder = make_encoder(tokenizer, flags)
        made = data(flags, args, encoder)
        model = load_model(flags, args)
        check_fit(model, encoder, flags)
        stop = StopOnSignal()
        trainer = trainer_of(flags, args, model, encoder, made, [stop, LossCurve(), *callbacks])
        if always or args.do_train:
            _trained(flags, trainer, stop, finish)
        if args.do_eval and not stop.is_stopped:
            _evaluated(trainer)
    return trainer


def check_fit(model: PreTrainedModel, encoder: Encoder, flags: DataFlags) -> None:
    """ValueError where the tokenizer has tokens that the model lacks; a warning of rows longer than it reads."""
    config = model.config.get_text_config()
    if len(encoder.tokenizer) > config.vocab_size:
        raise ValueError(
            f'the tokenizer of {flags.model_name_or_path} has {len(encoder.tokenizer)} tokens and the model '
            f'{config.vocab_size}; take the tokenizer files that came with the model'
        )
    longest = getattr(config, 'max_position_embeddings', None)
    if longest and flags.max_length > longest:
        print(
            f'--max_length {flags.max_length} is more than the {longest} tokens that the model reads', file=sys.stderr
        )


@contextlib.contextmanager
def interrupted() -> Iterator[None]:
    """End the program with a word at a Ctrl-C before training has begun."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit('interrupted')


def data(flags: DataFlags, args: TrainingArguments, encoder: Encoder) -> Corpus:
    """The data; one process tokenizes, and only it tells."""
    with args.main_process_first(desc='tokenizing'), only_first(args):
        if not flags.streaming:
            return corpus(flags, encoder, is_evaluated=args.do_eval)
        if args.max_steps <= 0:
            raise ValueError('--streaming does not know how much data there is; give --max_steps')
        # Each process reads all and takes its share: batches of rows of other lengths cannot be sent around.
        args.accelerator_config.dispatch_batches = False
        return streamed(flags, encoder, is_evaluated=args.do_eval, seed=args.seed)


@contextlib.contextmanager
def only_first(args: TrainingArguments) -> Iterator[None]:
    """Let one process tell what all of them do."""
    if args.process_index == 0:
        yield
        return
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


def trainer_of(
    flags: DataFlags,
    args: TrainingArguments,
    model: PreTrainedModel,
    encoder: Encoder,
    made: Corpus,
    callbacks: Sequence[TrainerCallback],
) -> Trainer:
    """The trainer of a model and data, with what all scripts share."""
    is_spread = len(set((getattr(model, 'hf_device_map', None) or {}).values())) > 1
    if args.n_gpu > 1 and not is_spread:
        print(f'one process uses one of the {args.n_gpu} GPUs; torchrun or deepspeed use all', file=sys.stderr)
        args._n_gpu = 1
    args.remove_unused_columns = False  # the collator reads them
    args.logging_nan_inf_filter = False  # it would hide what Trainer looks for
    args.use_cache = False  # with a cache, the examples of a row would see each other
    layout = layout_for(model)
    if flags.muon and (args.deepspeed or args.fsdp):
        raise ValueError('--muon needs whole matrices, which DeepSpeed and FSDP cut up; leave one of them out')
    if layout == 'padded' and flags.packing:
        raise ValueError(f'{type(model).__name__} cannot keep documents of a row apart; give --packing False')
    _make_savable(model)
    # A chat template would spell conversations otherwise than the model learned them.
    has_template = encoder.is_text or flags.prompt_format != 'tigerbot'
    return Trainer(
        model=model,
        args=args,
        train_dataset=made.train,
        eval_dataset=_evened(made.validation, args),
        data_collator=collator(flags, encoder.tokenizer.pad_token_id or 0, layout),
        callbacks=list(callbacks),
        tokenizer_files=TokenizerFiles(flags.model_name_or_path, has_template),
        is_muon=flags.muon,
    )


def _evened(examples: Any, args: TrainingArguments) -> Any:
    """Data to validate with, filled up so that no process gets an example twice."""
    if examples is None or args.world_size == 1:
        return examples
    return Evened(examples, args.world_size * args.per_device_eval_batch_size)


def collator(flags: DataFlags, pad_id: int, layout: str) -> Collator:
    """What makes batches: as small as they can be, or all of one shape."""
    if not flags.pad_to_max_length:
        return Collator(pad_id, layout)
    return Collator(pad_id, layout if flags.packing else 'padded', multiple=flags.max_length)


def _make_savable(model: PreTrainedModel) -> None:
    """Give up generation settings that transformers refuses to save. The checkpoint's own file is copied anyway."""
    settings = getattr(model, 'generation_config', None)
    try:
        if settings is not None:
            settings.validate(strict=True)
    except ValueError:
        model.generation_config = GenerationConfig.from_model_config(model.config)


def _trained(flags: DataFlags, trainer: Trainer, stop: StopOnSignal, finish: Callable[[Trainer], None] | None) -> None:
    args = trainer.args
    with only_first(args):
        source = resumed_from(args.resume_from_checkpoint, args.output_dir)
    check_resumable(source, args)
    check_adapters(source, trainer.model)
    has_old = source is None and not flags.overwrite_output_dir and bool(checkpoints(args.output_dir))
    if has_old and args.process_index == 0:
        print(
            f'{args.output_dir} has checkpoints of an earlier run, and this run starts at step 0; '
            'give --resume_from_checkpoint auto to go on from them',
            file=sys.stderr,
        )
    try:
        result = trainer.train(resume_from_checkpoint=source)
        if not stop.is_stopped:
            if flags.save_dtype:
                _cast(trainer.model, flags.save_dtype)
            with writing(Path(str(args.output_dir)), 'the trained model'):
                trainer.save_model() if finish is None else finish(trainer)
    finally:
        stop.restore()
    if stop.is_stopped:
        if args.process_index == 0:
            step = trainer.state.global_step
            print(
                f'stopped by a signal after step {step}; checkpoint {args.output_dir}/checkpoint-{step} is complete. '
                'Go on with --resume_from_checkpoint auto',
                file=sys.stderr,
            )
        sys.exit(STOPPED)
    trainer.log_metrics('train', result.metrics)
    trainer.save_metrics('train', result.metrics)
    trainer.save_state()


def _cast(model: PreTrainedModel, name: str) -> None:
    """Give what was trained a data type. A base in few bits keeps its own."""
    for one in model.parameters():
        if one.requires_grad:
            one.data = one.data.to(best_dtype(model.config, name))


def _evaluated(trainer: Trainer) -> None:
    found = trainer.evaluate()
    trainer.log_metrics('eval', found)
    trainer.save_metrics('eval', found)
