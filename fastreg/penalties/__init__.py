"""Penalties: one file each, separable over the weights; strength 0 means none."""

from fastreg.penalties.bounded import Bounded
from fastreg.penalties.elastic_net import ElasticNet
from fastreg.penalties.l1 import L1
from fastreg.penalties.l2 import L2
from fastreg.penalties.none import NoPenalty

__all__ = ["L1", "L2", "Bounded", "ElasticNet", "NoPenalty"]
