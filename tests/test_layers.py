"""The house rules of docs/architecture.md, read from the sources: the arrows, and who may ask Numba."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import fastreg

PACKAGE = Path(fastreg.__file__).parent
SOURCES = {
    path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8")
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")])
}

FOUNDATION = {"jit", "team", "numerics"}
TERMS = {"losses", "penalties"}
SOLVING = FOUNDATION | {"designs", "solvers"}
DOOR = SOLVING | TERMS | {"functional", "certificate", "conventions"}

# room: the rooms it may import. A room that is missing here has no place in the house yet.
ARROWS = {
    "jit": set(),
    "team": {"jit"},
    "numerics": {"jit", "team"},
    "losses": FOUNDATION,
    "penalties": FOUNDATION,
    "designs": FOUNDATION,
    "solvers": SOLVING,
    "certificate": SOLVING,
    "conventions": TERMS,
    "functional": SOLVING | {"certificate", "conventions"},
    "selection": DOOR,
    "kernels": FOUNDATION | TERMS,
    "interop": FOUNDATION | TERMS | {"kernels"},
    "testing": DOOR,
    "data": set(),
    "estimators": DOOR | {"selection", "data"},
    "display": DOOR | {"selection", "estimators"},
    "cli": DOOR | {"selection", "estimators", "display", "data", "kernels", "interop"},
    "__main__": {"cli"},
}
MAY_IMPORT_SKLEARN = {"estimators", "data", "testing", "cli"}
NUMBA_DECORATORS = {
    f"numba.{name}" for name in ("jit", "njit", "vectorize", "guvectorize", "cfunc", "stencil")
}
NUMBA_MACHINERY = ("numba.core.", "numba.extending.", "numba.experimental.")
LONGEST_FILE = 400


def room_of(name):
    """The room a file belongs to: its folder, or its own name where it stands alone."""
    return name.split("/")[0].partition(".")[0]


def imported_names(source, name):
    """Every imported dotted name of a source file, imports inside functions and relative ones included.

    ``from a import b`` gives ``a.b``: no rule here asks whether b is a module or a function.
    """
    package = ["fastreg", *name.split("/")[:-1]]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def wrong_arrows(source, name):
    """The fastreg rooms that the file imports and its own room may not."""
    here = room_of(name)
    inside = {used.split(".")[1] for used in imported_names(source, name) if used.startswith("fastreg.")}
    return {room for room in inside if room != here and not room.startswith("__")} - ARROWS[here]


def numba_machinery(source, name):
    """What the file asks of Numba that only fastreg/jit may ask."""
    tree = ast.parse(source)
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "numba"
    }
    dotted = set(imported_names(source, name)) | {
        f"numba.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases
    }
    return {used for used in dotted if used in NUMBA_DECORATORS or f"{used}.".startswith(NUMBA_MACHINERY)}


def test_every_room_has_a_place():
    assert {room_of(name) for name in SOURCES} - {"__init__"} <= ARROWS.keys()


def test_arrows_have_no_circle():
    above = {room: set(below) - {room} for room, below in ARROWS.items()}
    while free := {room for room, below in above.items() if not below & above.keys()}:
        above = {room: below for room, below in above.items() if room not in free}
    assert not above


def test_arrows_point_one_way():
    wrong = {
        name: wrong_arrows(source, name) for name, source in SOURCES.items() if room_of(name) != "__init__"
    }
    assert {name: rooms for name, rooms in wrong.items() if rooms} == {}


def test_one_file_of_the_solvers_names_the_designs():
    naming = [
        name
        for name, source in SOURCES.items()
        if room_of(name) == "solvers"
        and any(used.startswith("fastreg.designs") for used in imported_names(source, name))
    ]
    assert len(naming) <= 1


def test_only_jit_asks_numba():
    asked = {
        name: numba_machinery(source, name) for name, source in SOURCES.items() if room_of(name) != "jit"
    }
    assert {name: used for name, used in asked.items() if used} == {}


def test_scikit_learn_stays_outside():
    importing = {
        room_of(name)
        for name, source in SOURCES.items()
        if any(used.split(".")[0] == "sklearn" for used in imported_names(source, name))
    }
    assert importing <= MAY_IMPORT_SKLEARN


def test_files_are_short():
    lengths = {name: len(source.splitlines()) for name, source in SOURCES.items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_bears_the_name_of_a_module_beside_it():
    functions, modules = set(), set()
    for name, source in SOURCES.items():
        folder, _, file = name.rpartition("/")
        above = folder.rpartition("/")[0]
        module = file.partition(".")[0]
        modules.add((above, folder.rpartition("/")[2]) if module == "__init__" else (folder, module))
        for node in ast.parse(source).body:
            if isinstance(node, ast.FunctionDef):
                functions.add((folder, node.name))
            elif (
                isinstance(node, ast.ImportFrom)
                and module == "__init__"
                and node.module not in (None, "fastreg")
            ):
                functions |= {(folder, alias.asname or alias.name) for alias in node.names}
    assert functions & modules == set()


@pytest.mark.parametrize(
    ("source", "name", "rooms"),
    [
        ("from ..functional import solve", "solvers/newton.py", {"functional"}),
        ("from .. import functional", "solvers/newton.py", {"functional"}),
        ("from fastreg.penalties.l1 import L1", "solvers/newton.py", {"penalties"}),
        ("def late():\n    import fastreg.cli", "functional.py", {"cli"}),
        ("from .penalties import L1", "functional.py", {"penalties"}),
        ("from ..numerics import exp\nfrom . import array", "kernels/array.py", set()),
        ("from fastreg import __version__, jit", "cli.py", set()),
    ],
)
def test_the_reader_of_arrows_sees_them(source, name, rooms):
    assert wrong_arrows(source, name) == rooms


@pytest.mark.parametrize(
    "source",
    [
        "from numba import njit",
        "import numba as nb\n@nb.vectorize\ndef f(x): return x",
        "import numba.core.types",
        "from numba.extending import overload",
        "from numba import extending",
        "import numba\nnumba.core.types.float64",
        "from numba.experimental import jitclass",
    ],
)
def test_the_reader_of_numba_sees_it(source):
    assert numba_machinery(source, "losses/squared.py")


def loaded_after(statements):
    """The top-level packages a fresh interpreter holds after the statements."""
    code = f"{statements}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_import_loads_neither_numba_nor_scikit_learn():
    assert {"fastreg"} <= loaded_after("import fastreg") <= loaded_after("import fastreg, numba, sklearn")
    assert loaded_after("import fastreg") & {"numba", "llvmlite", "sklearn", "scipy", "matplotlib"} == set()


def test_solve_and_kernels_never_load_scikit_learn():
    loaded = loaded_after(
        "import fastreg, fastreg.kernels, numpy\n"
        "from fastreg.losses import Squared\n"
        "from fastreg.penalties import L1\n"
        "fastreg.solve(numpy.eye(3), numpy.arange(3.0), loss=Squared(), penalty=L1(0.1))"
    )
    assert "numba" in loaded
    assert "sklearn" not in loaded


def test_every_public_name_can_be_loaded():
    stub = ast.parse(SOURCES["__init__.pyi"])
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    promised = {alias.asname or alias.name for node in imports for alias in node.names}
    assert promised
    assert promised <= set(dir(fastreg))
    assert [name for name in promised if not hasattr(fastreg, name)] == []
