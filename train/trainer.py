"""transformers' Trainer, which never loses a good checkpoint: whole ones only, none after the loss was lost."""

from __future__ import annotations

import errno
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import transformers
from transformers.trainer_utils import rotate_checkpoints

from train.checkpoints import MARK, discard, mark_complete, newest
from train.head import LearnedHead
from train.metrics import Meter, perplexity, tally
from train.muon import MuonAdamW
from train.stopping import Interrupted
from train.tokenizer_files import TokenizerFiles


class TrainingFailed(RuntimeError):
    """A training that cannot go on, with what its user can do."""


class Trainer(transformers.Trainer):
    """Marks complete checkpoints, and ends with a clear error when the loss is no number or the disk is full."""

    _last_norm: Any = None
    _meter: Meter | None = None

    def __init__(
        self, *args: Any, tokenizer_files: TokenizerFiles | None = None, is_muon: bool = False, **kwargs: Any
    ) -> None:
        """`tokenizer_files` are copied into what is saved; `is_muon` chooses the optimizer of `train.muon`."""
        super().__init__(*args, **kwargs)
        self._tokenizer_files, self._is_muon = tokenizer_files, is_muon
        is_plain = self.model_accepts_loss_kwargs and self.label_smoother is None and self.args.n_gpu <= 1
        # DeepSpeed and FSDP put weights together for a layer's own forward only.
        is_whole = not (self.is_deepspeed_enabled or self.is_fsdp_enabled or self.args.torch_compile)
        self._head = LearnedHead.of(self.model, in_parts=is_whole) if is_plain else None
        if self._head is not None and self._head.in_parts:
            self.compute_loss_func = self._head.loss

    def create_optimizer(self, model: torch.nn.Module | None = None) -> torch.optim.Optimizer:
        """That of the arguments, or Muon with AdamW."""
        if not self._is_muon:
            return super().create_optimizer(model)
        if self.optimizer is None:
            self.optimizer = MuonAdamW(self.model, self.args)
        return self.optimizer

    def _prepare_inputs(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """A batch on the device; its count of real tokens is ours alone."""
        inputs = super()._prepare_inputs(inputs)
        real = inputs.pop('real_tokens', None)
        if real is not None and self.model.training:
            self._meter = self._meter or Meter(
                self.model, self.args.device, torch.bfloat16 if self.args.bf16 else torch.float32
            )
            self._meter.add(real.sum(), inputs['input_ids'].numel())
        return inputs

    def log(self, logs: dict[str, float], *args: Any, **kwargs: Any) -> None:
        """Log, with speed and memory beside each loss of training."""
        if 'loss' in logs and self._meter is not None:
            logs |= self._meter.report(lambda counts: self.accelerator.gather(counts[None]).sum(0))
        super().log(logs, *args, **kwargs)

    def _maybe_log_save_evaluate(self, *args: Any, **kwargs: Any) -> None:
        """As transformers'. Evaluations and checkpoints are not counted into the speed."""
        has_pause, start = self.control.should_save or self.control.should_evaluate, time.perf_counter()
        super()._maybe_log_save_evaluate(*args, **kwargs)
        if has_pause and self._meter is not None:
            self._meter.started += time.perf_counter() - start

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> Any:
        """As transformers', with perplexity and accuracy. Each token has the same weight, whatever batch it is in."""
        self._tally = torch.zeros(3, dtype=torch.float64, device=self.args.device)
        found = super().evaluation_loop(*args, **kwargs)
        loss, right, count = self.accelerator.gather(self._tally[None]).sum(0).tolist()
        prefix = kwargs.get('metric_key_prefix', 'eval')
        mean = loss / max(count, 1)
        found.metrics[f'{prefix}_loss'] = mean
        found.metrics[f'{prefix}_perplexity'] = perplexity(mean)
        found.metrics[f'{prefix}_accuracy'] = right / max(count, 1)
        return found

    def prediction_step(self, model: torch.nn.Module, inputs: dict[str, Any], *_: Any, **__: Any) -> tuple:
        """Losses and right tokens of a batch are added up; neither logits nor predictions are kept."""
        inputs = self._prepare_inputs(inputs)
        with torch.no_grad(), self.compute_loss_context_manager():
            loss, outputs = self.compute_loss(model, inputs, return_outputs=True)
        right, count = self._right(outputs['logits'].argmax(dim=-1), inputs['labels'])
        loss = torch.where(count > 0, loss.detach(), 0.0)  # the mean of no loss is no number
        self._tally += torch.stack([loss * count, right, count]).to(self._tally)
        return loss, None, None

    def _right(self, predicted: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Right and learned tokens of predictions, be they of all positions or of learned ones."""
        if predicted.shape == labels.shape or self._head is None:
            return tally(predicted, labels)
        with self._head.only(labels) as expected:
            return (predicted == expected).sum(), torch.tensor(expected.numel(), device=labels.device)

    def compute_loss(self, model: torch.nn.Module, inputs: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """As transformers', with logits of learned positions alone."""
        if self._head is None:
            return super().compute_loss(model, inputs, *args, **kwargs)
        with self._head.only(inputs['labels']) as following:
            more = {} if self._head.in_parts else {'shift_labels': following}
            return super().compute_loss(model, {**inputs, **more}, *args, **kwargs)

    def _evaluate(self, *args: Any, **kwargs: Any) -> dict[str, float] | None:
        """As transformers'; None when a signal breaks it off."""
        try:
            return super()._evaluate(*args, **kwargs)
        except Interrupted:
            self.control.should_save = self.control.should_training_stop = True
            return None

    def _determine_best_metric(self, metrics: dict[str, float] | None, trial: Any) -> bool:
        return metrics is not None and super()._determine_best_metric(metrics, trial)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        """The model, with the files of its tokenizer as they are."""
        config = getattr(self.model, 'config', None)
        if config is not None:
            config.use_cache = True  # off while training, wanted by who generates
        super()._save(output_dir, state_dict)
        if config is not None:
            config.use_cache = False
        if self.args.should_save and self._tokenizer_files is not None:
            self._tokenizer_files.copy(Path(output_dir or self.args.output_dir))

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        """One step; TrainingFailed when its loss is no number."""
        loss = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            self._failed('the loss is not a number', self.state.global_step + 1)
        return loss

    def _get_grad_norm(self, *args: Any, **kwargs: Any) -> Any:
        self._last_norm = super()._get_grad_norm(*args, **kwargs)
        return self._last_norm

    def _failed(self, what: str, step: int) -> None:
        good = newest(self.args.output_dir) or 'the model at the start'
        raise TrainingFailed(
            f'{what} at step {step}. The last good checkpoint is {good}; '
            'go on from it with a lower --learning_rate, a longer --warmup_steps or --bf16 in place of --fp16'
        )

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        """A checkpoint, marked when all processes have written their part, and only then older ones removed."""
        with writing(Path(str(self.args.output_dir)), f'checkpoint-{self.state.global_step}'):
            self._save_whole_checkpoint(model, trial)

    def _save_whole_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        norm, folder = self._last_norm, Path(self.args.output_dir) / f'checkpoint-{self.state.global_step}'
        if norm is not None and not self.args.fp16 and not torch.isfinite(torch.as_tensor(norm)):
            self._failed('the gradient is not a number', self.state.global_step)
        limit, self.args.save_total_limit = self.args.save_total_limit, None
        try:
            (folder / MARK).unlink(missing_ok=True)
            super()._save_checkpoint(model, trial)
            if dist.is_initialized():
                dist.barrier()
            if self.args.should_save:
                mark_complete(folder, self.args.world_size)
        except BaseException:
            discard(folder)
            raise
        finally:
            self.args.save_total_limit = limit
        if self.args.should_save:
            rotate_checkpoints(
                output_dir=self.args.output_dir,
                save_total_limit=limit,
                best_model_checkpoint=self.state.best_model_checkpoint,
                use_mtime=True,
            )


@contextmanager
def writing(output_dir: Path, what: str) -> Iterator[None]:
    """TrainingFailed, with what to do, where something cannot be written for want of room."""
    try:
        yield
    except Exception as error:  # OSError, or what safetensors and torch make of it
        if not _is_of_disk(error):
            raise
        raise TrainingFailed(
            f'{what} could not be written in {output_dir}: {str(error).strip().splitlines()[0]}. Make room on the disk '
            'or lower --save_total_limit, then go on with --resume_from_checkpoint auto (last good checkpoint: '
            f'{newest(output_dir) or "none"})'
        ) from error


def _is_of_disk(error: BaseException) -> bool:
    """Whether writing failed. safetensors and torch hide the system's error number in their text."""
    known = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
    text = str(error).lower()
    words = ('no space left', 'quota exceeded', 'file too large', 'failed writing', 'unexpected pos', 'i/o error')
    return isinstance(error, OSError) and error.errno in known or any(word in text for word in words)
