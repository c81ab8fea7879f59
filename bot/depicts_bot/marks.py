"""What a bot writes on a page that people write on too stands between two marks. Pure."""

from __future__ import annotations

from typing import Final

from depicts_model.errors import ConfigurationError

BEGIN: Final = "<!-- suggest-depicts report: begin -->"
END: Final = "<!-- suggest-depicts report: end -->"


def marked(text: str) -> str:
    """The text between its marks."""
    return f"{BEGIN}\n{text.strip()}\n{END}"


def placed(page: str, block: str, title: str) -> str:
    """The page with this block in place of the one that it has; alone on an empty page.

    What people wrote before and after stays as it is. Raises ConfigurationError where the page has
    text and not exactly one pair of marks: nobody asked for a section more.
    """
    if not page.strip():
        return block
    if (page.count(BEGIN), page.count(END)) != (1, 1) or page.index(BEGIN) > page.index(END):
        raise ConfigurationError(
            f"{title} has text, and not once the line {BEGIN} and below it {END}: "
            "put both where the report is to stand"
        )
    return page[: page.index(BEGIN)] + block + page[page.index(END) + len(END) :]
