"""The reference of scenarios."""


def scenarios_page() -> str:
    """Every scenario of the library."""
    return ""
