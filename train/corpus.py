"""The data sets of a training: read, checked, tokenized once, and kept in the cache for the next start."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from train.encode import Encoder, Example, fingerprint, shown
from train.flags import DataFlags
from train.packing import PackedRows, laid_out
from train.records import BadRecord, files_of, parsed, rows, split_by_name

if TYPE_CHECKING:
    import datasets

#: So many bad records of a kind are named.
NAMED = 5
TRAIN_SHARE = 0.8


class Corpus(NamedTuple):
    """Data to train on and to validate with; None where there is none to validate with."""

    train: Any
    validation: Any


class Files(NamedTuple):
    """Files of records of both kinds; no validation files where there are none."""

    train: list[str]
    validation: list[str]


class Raw(NamedTuple):
    """Records before they are tokenized, a key of their content, and their files; none where `datasets` reads them."""

    records: Any
    key: str
    files: list[str]


def sources(flags: DataFlags) -> Files | str:
    """Files of the flags, or the name of a data set that only `datasets` can read."""
    if flags.dataset_name:
        place = Path(flags.dataset_name).expanduser()
        if not place.exists():
            return flags.dataset_name
        try:
            return Files(*split_by_name(files_of(str(place))))
        except ValueError:
            return str(place)
    if not flags.train_file_path:
        raise ValueError('One of --dataset_name or --train_file_path must be set')
    validation = files_of(flags.validate_file_path) if flags.validate_file_path else []
    return Files(files_of(flags.train_file_path), validation)


def corpus(flags: DataFlags, encoder: Encoder, is_evaluated: bool) -> Corpus:
    """The data of a training. Bad records are named and left out; ValueError where nothing would be learned.

    Without data for validation the last fifth of the records is taken for it, as the scripts always did.
    """
    found = sources(flags)
    training, validation = _of_both(found) if isinstance(found, Files) else _of_datasets(found)
    train = encoded(training, encoder, flags, 'training')
    checked = None if validation is None else encoded(validation, encoder, flags, 'validation')
    if checked is None and (size := round(TRAIN_SHARE * len(train))) < len(train):
        train, checked = train.select(range(size)), train.select(range(size, len(train)))
    if is_evaluated and checked is None:
        raise ValueError(
            f'{len(train)} records of training leave none for validation; give --validate_file_path or no evaluation'
        )
    learned, others = sum(train['learned_count']), 0 if checked is None else len(checked)
    print(f'{len(train)} examples to train on, {others} for validation; {learned} tokens are learned an epoch')
    first = train[0]
    tell_first(encoder, Example(first['input_ids'], first.get('learned') or [True] * first['length']))
    return Corpus(rows_of(train, flags, encoder), None if checked is None else rows_of(checked, flags, encoder))


def tell_first(encoder: Encoder, first: Example) -> None:
    """Print an example with its mask, so that a person sees what is learned."""
    print(f'The first example; what is learned stands between ⟦ and ⟧:\n{shown(encoder.tokenizer, first)}')


def rows_of(examples: datasets.Dataset, flags: DataFlags, encoder: Encoder) -> Any:
    """Examples as they are trained on: in rows where they are packed, or texts, which may have to be cut."""
    if not (flags.packing or encoder.is_text):
        return examples
    plan = laid_out(list(examples['length']), flags.max_length, flags.packing, encoder.is_text)
    return PackedRows(examples, plan)


def _of_both(files: Files) -> tuple[Raw, Raw | None]:
    return of_files(files.train), of_files(files.validation) if files.validation else None


def _of_datasets(name: str) -> tuple[Raw, Raw | None]:
    import datasets

    try:
        splits = datasets.load_dataset(name)
    except Exception as error:  # the hub's, the network's, or a builder's own
        raise ValueError(
            f'data set {name}: {str(error).strip().splitlines()[0]}; give a folder of files, or a hub name that can '
            'be reached'
        ) from error
    if 'train' not in splits:
        raise ValueError(f'data set {name} has the splits {", ".join(splits)}; train is needed')
    other = next((one for one in ('validation', 'valid', 'dev', 'test') if one in splits), None)
    train = Raw(splits['train'], splits['train']._fingerprint, [])
    return train, Raw(splits[other], splits[other]._fingerprint, []) if other else None


def of_files(files: list[str]) -> Raw:
    """The records of files as text with where they stand, in the cache of `datasets`."""
    import datasets

    stamps = [(file, Path(file).stat().st_size, Path(file).stat().st_mtime_ns) for file in files]
    key = hashlib.sha256(json.dumps(stamps).encode()).hexdigest()[:16]
    features = datasets.Features(
        {'file': datasets.Value('int32'), 'line': datasets.Value('int64'), 'text': datasets.Value('large_string')}
    )
    try:
        made = datasets.Dataset.from_generator(
            _numbered, features=features, gen_kwargs={'files': tuple(files)}, fingerprint=key
        )
    except datasets.exceptions.DatasetGenerationError as error:  # its cause says what is wrong
        raise error.__cause__ or error from None
    return Raw(made, key, files)


def _numbered(files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    numbers = {file: number for number, file in enumerate(files)}
    for row in rows(files):
        yield {'file': numbers[row.file], 'line': row.line, 'text': row.text}


def encoded(raw: Raw, encoder: Encoder, flags: DataFlags, what: str) -> datasets.Dataset:
    """The good examples of raw records, after a report of the others."""
    records = raw.records
    workers = max(1, min(flags.preprocess_num_workers, len(records) // 1000))
    made = records.map(
        encode_rows,
        batched=True,
        batch_size=200,
        with_indices=True,
        num_proc=workers if workers > 1 else None,
        fn_kwargs={'encoder': encoder, 'has_files': bool(raw.files)},
        remove_columns=records.column_names,
        new_fingerprint=fingerprint(encoder, raw.key),
        desc=f'tokenizing {what} data',
    )
    faults = list(made['fault'])
    if any(faults):
        files = raw.files or [f'{what} data']
        print(report(faults, list(made['file']), list(made['line']), files, what), file=sys.stderr)
        made = made.select([place for place, fault in enumerate(faults) if not fault])
    if not len(made):
        raise ValueError(f'no record of the {what} data can be learned from' + ('; see above' if faults else ''))
    shortened = sum(made['is_cut'])
    if shortened:
        print(f'{shortened} of {len(made)} examples of {what} have more than {flags.max_length} tokens; they are cut')
    return made.remove_columns(['fault', 'file', 'line', 'is_cut'])


def encode_rows(batch: dict[str, list], indices: list[int], encoder: Encoder, has_files: bool) -> dict[str, list]:
    """Examples of some records, or what is wrong with them."""
    size = len(indices)
    records = batch['text'] if has_files else [{name: batch[name][at] for name in batch} for at in range(size)]
    tried = [attempt(record, encoder) for record in records]
    examples = [example for example, _ in tried]
    return {
        'input_ids': [one.ids for one in examples],
        **({} if encoder.is_text else {'learned': [one.learned for one in examples]}),
        'length': [len(one.ids) for one in examples],
        'learned_count': [sum(one.learned[1:]) for one in examples],
        'is_cut': [one.is_cut for one in examples],
        'fault': [fault for _, fault in tried],
        'file': batch['file'] if has_files else [0] * size,
        'line': batch['line'] if has_files else [index + 1 for index in indices],
    }


def attempt(record: str | dict[str, Any], encoder: Encoder) -> tuple[Example, str]:
    """The example of a record, or an empty one and what is wrong."""
    try:
        return encoder(parsed(record) if isinstance(record, str) else record), ''
    except BadRecord as error:
        return Example([], []), str(error)


def report(faults: list[str], numbers: list[int], lines: list[int], files: list[str], what: str) -> str:
    """Bad records by kind of fault, with how many and where the first ones are."""
    counts = Counter(fault for fault in faults if fault)
    text = [f'{sum(counts.values())} of {len(faults)} records of the {what} data are left out:']
    for fault, count in counts.most_common():
        where = [
            f'{files[number]} line {line}'
            for one, number, line in zip(faults, numbers, lines, strict=True)
            if one == fault
        ]
        more = f' and {count - NAMED} more' if count > NAMED else ''
        text.append(f'  {count} x {fault}: {", ".join(where[:NAMED])}{more}')
    return '\n'.join(text)
