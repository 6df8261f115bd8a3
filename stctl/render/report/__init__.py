"""A report on traces: one page of HTML that stands alone, or a text for a bug tracker."""
