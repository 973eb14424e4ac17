"""Penalties: one file each, separable over the weights or over groups of them; strength 0 means none."""

from fastreg.penalties.bounded import Bounded
from fastreg.penalties.elastic_net import ElasticNet
from fastreg.penalties.group_l2 import GroupL2
from fastreg.penalties.l1 import L1
from fastreg.penalties.l2 import L2
from fastreg.penalties.none import NoPenalty

__all__ = ["L1", "L2", "Bounded", "ElasticNet", "GroupL2", "NoPenalty"]
