"""Find the groups of a customer file, and say which ones nobody has named yet.

The door is :func:`segment_customers`; it gives a :class:`Segmentation`. :func:`plane` draws one on a plane.
"""

from lieudit.segment.candidates import Candidate
from lieudit.segment.compare import Agreement, ClosestRule
from lieudit.segment.describe import Trait
from lieudit.segment.door import segment_customers
from lieudit.segment.identity import Earlier, Identity, keep_identity
from lieudit.segment.judge import Judged, judge_groups
from lieudit.segment.labelling import label_customers
from lieudit.segment.methods import METHODS
from lieudit.segment.migration import ABSENT, Became, agreements, drift, drift_level, match_segments, migrations
from lieudit.segment.model import NOISE, ClusterModel, Labels
from lieudit.segment.naming import NOISE_NAME, Name
from lieudit.segment.plane import plane
from lieudit.segment.regroup import Alikeness
from lieudit.segment.segmentation import Segment, Segmentation, Status, rounded
from lieudit.segment.splits import RuleSplit
from lieudit.segment.surrogate import HumanRule
from lieudit.segment.typical import typical_customers
from lieudit.segment.worth import METRIC, Estimate, Explained

__all__ = [
    "ABSENT",
    "METHODS",
    "METRIC",
    "NOISE",
    "NOISE_NAME",
    "Agreement",
    "Alikeness",
    "Became",
    "Candidate",
    "ClosestRule",
    "ClusterModel",
    "Earlier",
    "Estimate",
    "Explained",
    "HumanRule",
    "Identity",
    "Judged",
    "Labels",
    "Name",
    "RuleSplit",
    "Segment",
    "Segmentation",
    "Status",
    "Trait",
    "agreements",
    "drift",
    "drift_level",
    "judge_groups",
    "keep_identity",
    "label_customers",
    "match_segments",
    "migrations",
    "plane",
    "rounded",
    "segment_customers",
    "typical_customers",
]
