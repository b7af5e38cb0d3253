"""Settings of the workers: from the environment (`ECDA_` prefix), secrets from files; the only place that reads either."""

from __future__ import annotations

import ipaddress
import ssl
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ecda_stream.errors import BadDefinition
from ecda_stream.identity.sealed import Sealer
from ecda_stream.identity.tokens import Secret


class Settings(BaseSettings):
    """What a worker needs to know about its surroundings; every field is `ECDA_` + its name in upper case."""

    model_config = SettingsConfigDict(env_prefix="ECDA_", frozen=True, extra="ignore", hide_input_in_errors=True)

    bootstrap: str = "127.0.0.1:19092"
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_SSL", "SASL_PLAINTEXT"] = "PLAINTEXT"
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    sasl_username: str | None = None
    sasl_password_file: Path | None = None
    ssl_ca_file: Path | None = None
    ssl_cert_file: Path | None = None
    ssl_key_file: Path | None = None

    secret_file: Path | None = None
    """One line `{key id} {64 hexadecimal digits}`: the key of the tokens; admit needs it."""
    review_public_key_file: Path | None = None
    """64 hexadecimal digits: the review team's X25519 public key; admit needs it."""

    streams_dir: Path = Path("streams")
    models_dir: Path = Path("models")
    topics_file: Path = Path("deploy/kafka/topics.yaml")

    partitions: int = Field(default=32, gt=0)
    """Of the event log; never changes in place."""
    arrive: Literal["broker", "recorded"] = "broker"
    """When a record has arrived for admit: the broker's timestamp, or, on a loopback broker only, when the source recorded it."""
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    """Default: 9101 for admit, 9102 for a stream; 0 takes a free one and logs it."""

    run_records: int = Field(default=200, gt=0)
    """Entries that score handles and makes durable together; none is larger than 60 kB."""
    admit_run_records: int = Field(default=50, gt=0)
    """Source records that admit handles and makes durable together; one can have 8 MB, so fewer are held in memory."""
    run_seconds: float = Field(default=0.02, gt=0)
    commit_interval_seconds: float = Field(default=1.0, gt=0)
    session_timeout_seconds: float = Field(default=30.0, gt=0)
    heartbeat_seconds: float = Field(default=3.0, gt=0)
    drain_deadline_seconds: float = Field(default=20.0, gt=0)
    """From SIGTERM to the end; what is not durable by then is done again after the restart."""
    delivery_timeout_seconds: float = Field(default=30.0, gt=0)

    most_refusals_in_a_row: int = Field(default=500, gt=0)
    greatest_refused_share: float = Field(default=0.5, gt=0, le=1)
    """Of the last 2,000 records of a worker; beyond it the worker stops instead of dead-lettering a topic after a bad release."""

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Settings:
        if self.security_protocol == "SASL_PLAINTEXT":
            raise ValueError("SASL without TLS sends the password in the clear: set ECDA_SECURITY_PROTOCOL=SASL_SSL")
        if self.security_protocol == "SASL_SSL" and not (self.sasl_username and self.sasl_password_file):
            raise ValueError("SASL_SSL needs ECDA_SASL_USERNAME and ECDA_SASL_PASSWORD_FILE")
        return self

    @property
    def on_loopback(self) -> bool:
        """Return whether every bootstrap server is on this machine's loopback; mode demo runs nowhere else."""
        hosts = [server.strip().rsplit(":", 1)[0].strip("[]") for server in self.bootstrap.split(",")]
        return all(_is_loopback(host) for host in hosts)

    @property
    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the TLS context, or None for PLAINTEXT."""
        if self.security_protocol == "PLAINTEXT":
            return None
        context = ssl.create_default_context(cafile=str(self.ssl_ca_file) if self.ssl_ca_file else None)
        if self.ssl_cert_file:
            context.load_cert_chain(self.ssl_cert_file, self.ssl_key_file)
        return context

    @property
    def sasl_password(self) -> str:
        """Return the password in its file."""
        assert self.sasl_password_file is not None
        return self.sasl_password_file.read_text(encoding="utf-8").strip()

    def client_options(self) -> dict[str, Any]:
        """Return what every aiokafka client needs to connect."""
        return {"bootstrap_servers": self.bootstrap, **self.security_options()}

    def security_options(self) -> dict[str, Any]:
        """Return how every aiokafka client identifies itself."""
        options: dict[str, Any] = {"security_protocol": self.security_protocol}
        if self.ssl_context is not None:
            options["ssl_context"] = self.ssl_context
        if self.security_protocol == "SASL_SSL":
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": self.sasl_password,
            }
        return options

    def read_secret(self) -> Secret:
        """Return the key of the tokens.

        Raises BadDefinition if there is none or it is not one.
        """
        text = _read(self.secret_file, "ECDA_SECRET_FILE").split()
        if len(text) != 2:
            raise BadDefinition("the pseudonymisation secret", ["its file holds one line: the key id, a space, 64 hexadecimal digits"])
        return Secret(text[0], _from_hex(text[1], "the pseudonymisation secret"))

    def read_sealer(self) -> Sealer:
        """Return the seal of the review team.

        Raises BadDefinition if there is no public key or it is not one.
        """
        key = _from_hex(_read(self.review_public_key_file, "ECDA_REVIEW_PUBLIC_KEY_FILE"), "the review team's public key")
        if len(key) != 32:
            raise BadDefinition("the review team's public key", [f"{len(key)} bytes instead of 32"])
        return Sealer(self.read_secret(), key)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load_settings(**changes: Any) -> Settings:
    """Return the settings of the environment with changes on top.

    Raises BadDefinition with every fault, without the values.
    """
    try:
        return Settings(**changes)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_context=False, include_url=False)
        faults = [f"ECDA_{'_'.join(map(str, p['loc'])).upper()}: {p['msg']}".replace("ECDA_: ", "") for p in problems]
        raise BadDefinition("the settings", faults) from None


def _read(path: Path | None, variable: str) -> str:
    if path is None:
        raise BadDefinition("the settings", [f"{variable} is not set; `ecda-stream secrets create` makes the files"])
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise BadDefinition("the settings", [f"{variable}: {path} cannot be read"]) from None


def _from_hex(text: str, what: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise BadDefinition(what, ["not hexadecimal"]) from None
