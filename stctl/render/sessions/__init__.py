"""How sessions look: what a core said of them, and what was done to them."""
