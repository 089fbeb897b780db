"""Dashboards as pages of Prometheus' own ("consoles"), made from deploy/observability/dashboards.yaml."""

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter

DASHBOARDS: Final = Path(__file__).resolve().parents[2] / "observability" / "dashboards.yaml"


class Panel(BaseModel):
    """One graph: what is asked, and how its lines are called ([[label]])."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    unit: str
    name: str
    ask: str


Dashboards = Mapping[str, Sequence[Panel]]

# Prometheus fills in what stands in double braces: ours are only in scripts, where they are written otherwise.
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}: meter park</title>
<link rel="stylesheet" href="{static}/rickshaw/rickshaw.min.css">
<link rel="stylesheet" href="{static}/bootstrap4/css/bootstrap.min.css">
<link rel="stylesheet" href="{static}/css/prom_console.css">
<script src="{static}/d3/d3.min.js"></script>
<script src="{static}/rickshaw/rickshaw.min.js"></script>
<script src="{static}/jquery/jquery.min.js"></script>
<script>const PATH_PREFIX = "";</script>
<script src="{static}/js/prom_console.js"></script>
<script>const asNumber = PromConsole.NumberFormatter.humanizeNoSmallPrefix;</script>
</head>
<body class="m-3">
<nav>{links}</nav>
<main style="display: grid; grid-template-columns: repeat(auto-fill, minmax(620px, 1fr)); gap: 1rem">
{panels}
</main>
</body>
</html>
"""
_PANEL: Final = """\
<section>
<h2 class="h6">{title}</h2>
<div id="panel-{number}"></div>
<script>
new PromConsole.Graph({{
  node: document.querySelector("#panel-{number}"),
  expr: {ask}, name: {name}, yTitle: {unit}, min: 0, renderer: "line", width: 480, height: 180,
  yAxisFormatter: asNumber, yHoverFormatter: asNumber,
}});
</script>
</section>"""


def read_dashboards(file: Path = DASHBOARDS) -> Dashboards:
    """Return the dashboards, by name; raises ValidationError for a panel that is not whole."""
    return TypeAdapter(Dashboards).validate_python(yaml.safe_load(file.read_text("utf-8")))


def write_dashboards(folder: Path) -> None:
    """Write a page for each dashboard, with links to the others."""
    folder.mkdir(parents=True, exist_ok=True)
    dashboards = read_dashboards()
    for name, panels in dashboards.items():
        (folder / f"{name}.html").write_text(page(name, panels, list(dashboards)), "utf-8")


def page(name: str, panels: Sequence[Panel], names: Sequence[str]) -> str:
    """Return the page of one dashboard, as a template of Prometheus."""
    links = [
        *(f'<a class="mr-3" href="{one}.html">{one}</a>' for one in names),
        '<a class="mr-3" href="/classic/alerts">alerts</a>',
        '<a href="/classic/graph">ask</a>',
    ]
    made = [
        _PANEL.format(
            number=number,
            title=html.escape(panel.title),
            ask=_script(panel.ask),
            name=_script(panel.name),
            unit=_script(panel.unit),
        )
        for number, panel in enumerate(panels)
    ]
    return _PAGE.format(
        title=html.escape(name),
        static="/classic/static",
        links="".join(links),
        panels="\n".join(made),
    )


def _script(text: str) -> str:
    """Return ``text`` as a word of a script: no end of the script, and nothing that Prometheus would fill in."""
    return json.dumps(text).replace("<", "\\u003c").replace("{", "\\u007b")
