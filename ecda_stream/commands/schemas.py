"""`ecda-stream schemas`: the contract as JSON Schema files, written and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ecda_stream.commands.exits import ExitCode

app = typer.Typer(
    name="schemas",
    no_args_is_help=True,
    help="Write the JSON Schemas of everything that arrives and leaves, or compare the files with the contract.",
    epilog="Example: ecda-stream schemas check",
)

DEFAULT_OUT = Path("deploy/schemas")

Out = Annotated[Path, typer.Option("--out", help="Folder of the schemas.", file_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@app.command(epilog="Example: ecda-stream schemas write && git diff deploy/schemas")
def write(out: Out = DEFAULT_OUT, as_json: Json = False) -> None:
    """Write what differs from the contract and remove what it no longer has; the diff shows what changes for others."""
    wanted = rendered()
    differing = compare(out, wanted)
    for name in differing:
        path = out / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    if as_json:
        typer.echo(json.dumps({"written": differing, "files": len(wanted)}))
    else:
        for name, how in differing.items():
            typer.echo(f"{'removed' if how == 'orphan' else 'written'}  {name}")
        typer.echo(f"{len(differing)} changed of {len(wanted)} files", err=True)


@app.command(epilog="Example: ecda-stream schemas check --json")
def check(out: Out = DEFAULT_OUT, as_json: Json = False) -> None:
    """Compare the files with the contract and change nothing; exit code 1 if one is missing, differs or is not ours."""
    differing = compare(out, rendered())
    if as_json:
        typer.echo(json.dumps({"differing": differing}))
    else:
        for name, how in differing.items():
            typer.echo(f"{how}  {name}")
    if differing:
        typer.echo("the schemas are not those of the contract; `ecda-stream schemas write` makes them", err=True)
        raise typer.Exit(ExitCode.FAILURE)


def rendered() -> dict[str, str]:
    """Return the text of every file, by its name."""
    from ecda_stream.contract.schemas import generate_schemas

    return {
        name: json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n" for name, schema in generate_schemas().items()
    }


def compare(folder: Path, wanted: dict[str, str]) -> dict[str, str]:
    """Return the files that are missing, differ, or are schemas that the contract does not have (orphan), by name."""
    from ecda_stream.contract.schemas import SUFFIX

    paths = {folder / name for name in wanted} | {*folder.glob(f"*{SUFFIX}"), *folder.glob(f"events/*{SUFFIX}")}
    found = {path.relative_to(folder).as_posix(): path for path in paths if path.is_file()}
    how = dict.fromkeys(wanted.keys() - found.keys(), "missing")
    how |= dict.fromkeys(found.keys() - wanted.keys(), "orphan")
    how |= {name: "differs" for name in found.keys() & wanted.keys() if found[name].read_bytes() != wanted[name].encode()}
    return dict(sorted(how.items()))
