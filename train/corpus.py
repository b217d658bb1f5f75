"""The data sets of a training: read, checked, tokenized once, and kept in the cache for the next start."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from train.encode import Encoder, fingerprint, shown
from train.flags import DataFlags
from train.packing import PackedRows, planned
from train.records import BadRecord, files_of, parsed, rows, split_by_name

if TYPE_CHECKING:
    import datasets

#: So many bad records of a kind are named.
NAMED = 5
TRAIN_SHARE = 0.8


class Corpus(NamedTuple):
    """Data to train on and to validate with (None where there is none), and how many tokens are learned."""

    train: Any
    validation: Any
    learned_tokens: int


class Files(NamedTuple):
    """Files of records of both kinds; no validation files where there are none."""

    train: list[str]
    validation: list[str]


class Raw(NamedTuple):
    """Records before they are tokenized, a key of their content, and their files; [] where `datasets` read them."""

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
    return Files(
        files_of(flags.train_file_path), files_of(flags.validate_file_path) if flags.validate_file_path else []
    )


def corpus(flags: DataFlags, encoder: Encoder, is_evaluated: bool) -> Corpus:
    """The data of a training. Bad records are named and left out; ValueError where nothing would be learned.

    Without data for validation the last fifth of the records is taken for it, as the scripts always did.
    """
    training, validation = _raw(sources(flags))
    train = _encoded(training, encoder, flags, 'training')
    checked = None if validation is None else _encoded(validation, encoder, flags, 'validation')
    if checked is None:
        size = round(TRAIN_SHARE * len(train))
        train, checked = train.select(range(size)), train.select(range(size, len(train)))
    if is_evaluated and not len(checked):
        raise ValueError(
            f'{len(train)} records of training leave none for validation; give --validate_file_path or no --do_eval'
        )
    learned = sum(train['learned_count'])
    print(f'{len(train)} examples to train on, {len(checked)} for validation; {learned} tokens are learned an epoch')
    first = train[0]
    mask = first.get('learned') or [True] * len(first['input_ids'])
    print(f'The first example; what is learned stands between ⟦ and ⟧:\n{shown_row(encoder, first["input_ids"], mask)}')
    return Corpus(_packed(train, flags), _packed(checked, flags) if len(checked) else None, learned)


def shown_row(encoder: Encoder, ids: list[int], learned: list[bool]) -> str:
    """An example for a person. Its first token is never learned: nothing comes before it."""
    from train.encode import Example

    return shown(encoder.tokenizer, Example(ids, [False, *learned[1:]]))


def _packed(examples: datasets.Dataset, flags: DataFlags) -> Any:
    if not flags.packing and 'learned' in examples.column_names:
        return examples
    sizes = examples['length']
    if flags.packing and 'learned' not in examples.column_names:
        return PackedRows(examples, planned(sizes, flags.max_length))
    return PackedRows(examples, _whole(sizes, flags))


def _whole(sizes: Iterable[int], flags: DataFlags) -> list:
    """Rows of whole examples where packing is on; without it a document too long is cut into rows of its own."""
    from train.packing import Piece, _cut, fitted

    sizes = list(sizes)
    if flags.packing:
        return [[Piece(one, 0, sizes[one]) for one in row] for row in fitted(sizes, flags.max_length)]
    return [[piece] for one, size in enumerate(sizes) for piece in _cut(Piece(one, 0, size), flags.max_length)]


def _raw(found: Files | str) -> tuple[Raw | None, Raw | None]:
    import datasets

    if isinstance(found, Files):
        return _of_files(found.train), _of_files(found.validation) if found.validation else None
    try:
        splits = datasets.load_dataset(found)
    except Exception as error:  # the hub's, the network's, or a builder's own
        raise ValueError(
            f'data set {found}: {str(error).strip().splitlines()[0]}; give a folder of files, or a hub name that can '
            'be reached'
        ) from error
    if 'train' not in splits:
        raise ValueError(f'data set {found} has the splits {", ".join(splits)}; train is needed')
    name = next((one for one in ('validation', 'valid', 'dev', 'test') if one in splits), None)
    raw = [Raw(splits[one], splits[one]._fingerprint, []) if one else None for one in ('train', name)]
    return raw[0], raw[1]


def _of_files(files: list[str]) -> Raw:
    """The records of files as text with where they stand, in the cache of `datasets`."""
    import datasets

    stamps = [(file, Path(file).stat().st_size, Path(file).stat().st_mtime_ns) for file in files]
    key = hashlib.sha256(json.dumps(stamps).encode()).hexdigest()[:16]
    features = datasets.Features(
        {'file': datasets.Value('int32'), 'line': datasets.Value('int64'), 'text': datasets.Value('large_string')}
    )
    made = datasets.Dataset.from_generator(
        _numbered, features=features, gen_kwargs={'files': tuple(files)}, fingerprint=key
    )
    return Raw(made, key, files)


def _numbered(files: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    numbers = {file: number for number, file in enumerate(files)}
    for row in rows(files):
        yield {'file': numbers[row.file], 'line': row.line, 'text': row.text}


def _encoded(raw: Raw, encoder: Encoder, flags: DataFlags, what: str) -> datasets.Dataset:
    """The good examples of raw records, after a report of the others."""
    is_text, records = bool(raw.files), raw.records
    workers = max(1, min(flags.preprocess_num_workers, len(records) // 1000 + 1))
    made = records.map(
        encode_rows,
        batched=True,
        batch_size=200,
        with_indices=True,
        num_proc=workers if workers > 1 else None,
        fn_kwargs={'encoder': encoder, 'is_text': is_text},
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
        raise ValueError(f'no record of the {what} data can be learned from; see the faults named above')
    cut = sum(made['is_cut'])
    if cut:
        print(f'{cut} of {len(made)} examples of {what} are longer than {flags.max_length} tokens; their ends are cut')
    return made.remove_columns(['fault', 'file', 'line', 'is_cut'])


def encode_rows(batch: dict[str, list], indices: list[int], encoder: Encoder, is_text: bool) -> dict[str, list]:
    """Examples of some records, or what is wrong with them. All columns of a text are as long as the batch."""
    size = len(indices)
    found: dict[str, list] = {
        'input_ids': [],
        'learned': [],
        'length': [],
        'learned_count': [],
        'fault': [],
        'file': batch['file'] if is_text else [0] * size,
        'line': batch['line'] if is_text else [index + 1 for index in indices],
        'is_cut': [],
    }
    for place in range(size):
        record = batch['text'][place] if is_text else {name: batch[name][place] for name in batch}
        ids, learned, is_cut, fault = _tried(record, encoder)
        found['input_ids'].append(ids)
        found['learned'].append(learned)
        found['length'].append(len(ids))
        found['learned_count'].append(sum(learned[1:]))
        found['is_cut'].append(is_cut)
        found['fault'].append(fault)
    if encoder.settings()['encoder'] == 'text':
        del found['learned']
    return found


def _tried(record: str | dict[str, Any], encoder: Encoder) -> tuple[list[int], list[bool], bool, str]:
    try:
        return *encoder(parsed(record) if isinstance(record, str) else record), ''
    except BadRecord as error:
        return [], [], False, str(error)


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
