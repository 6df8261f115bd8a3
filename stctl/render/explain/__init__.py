"""How explanations look: a ladder for people, a document for programs."""
