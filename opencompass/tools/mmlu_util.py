"""The mean of the MMLU scores in a summary: `python tools/mmlu_util.py --path SUMMARY.csv --key MODEL`."""

from _begin import begin
from _subject_mean import run

if __name__ == '__main__':
    begin(lambda: run('mmlu'))
