"""How families of tokens look: as a tree on a terminal, as a drawing, as a page, as JSON."""
