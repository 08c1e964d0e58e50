"""Cases, questions, replies, templates: what the gate stands on."""
