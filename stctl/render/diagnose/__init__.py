"""How a diagnosis looks: on a terminal, as documents, and as SARIF."""
