"""Fictional customers at real communes, to try the whole job on.

Public names: :func:`run_demo`, :class:`Shown`, :func:`write_demo`, :class:`DemoFiles`, :func:`recovery`,
:data:`GROUPS`.
"""

from lieudit.demo.groups import GROUPS
from lieudit.demo.recovery import recovery
from lieudit.demo.run import Shown, run_demo
from lieudit.demo.write import DemoFiles, write_demo

__all__ = ["GROUPS", "DemoFiles", "Shown", "recovery", "run_demo", "write_demo"]
