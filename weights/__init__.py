"""The embedded default model: how it was trained, and the trained file itself (`default/`)."""
