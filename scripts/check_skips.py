"""Fails if a test was skipped for a reason that does not hold on this machine; ends with the counts.

Usage: check_skips.py REPORT, where REPORT is what `pytest --junit-xml=REPORT` wrote. A test may be skipped for a reason
that begins with `needs a GPU`, or with `needs ../shared/` where the folder of recorded behaviour is really absent.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

RECORDED = Path(__file__).resolve().parents[2] / 'shared' / 'conformance'


class Outcome(NamedTuple):
    """What became of one test: passed, failed, xfailed or skipped; the reason is that of a skip."""

    test: str
    kind: str
    reason: str = ''


def outcome(case: ElementTree.Element) -> Outcome:
    """A module skipped as a whole counts as one test; its reason stands in the text and not in the message."""
    name = '.'.join(part for part in (case.get('classname'), case.get('name')) if part)
    if case.find('failure') is not None or case.find('error') is not None:
        return Outcome(name, 'failed')
    skipped = case.find('skipped')
    if skipped is None:
        return Outcome(name, 'passed')
    if skipped.get('type') == 'pytest.xfail':
        return Outcome(name, 'xfailed')
    message = skipped.get('message', '')
    if message == 'collection skipped':
        message = (skipped.text or '').partition('Skipped: ')[2].rstrip('\'")')
    return Outcome(name, 'skipped', message)


def is_allowed(reason: str, recorded: Path) -> bool:
    """Whether a test may be skipped for this reason; `recorded` is the folder of recorded behaviour."""
    if reason.startswith('needs ../shared/'):
        return not recorded.exists()
    return reason.startswith('needs a GPU')


def read(report: Path) -> list[Outcome]:
    """The outcome of every test in a report."""
    if not report.exists():
        raise SystemExit(f'{report}: no such report; the tests did not run to their end')
    return [outcome(case) for case in ElementTree.parse(report).iter('testcase')]


def main(report: Path, recorded: Path = RECORDED) -> int:
    """Prints the skips that must not be, then the counts; gives the exit code."""
    outcomes = read(report)
    refused = [each for each in outcomes if each.kind == 'skipped' and not is_allowed(each.reason, recorded)]
    for each in refused:
        print(f'{each.test}: skipped, though this machine could run it: {each.reason or "no reason given"}')
    count = Counter(each.kind for each in outcomes)
    print(f'{count["passed"]} passed, {count["failed"]} failed, {count["skipped"]} skipped')
    return 1 if refused or count['failed'] or not count['passed'] else 0


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
