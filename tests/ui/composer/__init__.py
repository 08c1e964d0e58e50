"""The composer, as a person uses it."""
