"""`--report`: one page with everything, that asks for nothing outside itself and trusts no text."""

import base64
import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

pytest.importorskip("matplotlib")
import fastreg
from fastreg.cli import outputs, pages

COMMANDS = {
    "fit": ("--strength", "0.05"),
    "cv": ("--strengths", "8", "--penalty", "l1,elasticnet"),
    "path": ("--strengths", "5"),
    "study": ("--epochs", "2", "--learning-rates", "3", "--strengths", "3"),
}
BAD = "<script>alert('x')</script>"
NAMES = BAD, '" onload="alert(1)', "$title & <b>", "日本語", "\x1b[31mred"
FILE = "<img src=x onerror=alert(1)>.csv"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
VOID = {"meta", "link", "img", "br"}


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A file whose name, columns and classes are markup."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, len(NAMES)))
    kinds = np.where(X[:, 0] + rng.standard_normal(60) > 0, "<i>yes</i>", "no & no")
    lines = ["\t".join([*NAMES, "</title>bought?"])]
    lines += ["\t".join([*map(repr, map(float, row)), kind]) for row, kind in zip(X, kinds, strict=True)]
    (tmp_path / FILE).write_text("\n".join(lines), encoding="utf-8")
    return FILE


class Page(HTMLParser):
    """What a page holds: its elements in order with their attributes, and whether they close."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, *tags):
        return [(tag, attrs) for tag, attrs in self.elements if tag in tags]


@pytest.mark.filterwarnings("always:The font of the picture")
@pytest.mark.parametrize("command", COMMANDS)
def test_the_page_tells_all_and_trusts_nothing(run, hostile, tmp_path, command):
    words = [command, hostile, *COMMANDS[command], "--report", "page.html"]
    status, out, _ = run(*words, "--json")
    assert status == 0
    told, text = json.loads(out), (tmp_path / "page.html").read_text("utf-8")
    assert told["report"] == "page.html"
    page = Page(text)

    # Accessible: language, title, one h1, no heading is left out, texts for pictures, heads for tables.
    assert page.elements[0] == ("html", {"lang": "en"})
    assert len(page.all("title")) == len(page.all("h1")) == len(page.all("main")) == 1
    assert {tag for tag, _ in page.all("h1", "h2", "h3", "h4")} == {"h1", "h2"}
    assert page.all("h1", "h2")[0][0] == "h1"
    assert all(attrs["scope"] in {"col", "row"} for _, attrs in page.all("th"))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    assert all(attrs["aria-labelledby"] in ids for _, attrs in page.all("table"))
    images = [attrs for _, attrs in page.all("img")]
    assert len(images) == {"fit": 2, "cv": 3, "path": 2, "study": 1}[command]
    for attrs in images:
        assert len(attrs["alt"]) > 30
        kind, _, content = attrs["src"].partition("base64,")
        assert kind == "data:image/svg+xml;"
        assert ElementTree.fromstring(base64.b64decode(content)).tag.endswith("svg")

    # Nothing from the file is markup, and nothing leads outside.
    assert page.all("script", "i", "b", "iframe", "object", "form", "a") == []
    assert not any(name.startswith("on") for _, attrs in page.elements for name in attrs)
    assert [attrs for _, attrs in page.all("link")] == [{"rel": "icon", "href": "data:,"}]
    style = re.search(r"<style>(.*?)</style>", text, re.S)[1]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in text
    assert "\x1b" not in text

    # What the command tells is there.
    assert f"fastreg {command} '{FILE}'" in page.text
    if command in {"fit", "cv"}:
        assert BAD in page.text
    assert "</title>bought?" in page.text
    for counter, count in told["work"].items():
        assert f'<tr><th scope="row">{counter.replace("_", " ")}</th><td>{count:,}</td></tr>' in text
    assert f"numpy {np.__version__}" in page.text
    assert f"fastreg {fastreg.__version__}" in page.text
    assert "cores" in page.text
    assert ("no weights have an objective below" in page.text) == (command in {"fit", "cv"})
    (inside,) = re.findall(r"<pre>(.*?)</pre>", text, re.S)
    assert json.loads(html.unescape(inside))["target"] == "</title>bought?"


@pytest.mark.small
def test_a_text_stays_inside_the_quotes_of_an_attribute():
    assert pages._text("a\" onload='b' <i>&\x1b\n") == "a&quot; onload=&#x27;b&#x27; &lt;i&gt;&amp;??"
    assert pages._text("<a>\nb", lines=True) == "&lt;a&gt;\nb"


def test_a_page_is_written_whole_or_not_at_all(run, csv, tmp_path, monkeypatch):
    page, model = tmp_path / "page.html", tmp_path / "model.npz"
    page.write_text("old")

    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pages, "page", broken)
    assert run("fit", csv, "--strength", "0.05", "--report", page, "--out", model)[0] == 2
    assert page.read_text() == "old"
    assert not model.exists()


@pytest.mark.small
def test_a_letter_without_a_picture_is_told_once():
    from matplotlib.figure import Figure

    figure = Figure()
    figure.suptitle("日本語")
    with pytest.warns(UserWarning, match="drawn as boxes") as told:
        assert outputs.drawn_bytes(figure, "svg")
    assert len(told) == 1


PROBE = """<script>
addEventListener("load", () => {
  const sizes = [...document.images].map(image => [image.naturalWidth, image.naturalHeight]);
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const told = document.createElement("pre");
  told.id = "probe";
  told.textContent = JSON.stringify({ sizes, wide, width: innerWidth });
  document.body.append(told);
});
</script></body>"""


def browse(folder, *options):
    """Run the browser on a page and return what it says."""
    flags = "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}"
    return subprocess.run(
        [CHROMIUM, *flags, "--enable-logging=stderr", *options],
        cwd=folder, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip


@pytest.mark.filterwarnings("always:The font of the picture")
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium")
@pytest.mark.parametrize("command", ["cv", "study"])
def test_a_browser_shows_the_page(run, hostile, tmp_path, command):
    assert run(command, hostile, *COMMANDS[command], "--report", "page.html")[0] == 0
    page = tmp_path / "page.html"
    seen = browse(tmp_path, "--dump-dom", page.as_uri())
    # What the policy refuses, what is not found and what fails is a line of the console.
    assert "CONSOLE" not in seen.stderr
    probed = tmp_path / "probed.html"
    text = re.sub(r"<meta http-equiv=.*?>\n", "", page.read_text("utf-8"))
    probed.write_text(text.replace("</body>", PROBE), encoding="utf-8")
    for width in (375, 1280):
        seen = browse(tmp_path, f"--window-size={width},900", "--dump-dom", probed.as_uri())
        told = json.loads(html.unescape(re.search(r'<pre id="probe">(.*?)</pre>', seen.stdout)[1]))
        assert told["wide"] <= 0
        assert len(told["sizes"]) == len(re.findall("<img", text))
        assert min(min(size) for size in told["sizes"]) > 100
