"""Where a fit begins: the state at coef 0, of the kind that the loss asks for."""

from fastreg.solvers import (
    block_descent,
    multinomial_newton,
    multinomial_working_set,
    newton,
    stochastic_rounds,
    working_set,
)
from fastreg.solvers.multinomial_problem import MultinomialProblem, assemble_multinomial
from fastreg.solvers.multinomial_state import MultinomialState
from fastreg.solvers.problem import assemble, has_many_predictions
from fastreg.solvers.state import State


def begin(crew, X, y, loss, penalty, *, by_rows=None, **options):
    """Return the state of a problem; arguments as those of `problem.assemble`."""
    if has_many_predictions(loss):
        return MultinomialState(assemble_multinomial(crew, X, y, loss, penalty, **options))
    return State(assemble(crew, X, y, loss, penalty, by_rows=by_rows, **options))


def improve_for(problem, solver="auto", momentum=0.0):
    """Return the step of a solver for a problem."""
    if solver != "auto":
        return stochastic_rounds.improve_by(solver, momentum)
    if isinstance(problem, MultinomialProblem):
        return multinomial_newton.improve if problem.is_smooth else multinomial_working_set.improve
    if problem.has_blocks:
        return block_descent.improve
    return newton.improve if problem.is_smooth else working_set.improve
