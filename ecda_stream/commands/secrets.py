"""`ecda-stream secrets`: the key of the pseudonyms and the key pair of the review team."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from ecda_stream.commands.exits import errors_as_exit_codes

app = typer.Typer(
    name="secrets",
    no_args_is_help=True,
    help="Make the keys that admit and the review team need.",
    epilog="Exit codes: 0 ok, 1 failure, 2 usage.",
)

SECRET_FILE = "pseudonymisation.key"  # noqa: S105 (the name of a file)
PUBLIC_KEY_FILE = "review_public.key"
PRIVATE_KEY_FILE = "review_private.key"


@app.callback()
def secrets() -> None:
    """Make the keys that admit and the review team need."""


@app.command(epilog="Example: ecda-stream secrets create --out .ecda/secrets --key-id k1")
def create(
    out: Annotated[Path, typer.Option("--out", help="Folder for the files.", file_okay=False)],
    key_id: Annotated[str, typer.Option("--key-id", help="What every pseudonym begins with: lower-case letters and digits.")] = "k1",
) -> None:
    """Write pseudonymisation.key, review_public.key and review_private.key, readable by you alone; never overwrite one.

    Whoever has pseudonymisation.key can compute the pseudonym of a child; whoever has review_private.key can open alerts. Keep
    review_private.key with the review team and away from the workers.
    """
    with errors_as_exit_codes():
        create_secrets(out, key_id)
    typer.echo(f"ECDA_SECRET_FILE={out / SECRET_FILE}")
    typer.echo(f"ECDA_REVIEW_PUBLIC_KEY_FILE={out / PUBLIC_KEY_FILE}")
    typer.echo(f"{out / PRIVATE_KEY_FILE} is for the review team alone: move it there", err=True)


def create_secrets(folder: Path, key_id: str) -> None:
    """Write the three files into a folder, mode 0600.

    Raises BadDefinition if the key id is none, or one of the files is there: pseudonyms made with a lost key link to nothing.
    """
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    from ecda_stream.errors import BadDefinition
    from ecda_stream.identity.tokens import Secret

    secret = Secret(key_id, os.urandom(32))
    private = X25519PrivateKey.generate()
    contents = {
        SECRET_FILE: f"{secret.key_id} {secret.key.hex()}",
        PUBLIC_KEY_FILE: private.public_key().public_bytes_raw().hex(),
        PRIVATE_KEY_FILE: private.private_bytes_raw().hex(),
    }
    there = [name for name in contents if (folder / name).exists()]
    if there:
        raise BadDefinition(str(folder), [f"{name} is there already and is never overwritten" for name in there])
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in contents.items():
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(f"{text}\n")
    except OSError as error:
        raise BadDefinition(str(folder), [f"cannot be written: {type(error).__name__}"]) from None
