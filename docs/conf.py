"""The site: ``sphinx-build -W docs docs/_build/html``. The pages are plain Markdown, readable without it."""

import os
import re
import socket
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import numpydoc.numpydoc
from sphinx.errors import ExtensionError

import fastreg

project = "fastreg"
author = "the fastreg developers"
release = version = fastreg.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.mathjax",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery", "**/*.ipynb", "**/*.codeobj*"]
templates_path = ["_templates"]
default_role = "py:obj"  # `L1` in a docstring is a link where it names something, and plain where it does not

# -- the pages. Their order stands here and not in them, where it would show on other renderings of Markdown.

CONTENTS = {
    "index": [
        "getting_started",
        "User guide <mathematics>",
        "Kernels <kernels>",
        "Examples <examples/index>",
        "API <api>",
        "Contributing <architecture>",
        "changelog",
    ],
    "mathematics": [
        "which_estimator",
        "solvers",
        "certificates",
        "lambda",
        "cross_validation",
        "own_penalty",
        "own_loss",
        "stochastic",
        "study",
        "streaming",
        "pictures",
        "scikit_learn",
        "command_line",
        "bad_input",
        "threads",
        "cold_start",
    ],
    "kernels": ["calling_from_numba", "calling_from_c", "calling_from_cython", "torch"],
    "architecture": ["reading_benchmarks", "scikit_learn_tests"],
}


def complete_page(app, name, source):
    """Show titles of pages where links show names of files; append the hidden table of contents."""
    source[0] = re.sub(r"\[(\w+\.md)\]\((\1(#[\w-]+)?)\)", r"[](\2)", source[0])
    if name in CONTENTS:
        source[0] += "\n".join(["\n```{toctree}", ":hidden:", *CONTENTS[name], "```\n"])


myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# -- the reference

_signature_of = numpydoc.numpydoc.mangle_signature


def _signature_where_one_can_be(app, what, *rest):
    """Find none for data: Sphinx 9 takes NumPy's universal functions for that, and fails on a signature."""
    return None if what == "data" else _signature_of(app, what, *rest)


numpydoc.numpydoc.mangle_signature = _signature_where_one_can_be
autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_typehints = "none"  # the docstrings tell shapes and meaning, which types cannot
autodoc_default_options = {
    # What scikit-learn generates, and documents, for every estimator.
    "exclude-members": "get_metadata_routing, set_fit_request, set_partial_fit_request, set_score_request",
}
numpydoc_show_class_members = False

# -- other projects' pages. Without a network there are no links to them, and nothing else changes.


def reachable(url):
    """Whether the host of a page answers."""
    try:
        socket.create_connection((urlsplit(url).hostname, 443), timeout=3).close()
    except OSError:
        return False
    return True


INVENTORIES = {
    "python": "https://docs.python.org/3/",
    "numpy": "https://numpy.org/doc/stable/",
    "scipy": "https://docs.scipy.org/doc/scipy/",
    "sklearn": "https://scikit-learn.org/stable/",
    "numba": "https://numba.readthedocs.io/en/stable/",
}
intersphinx_mapping = {name: (url, None) for name, url in INVENTORIES.items() if reachable(url)}

# -- the examples

# Fits tell a terminal when they compile for long, which would stand in the page of the first example.
os.environ["FASTREG_NOTICE"] = "0"
os.environ["SCIKIT_LEARN_DATA"] = os.path.join(tempfile.gettempdir(), "nothing is fetched")
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "examples",
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "capture_repr": (),
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "doc_module": ("fastreg",),
    "reference_url": {"fastreg": None},
    "backreferences_dir": None,
    "within_subsection_order": "FileNameSortKey",
}

# -- how it looks

html_theme = "pydata_sphinx_theme"
html_title = "fastreg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "fastreg"},
    "header_links_before_dropdown": 7,
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
copybutton_exclude = ".linenos, .gp, .go"


def every_example_has_a_picture(app, exception):
    """Refuse a gallery with an example that draws nothing."""
    if exception is None:
        examples = (Path(app.srcdir) / "gallery").glob("plot_*.py")
        picture = "examples/images/sphx_glr_{}_001.png"
        bare = [path.name for path in examples if not Path(app.srcdir, picture.format(path.stem)).exists()]
        if bare:
            raise ExtensionError(f"Without a picture: {', '.join(bare)}; let each example draw one.")


def setup(app):
    """Connect what stands above."""
    app.connect("source-read", complete_page)
    app.connect("build-finished", every_example_has_a_picture)
