"""What the pages of answers share: a document without scripts or network, its colours in light, dark and print."""

from __future__ import annotations

import html
from collections.abc import Iterable

COLOURS = """
:root{color-scheme:light dark;--ink:#1d2733;--soft:#55606c;--paper:#fff;--line:#d5dade;--shade:0,114,178;
--up:#0072b2;--down:#c04a00;--card:#f4f6f8}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecef;--soft:#a9b4be;--paper:#161b21;--line:#3a444e;
--shade:86,180,233;--up:#56b4e9;--down:#f0884a;--card:#1f262e}}
@media print{:root{color-scheme:light;--ink:#111;--soft:#444;--paper:#fff;--line:#c4c9ce;--shade:0,114,178;
--up:#0072b2;--down:#c04a00;--card:#fff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:9pt/1.35 system-ui,-apple-system,"Segoe UI","Noto Sans",
"Noto Sans CJK JP","Noto Sans CJK TC","Hiragino Sans","PingFang TC","IPAexGothic",sans-serif}
"""

_PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body><main>
{body}
</main></body>
</html>
"""


def document(lang: str, title: str, style: str, parts: Iterable[str]) -> str:
    """A whole page of the given markup; ``title`` is text."""
    return _PAGE.format(lang=lang, title=text(title), style=COLOURS + style, body="\n".join(parts))


def text(given: str) -> str:
    """Text as markup holds it."""
    return html.escape(given)


def bullets(lines: Iterable[str]) -> str:
    """A list of sentences."""
    return f"<ul>{''.join(f'<li>{text(line)}</li>' for line in lines)}</ul>"


def table(kind: str, heads: Iterable[str], lines: Iterable[str]) -> str:
    """A table of a class that scrolls by itself where the page is narrow."""
    head = "".join(f'<th scope="col">{text(one)}</th>' for one in heads)
    return (
        f'<div class="scroll" tabindex="0"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def table_line(label: str, cells: Iterable[str]) -> str:
    """A line of a table, from its label and its cells' markup."""
    return f'<tr><th scope="row">{text(label)}</th>{"".join(cells)}</tr>'
