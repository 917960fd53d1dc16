"""The calls of BaseApp, by subject."""
