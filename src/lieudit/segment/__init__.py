"""Find the groups of a customer file, and say which ones nobody has named yet.

The door is :func:`segment_customers`; it gives a :class:`Segmentation`. :func:`plane` draws one on a plane.
"""

from lieudit.segment.candidates import Candidate
from lieudit.segment.compare import Agreement, ClosestRule
from lieudit.segment.describe import Trait
from lieudit.segment.door import segment_customers
from lieudit.segment.labelling import label_customers
from lieudit.segment.methods import METHODS
from lieudit.segment.model import NOISE, ClusterModel, Labels
from lieudit.segment.naming import NOISE_NAME, Name
from lieudit.segment.plane import plane
from lieudit.segment.segmentation import Segment, Segmentation, Status
from lieudit.segment.surrogate import HumanRule

__all__ = [
    "METHODS",
    "NOISE",
    "NOISE_NAME",
    "Agreement",
    "Candidate",
    "ClosestRule",
    "ClusterModel",
    "HumanRule",
    "Labels",
    "Name",
    "Segment",
    "Segmentation",
    "Status",
    "Trait",
    "label_customers",
    "plane",
    "segment_customers",
]
