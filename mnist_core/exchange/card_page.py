"""A model card as one HTML page, made from its Markdown; readable in light and dark, on paper and on phones."""

import html

from markdown_it import MarkdownIt

from mnist_core.data.mnist import Dataset
from mnist_core.exchange import card
from mnist_core.exchange.markdown import SVG
from mnist_core.language.catalogues import current
from mnist_core.recipes.words import title
from mnist_core.runs.run import Run

_STYLE = """\
:root { color-scheme: light dark; --text: #1a2233; --soft: #565f73; --line: #dde2ee; --field: #f0f2f8;
  --paper: #fcfcfd; --link: #2546c4; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e7ebf4; --soft: #a9b2c6; --line: #2d374b; --field: #1a2130; --paper: #10141d;
    --link: #9db3ff; }
}
body { margin: 0 auto; max-width: 48rem; padding: 2rem 1rem 4rem; background: var(--paper); color: var(--text);
  font: 1rem/1.6 system-ui, "Noto Sans", "Noto Sans CJK JP", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.9rem; line-height: 1.25; } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
h3 { margin-top: 1.8rem; } a { color: var(--link); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: start; }
td:not(:first-child) { white-space: nowrap; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
pre { padding: 0.8rem 1rem; overflow-x: auto; background: var(--field); border-radius: 0.5rem;
  line-height: 1.45; }
code { font-size: 0.88em; }
:not(pre) > code { background: var(--field); border-radius: 0.25rem; padding: 0.1em 0.3em; }
img { max-width: 100%; height: auto; } td img { display: block; max-width: none; border-radius: 0.25rem; }
@media (max-width: 30rem) { table { font-size: 0.85rem; } th, td { padding: 0.25rem 0.45rem; } }
@media print { body { padding: 0; max-width: none; } pre { white-space: pre-wrap; } }"""


def page(run: Run, dataset: Dataset) -> str:
    """The whole page, in the reader's language. RunError if the run is not complete."""
    return (
        f'<!doctype html>\n<html lang="{current()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title(run.recipe))}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>\n"
        f"{rendered(card.body(run, dataset))}</main>\n</body>\n</html>\n"
    )


def rendered(text: str) -> str:
    """Markdown as HTML; HTML in it stays text, and links with unsafe addresses are not made."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    is_safe = parser.validateLink
    # A picture cannot run a script, so its own SVG is as safe as a PNG.
    parser.validateLink = lambda url: url.startswith(f"data:{SVG};base64,") or is_safe(url)
    # The wrapper scrolls, so that the table stays a table for screen readers.
    parser.add_render_rule("table_open", lambda *_: '<div class="wide"><table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser.render(text)
