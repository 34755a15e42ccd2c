"""What the user asks for: the configuration file, validated.

Public names: :class:`Config` and its sections, :func:`load`, :func:`shipped`.
"""

from lieudit.config.load import load, shipped
from lieudit.config.model import (
    Config,
    CustomersConfig,
    EnrichConfig,
    RfmConfig,
    TrackingConfig,
    TrainConfig,
    TransactionsConfig,
)

__all__ = [
    "Config",
    "CustomersConfig",
    "EnrichConfig",
    "RfmConfig",
    "TrackingConfig",
    "TrainConfig",
    "TransactionsConfig",
    "load",
    "shipped",
]
