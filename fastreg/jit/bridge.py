"""The method bridge: ``term.method(...)`` inside a kernel, for NamedTuple classes.

Numba knows the fields of a NamedTuple, not its methods. `expose` registers a method name once for
all NamedTuple classes; the class of the term then decides which function is compiled, with that
function's own mark, and the vocabulary's default stands in where the class has none.
"""

import functools

import numba.core.typing.collections  # noqa: F401  (registered first, so that a field wins over a method)
from numba.core import types
from numba.core.errors import NumbaError
from numba.core.typing import templates
from numba.extending import lower_builtin

from fastreg.jit.marks import compiled
from fastreg.jit.terms import find_method, methods_of, words

# Numba asks ``if signature.recvr`` before it binds a method, and the type of an empty tuple is
# false: a term without fields (Squared, Logistic) would lose its methods.
types.BaseNamedTuple.__bool__ = lambda self: True  # type: ignore[attr-defined]


class TermError(TypeError):
    """A term cannot be compiled; the text names class and method, the cause is Numba's report."""


_HEADINGS = ("Failed in", "File ", "During", ">>>", "^", "<source", "def ", "- Resolution failure")


def first_sentence(error):
    """Return the line of Numba's report that says what is wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    pairs = list(zip(lines, [*lines[1:], ""], strict=True))
    for line, following in pairs:
        if line == "Rejected as the implementation raised a specific error:":
            return following.rstrip(".")
    for line, following in pairs:
        if line.startswith(_HEADINGS):
            continue
        if following.startswith(">>> "):
            return f"{line} {following.removeprefix('>>> ')}"
        if line.endswith("<class 'function'>"):
            return f"{line}, so decorate it with @numba.njit"
        return line.rstrip(".")
    return type(error).__name__


@functools.cache
def expose(name):
    """Let kernels call ``term.name(...)`` on every NamedTuple class that has such a method.

    Parameters
    ----------
    name : str
        The method's name. The vocabulary is exposed from the start, and a kernel exposes all methods
        of the classes in its signature before it compiles; other names are rarely needed.
    """
    key = types.BaseNamedTuple, name

    class Method(templates.AbstractTemplate):
        def generic(self, args, kws):
            dispatcher = types.Dispatcher(_compiled_method(self.this, name))
            try:
                signature = dispatcher.get_call_type(self.context, (self.this, *args), kws)
            except NumbaError as error:
                raise TermError(
                    f"{self.this.instance_class.__name__}.{name} does not compile: {first_sentence(error)} "
                    f"(Numba's full report is this error's cause)."
                ) from error
            return signature.as_method()

    Method.key = key
    resolve = {f"resolve_{name}": lambda self, this: types.BoundFunction(Method, this)}
    templates.infer_getattr(type(name, (templates.AttributeTemplate,), {"key": key[0], **resolve}))

    @lower_builtin(key, types.BaseNamedTuple, types.VarArg(types.Any))
    def call(context, builder, signature, arguments):
        entry = types.Dispatcher(_compiled_method(signature.args[0], name)).get_overload(signature)
        function = context.get_function(entry, signature)
        context.add_linking_libs(function.libs)
        return function(builder, arguments)


def _compiled_method(term, name):
    """Return the dispatcher behind a method of a term's type."""
    method = find_method(term.instance_class, name)
    if method is None:
        raise TermError(f"{term.instance_class.__name__} has no method {name}, which this computation needs.")
    return compiled(method)


def classes_in(signature):
    """Return the NamedTuple classes in a signature, those nested inside others included, in order."""
    found = {}

    def visit(kind):
        if isinstance(kind, types.BaseNamedTuple):
            found[kind.instance_class] = None
        if isinstance(kind, types.BaseTuple):
            for inner in kind:
                visit(inner)

    for argument in signature:
        visit(argument)
    return list(found)


def expose_methods_in(signature):
    """Expose every method of the term classes in a signature."""
    for term_class in classes_in(signature):
        for name in methods_of(term_class):
            expose(name)


for _word in words():
    expose(_word)
