"""The commands: one typer application per file; heavy modules are imported inside functions so that `--help` is quick."""
