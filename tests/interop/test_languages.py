"""The examples of the pages, compiled by real compilers, give the bits of the table."""

import ctypes
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from c_table import DTYPES, build, c_function, example, importing_environment

import fastreg
from fastreg.interop import c_api_address
from fastreg.interop.table import ENTRIES

STRICT = ("-O2", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter")
# What a compiler has to say of Python's own headers is not for us to hear.
PYTHON = ("-isystem", sysconfig.get_path("include"))
INCLUDES = (*PYTHON, f"-I{fastreg.get_include()}")
LIBRARY = Path(sysconfig.get_config_var("LIBDIR") or "") / (sysconfig.get_config_var("INSTSONAME") or "none")
# What a Python extension leaves open, the interpreter that loads it fills in.
EXTENSION = ("-shared", "-fPIC", *(("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()))


def tool(*names):
    """Return the first of these programs that is here, or skip."""
    if sys.platform == "win32":
        pytest.skip("Windows")
    found = next(filter(None, map(shutil.which, names)), None)
    return found or pytest.skip(names[0])


def written(folder, page, language, name):
    """Write an example of a page to a folder."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(example(page, language, name), "utf-8")
    return path


def thresholded(x, threshold):
    """Return what the table's own function makes of x, its bits compared with NumPy's elsewhere."""
    out = np.empty_like(x)
    suffix = {dtype: suffix for suffix, dtype in DTYPES.items()}[x.dtype.type]
    assert c_function(f"soft_threshold_{suffix}")(x.ctypes.data, x.size, threshold, out.ctypes.data) == 0
    return out


def imported(folder, name, statements):
    """Return what a fresh process prints after importing a module that lies in a folder."""
    environment = importing_environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(folder), environment["PYTHONPATH"]])
    code = f"import {name} as foreign\n{statements}"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_c_program_calls_from_threads_while_python_keeps_its_lock(tmp_path):
    compiler = tool("cc", "gcc", "clang")
    if not (sysconfig.get_config_var("Py_ENABLE_SHARED") and LIBRARY.is_file()):
        pytest.skip("libpython")
    source = written(tmp_path, "calling_from_c.md", "c", "program.c")
    program = tmp_path / "program"
    build(
        compiler, "-std=c99", *STRICT, source, "-o", program, *INCLUDES,
        LIBRARY, f"-Wl,-rpath,{LIBRARY.parent}", "-pthread",
    )  # fmt: skip
    done = subprocess.run([program], env=importing_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    places = np.array([t * 250_000 + 200 + t for t in range(4)])
    expected = thresholded((places % 1000) / 300.0, 0.5)
    assert done.stdout.split() == [f"{number:.17g}" for number in expected]
    said = re.search(
        r"It prints (\S+) ", (Path(__file__).parents[2] / "docs/calling_from_c.md").read_text("utf-8")
    )
    assert done.stdout.split()[0] == said[1]


def test_a_c_extension_module(tmp_path):
    compiler = tool("cc", "gcc", "clang")
    source = written(tmp_path, "calling_from_c.md", "c", "foreign.c")
    module = tmp_path / f"foreign{sysconfig.get_config_var('EXT_SUFFIX')}"
    build(compiler, "-std=c99", *STRICT, *EXTENSION, source, "-o", module, *INCLUDES)
    x = np.linspace(-2, 2, 999)
    np.save(tmp_path / "x.npy", x)
    lines = imported(
        tmp_path,
        "foreign",
        f"import numpy as np\nx = np.load({str(tmp_path / 'x.npy')!r})\n"
        "assert foreign.soft_threshold(x, 0.3) is None\nprint(x.tobytes().hex())\n"
        "try:\n    foreign.soft_threshold(x, -1.0)\nexcept ValueError as error:\n    print(error)",
    )
    assert lines == [thresholded(x, 0.3).tobytes().hex(), "argument 3 is wrong"]


def test_another_abi_version_and_an_older_fastreg_are_refused(tmp_path):
    compiler = tool("cc", "gcc", "clang")
    header = (Path(fastreg.get_include()) / "fastreg" / "fastreg.h").read_text("utf-8")
    newer = tmp_path / "include" / "fastreg" / "fastreg.h"
    newer.parent.mkdir(parents=True)
    source = written(tmp_path, "calling_from_c.md", "c", "foreign.c")
    for old, new, message in (
        ("#define FASTREG_ABI_VERSION 1", "#define FASTREG_ABI_VERSION 2", "ABI version 2"),
        ("} fastreg_api;", "    void *appended;\n} fastreg_api;", "older"),
    ):
        assert header.count(old) == 1
        newer.write_text(header.replace(old, new), "utf-8")
        module = tmp_path / f"foreign{sysconfig.get_config_var('EXT_SUFFIX')}"
        build(compiler, *EXTENSION, source, "-o", module, f"-I{newer.parent.parent}", *PYTHON)
        code = "try:\n    import foreign\nexcept ImportError as error:\n    print(error)"
        (said,) = imported(tmp_path, "sys", code)
        assert message in said


def test_cpp(tmp_path):
    compiler = tool("c++", "g++", "clang++")
    source = written(tmp_path, "calling_from_c.md", "cpp", "foreign.cpp")
    library = tmp_path / "foreign.so"
    build(compiler, "-std=c++17", *STRICT, *EXTENSION, source, "-o", library, f"-I{fastreg.get_include()}")
    foreign = ctypes.CDLL(str(library))
    for suffix, dtype in DTYPES.items():
        x = np.linspace(-2, 2, 999).astype(dtype)
        kept = foreign[f"kept_{suffix}"]
        number = np.ctypeslib.as_ctypes_type(dtype)
        kept.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, number)
        kept.restype = ctypes.c_int64
        assert kept(c_api_address(), x.ctypes.data, x.size, 0.3) == np.count_nonzero(thresholded(x, 0.3))
        assert kept(c_api_address(), x.ctypes.data, x.size, -1.0) == -1


def test_the_whole_header_is_cpp(tmp_path):
    compiler = tool("c++", "g++", "clang++")
    source = tmp_path / "all.cpp"
    source.write_text("#include <fastreg/fastreg.h>\nconst fastreg_api *api() { return fastreg_import(); }\n")
    build(compiler, "-std=c++11", *STRICT, "-fsyntax-only", source, *INCLUDES)


def test_rust(tmp_path):
    cargo = tool("cargo", str(Path.home() / ".cargo" / "bin" / "cargo"))
    written(tmp_path, "calling_from_c.md", "rust", "src/lib.rs")
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "foreign"\nversion = "0.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n'
    )
    variables = {**os.environ, "FASTREG_INCLUDE": fastreg.get_include(), "CARGO_TARGET_DIR": str(tmp_path)}
    build(cargo, "build", "--quiet", "--release", "--offline", cwd=tmp_path, env=variables)
    (library,) = (tmp_path / "release").glob("libforeign.*[!d]")
    foreign = ctypes.CDLL(str(library)).soft_threshold
    foreign.argtypes = (ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_double)
    x = np.linspace(-2, 2, 999)
    expected = thresholded(x, 0.3)
    assert foreign(c_api_address(), x.ctypes.data, x.size, -1.0) == -3
    assert foreign(c_api_address(), x.ctypes.data, x.size, 0.3) == 0
    assert x.tobytes() == expected.tobytes()
    other_version = np.array([2, 10_000], np.int32)
    older = np.array([1, 8], np.int32)
    for header in (other_version, older):
        assert foreign(header.ctypes.data, x.ctypes.data, x.size, 0.3) == -100


def test_cython(tmp_path):
    tool("cc", "gcc", "clang")
    pytest.importorskip("Cython", reason="Cython")
    source = written(tmp_path, "calling_from_cython.md", "cython", "foreign.pyx")
    # The module asks for every function, so that Cython compares every signature when it is imported.
    asked = "\n".join(f'    "{entry.name}": <size_t>fastreg.{entry.name},' for entry in ENTRIES)
    source.write_text(source.read_text("utf-8") + f"\naddresses = {{\n{asked}\n}}\n", "utf-8")
    build(
        sys.executable, "-m", "Cython.Build.Cythonize", "-i", "-q", source,
        cwd=tmp_path, env={**importing_environment(), "CFLAGS": "-O1"},
    )  # fmt: skip
    x = np.linspace(-2, 2, 999)
    np.save(tmp_path / "x.npy", x)
    lines = imported(
        tmp_path,
        "foreign",
        f"import numpy as np\nx = np.load({str(tmp_path / 'x.npy')!r})\nx.flags.writeable = False\n"
        "for dtype in (np.float32, np.float64):\n"
        "    out = np.empty_like(x, dtype)\n"
        "    foreign.soft_threshold(x.astype(dtype), 0.3, out)\n"
        "    print(out.tobytes().hex())\n"
        "print(foreign.penalised_mean(x + 1, 0.25))\n"
        "from fastreg.interop.table import ENTRIES\n"
        "print(foreign.addresses == {entry.name: entry.address() for entry in ENTRIES})\n"
        "try:\n    foreign.soft_threshold(x, -1.0, out)\nexcept ValueError as error:\n    print(error)",
    )
    assert lines[:2] == [thresholded(x.astype(dtype), 0.3).tobytes().hex() for dtype in DTYPES.values()]
    assert float(lines[2]) == pytest.approx(0.75)
    assert lines[3] == "True"
    assert lines[4] == "argument 3 of soft_threshold_f32 or soft_threshold_f64 is wrong"
