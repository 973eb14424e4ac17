"""Every example of the README and of docs/ runs and prints what the page says; every link leads somewhere."""

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE

# A script is a ```python block; what it prints is the ```text block that follows it.
SCRIPT = re.compile(r"^```python\n(?P<source>.*?)^```\n\n```text\n(?P<output>.*?)^```", re.M | re.S)
ANCHOR = re.compile(r"\]\(([^)#:\s]*)#([^)\s]+)\)")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def name(page):
    return page.relative_to(ROOT).as_posix()


def only_prompts(text):
    """The page, all but its ```pycon blocks blanked, so that doctest reports the page's own line numbers."""
    inside, lines = False, []
    for line in text.splitlines():
        fence = line.startswith("```")
        lines.append(line if inside and not fence else "")
        inside = line.startswith("```pycon") if fence else inside
    return "\n".join(lines)


SCRIPTS = [
    pytest.param(match["source"], match["output"], id=f"{name(page)}-{number}")
    for page in PAGES
    for number, match in enumerate(SCRIPT.finditer(page.read_text("utf-8")))
]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_examples_print_what_the_page_says(page):
    prompts = only_prompts(page.read_text("utf-8"))
    example = doctest.DocTestParser().get_doctest(prompts, {}, name(page), str(page), 0)
    report = []
    failed, _ = doctest.DocTestRunner(optionflags=FLAGS).run(example, out=report.append)
    assert failed == 0, "".join(report)


@pytest.mark.small
@pytest.mark.parametrize(("source", "output"), SCRIPTS)
def test_scripts_print_what_the_page_says(source, output, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(source, "utf-8")
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert doctest.OutputChecker().check_output(output, run.stdout, FLAGS), run.stdout


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_python_block_is_run(page):
    text = page.read_text("utf-8")
    assert text.count("```python\n") == len(SCRIPT.findall(text))


def test_the_readme_has_an_example():
    assert ">>> " in only_prompts((ROOT / "README.md").read_text("utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    assert [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()] == []


def anchors(page):
    """The anchors of the headings of a page, as GitHub and the site make them."""
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.*)$", prose, re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_anchors_lead_to_headings(page):
    linked = ANCHOR.findall(page.read_text("utf-8"))
    targets = [(page.parent / target if target else page, anchor) for target, anchor in linked]
    assert [anchor for target, anchor in targets if anchor not in anchors(target)] == []


def test_the_index_links_every_page():
    linked = set(LINK.findall((ROOT / "docs" / "index.md").read_text("utf-8")))
    assert linked >= {page.name for page in PAGES if page.parent.name == "docs"} - {"index.md"}
