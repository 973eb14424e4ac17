from fastreg import conventions as conventions
from fastreg import data as data
from fastreg import designs as designs
from fastreg import jit as jit
from fastreg import kernels as kernels
from fastreg import losses as losses
from fastreg import penalties as penalties
from fastreg import testing as testing
from fastreg.certificate import certify as certify
from fastreg.functional import Path as Path
from fastreg.functional import path as path
from fastreg.functional import solve as solve
from fastreg.jit import kernel as kernel
from fastreg.solvers.solution import Certificate as Certificate
from fastreg.solvers.solution import CertificateKind as CertificateKind
from fastreg.solvers.solution import ConvergenceWarning as ConvergenceWarning
from fastreg.solvers.solution import Interrupted as Interrupted
from fastreg.solvers.solution import Progress as Progress
from fastreg.solvers.solution import Solution as Solution
from fastreg.solvers.solution import Status as Status
from fastreg.solvers.solution import Work as Work
from fastreg.team import get_num_threads as get_num_threads
from fastreg.team import num_threads as num_threads
from fastreg.team import set_num_threads as set_num_threads

__version__: str
