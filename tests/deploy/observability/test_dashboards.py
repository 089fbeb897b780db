"""Dashboards are pages that Prometheus fills in: only what is meant to be is filled in."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from deploy.local.processes.dashboards import Panel, page, read_dashboards, write_dashboards


def test_each_dashboard_has_a_page_with_its_panels_and_links_to_the_others(tmp_path: Path) -> None:
    write_dashboards(tmp_path)
    dashboards = read_dashboards()
    assert {file.stem for file in tmp_path.iterdir()} == set(dashboards)
    for name, panels in dashboards.items():
        text = (tmp_path / f"{name}.html").read_text("utf-8")
        assert text.count("new PromConsole.Graph") == len(panels)
        assert all(f'href="{other}.html"' in text for other in dashboards)


def test_what_a_panel_says_is_no_script_and_no_template() -> None:
    panel = Panel(
        title="a < b & c",
        unit="</script>",
        name="{{ query }} [[hop]]",
        ask='x{hop="reports"} < 1',
    )
    text = page("flow", [panel], ["flow"])
    assert "a &lt; b &amp; c" in text
    assert text.count("</script>") == text.count("<script")
    assert "{{" not in text
    assert "[[hop]]" in text


def test_a_panel_with_an_unknown_word_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dashboards.yaml"
    file.write_text('flow:\n  - {title: A, unit: s, name: a, ask: "up", colour: red}\n')
    with pytest.raises(ValidationError, match="colour"):
        read_dashboards(file)
