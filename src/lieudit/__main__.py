"""``python -m lieudit`` is the command ``lieudit``."""

from lieudit.cli import run

run()
