"""What the user asks for: the configuration file, validated.

Public names: :class:`Config` and its sections, :func:`load`, :func:`shipped`, :class:`Playbook`,
:func:`load_playbooks`.
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

__all__ = [
    "Config",
    "CustomersConfig",
    "EnrichConfig",
    "Playbook",
    "RfmConfig",
    "TrackingConfig",
    "TrainConfig",
    "TransactionsConfig",
    "load",
    "load_playbooks",
    "parse_language",
    "shipped",
]
