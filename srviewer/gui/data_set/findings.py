"""Another name of `srviewer.survey.overview`, until all use that."""

from srviewer.survey.overview import Overview as Findings

__all__ = ["Findings"]
