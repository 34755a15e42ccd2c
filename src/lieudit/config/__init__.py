"""What the user asks for: the configuration file, validated.

Public names: :class:`Config` and its sections, :func:`load`, :func:`shipped`, :class:`Playbook`,
:func:`load_playbooks`, :class:`Triggers`, :func:`load_triggers`.
"""

from lieudit.config.load import load, parse_language, shipped
from lieudit.config.model import (
    Config,
    CustomersConfig,
    EnrichConfig,
    RfmConfig,
    TrackingConfig,
    TrainConfig,
    TransactionsConfig,
)
from lieudit.config.playbooks import Playbook, load_playbooks
from lieudit.config.triggers import Crossing, Triggers, load_triggers

__all__ = [
    "Config",
    "Crossing",
    "CustomersConfig",
    "EnrichConfig",
    "Playbook",
    "RfmConfig",
    "TrackingConfig",
    "TrainConfig",
    "TransactionsConfig",
    "Triggers",
    "load",
    "load_playbooks",
    "load_triggers",
    "parse_language",
    "shipped",
]
