"""The topics on a broker: made if missing, compared if there, never changed in place; and who may use them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, KafkaTimeoutError, NoError, TopicAlreadyExistsError, for_code

from ecda_stream.errors import Unavailable
from ecda_stream.files.topics import Topic, TopicPlan

REQUEST_TIMEOUT_MS = 60_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting of an existing topic that is not what the plan says."""

    topic: str
    setting: str
    wanted: str
    found: str


@dataclass(frozen=True, slots=True)
class TopicReport:
    """How a broker compares with the plan. After `create_topics` nothing is missing; differences remain as they were."""

    created: tuple[str, ...]
    unchanged: tuple[str, ...]
    missing: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether the broker now has every topic as planned."""
        return not self.missing and not self.differences


async def create_topics(
    bootstrap: str,
    plan: TopicPlan,
    *,
    replication_factor: int = 1,
    client_kwargs: Mapping[str, Any] | None = None,
) -> TopicReport:
    """Make what is missing and wait until every new partition answers; existing topics are compared only.

    `client_kwargs` goes to aiokafka's clients (security settings).

    Raises:
        Unavailable: the broker does not answer, or refuses a topic.
    """
    async with _admin(bootstrap, client_kwargs) as admin:
        found = await _partitions(admin)
        wanted = [topic for topic in plan.topics if topic.name not in found]
        created = await _create(admin, wanted, replication_factor)
        await _await_answers(bootstrap, plan.topics, created, client_kwargs)
        existing = [topic for topic in plan.topics if topic.name not in created]
        differences = await _differences(admin, existing, await _partitions(admin))
    return _report(plan, created=created, missing=(), differences=differences)


async def compare_topics(bootstrap: str, plan: TopicPlan, *, client_kwargs: Mapping[str, Any] | None = None) -> TopicReport:
    """What is missing on the broker and what differs from the plan; changes nothing.

    Raises:
        Unavailable: the broker does not answer.
    """
    async with _admin(bootstrap, client_kwargs) as admin:
        found = await _partitions(admin)
        existing = [topic for topic in plan.topics if topic.name in found]
        differences = await _differences(admin, existing, found)
    missing = tuple(name for name in plan.names if name not in found)
    return _report(plan, created=(), missing=missing, differences=differences)


async def missing_topics(bootstrap: str, names: Iterable[str], *, client_kwargs: Mapping[str, Any] | None = None) -> list[str]:
    """Which of these topics the broker does not have, in the order given.

    A worker asks before it starts: Faust would log a missing topic once and then never read it, even if made later.

    Raises:
        Unavailable: the broker does not answer.
    """
    async with _admin(bootstrap, client_kwargs) as admin:
        found = await _partitions(admin)
    return [name for name in names if name not in found]


async def count_partitions(bootstrap: str, names: Iterable[str], *, client_kwargs: Mapping[str, Any] | None = None) -> dict[str, int]:
    """How many partitions each topic has; 0 if the broker does not have it.

    Raises:
        Unavailable: the broker does not answer.
    """
    async with _admin(bootstrap, client_kwargs) as admin:
        found = await _partitions(admin)
    return {name: len(found.get(name, ())) for name in names}


def generate_acl_commands(plan: TopicPlan) -> list[str]:
    """The kafka-acls.sh commands that give each principal what the plan says and nothing more, for a POSIX shell.

    They expect ECDA_BOOTSTRAP (brokers) and ECDA_ADMIN_CONFIG (properties file of an administrator) to be set.
    """
    commands = []
    for topic in plan.topics:
        if topic.kind == "changelog":
            continue  # covered by the prefix of its application
        commands += [_acl(principal, ("Read", "Describe"), f"--topic {topic.name}") for principal in topic.readers]
        commands += [_acl(principal, ("Write", "Describe"), f"--topic {topic.name}") for principal in topic.writers]
    for group in plan.groups:
        commands.append(_acl(group.principal, ("Read", "Describe"), f"--group {group.id}"))
        if plan.changelogs_of(group.id):
            prefixed = f"--topic {group.id}- --resource-pattern-type prefixed"
            commands.append(_acl(group.principal, ("Read", "Write", "Describe"), prefixed))
        if any(group.principal in topic.writers for topic in plan.topics):
            prefixed = f"--transactional-id {group.id} --resource-pattern-type prefixed"
            commands.append(_acl(group.principal, ("Write", "Describe"), prefixed))
    return commands


def _acl(principal: str, operations: Sequence[str], resource: str) -> str:
    allowed = " ".join(f"--operation {operation}" for operation in operations)
    return (
        'kafka-acls.sh --bootstrap-server "$ECDA_BOOTSTRAP" --command-config "$ECDA_ADMIN_CONFIG" '
        f"--add --allow-principal User:{principal} {allowed} {resource}"
    )


def _report(plan: TopicPlan, *, created: tuple[str, ...], missing: tuple[str, ...], differences: tuple[Difference, ...]) -> TopicReport:
    touched = {*created, *missing, *(difference.topic for difference in differences)}
    return TopicReport(created, tuple(name for name in plan.names if name not in touched), missing, differences)


@asynccontextmanager
async def _admin(bootstrap: str, client_kwargs: Mapping[str, Any] | None) -> AsyncIterator[AIOKafkaAdminClient]:
    settings = {"request_timeout_ms": REQUEST_TIMEOUT_MS, **(client_kwargs or {})}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, **settings)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable(
            f"no Kafka answers on {bootstrap} ({type(error).__name__}): "
            "start one with `ecda-stream kafka start`, or name yours with --bootstrap"
        ) from error
    finally:
        await admin.close()


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, list[dict[str, Any]]]:
    """Every topic of the broker. Never asked by name: a broker with auto-creation would make what we ask about."""
    listed = await admin.describe_topics(None)
    return {topic["topic"]: topic["partitions"] for topic in listed}


async def _create(admin: AIOKafkaAdminClient, wanted: Sequence[Topic], replication_factor: int) -> tuple[str, ...]:
    if not wanted:
        return ()
    answer = await admin.create_topics(
        [NewTopic(topic.name, topic.partitions, replication_factor, topic_configs=topic.config()) for topic in wanted]
    )
    created, refused = [], []
    for name, code, message in answer.topic_errors:
        error = for_code(code)
        if error is NoError:
            created.append(name)
        elif error is not TopicAlreadyExistsError:  # another `topics create` was quicker: compare like any other
            refused.append(f"{name}: {error.__name__} {message or ''}".rstrip())
    if refused:
        raise Unavailable("\n".join(["the broker refused to make:", *(f"  - {line}" for line in refused)]))
    return tuple(created)


async def _await_answers(
    bootstrap: str, topics: Iterable[Topic], names: Sequence[str], client_kwargs: Mapping[str, Any] | None
) -> None:
    """Metadata names leaders at once, but their files are made one by one: half a thousand partitions take seconds."""
    partitions = [TopicPartition(topic.name, n) for topic in topics if topic.name in names for n in range(topic.partitions)]
    if not partitions:
        return
    settings = {"request_timeout_ms": REQUEST_TIMEOUT_MS, "enable_auto_commit": False, **(client_kwargs or {})}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, **settings)
    try:
        await consumer.start()
        consumer.assign(partitions)  # or the client would learn of the topics one at a time, a tenth of a second each
        with _silenced("aiokafka.consumer.fetcher"):
            await consumer.end_offsets(partitions)
    except KafkaTimeoutError as error:
        raise Unavailable(f"new partitions do not answer after {REQUEST_TIMEOUT_MS // 1000} s") from error
    finally:
        await consumer.stop()


@contextmanager
def _silenced(logger_name: str) -> Iterator[None]:
    """It logs every partition that is not open yet as an error; whether all of them open in time is what matters."""
    logger = logging.getLogger(logger_name)
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


async def _differences(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic], found: Mapping[str, Sequence[Any]]
) -> tuple[Difference, ...]:
    if not topics:
        return ()
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in topics]
    answers = await admin.describe_configs(resources)
    settings: dict[str, dict[str, str]] = {}
    for answer in answers:
        for code, message, _, name, entries in answer.resources:
            if code:
                raise Unavailable(f"the settings of {name} cannot be read: {for_code(code).__name__} {message or ''}")
            settings[name] = {entry[0]: entry[1] for entry in entries}
    return tuple(difference for topic in topics for difference in _compare(topic, len(found[topic.name]), settings))


def _compare(topic: Topic, partitions: int, settings: Mapping[str, Mapping[str, str]]) -> list[Difference]:
    wanted = {"partitions": str(topic.partitions), **topic.config()}
    found = {**settings.get(topic.name, {}), "partitions": str(partitions)}
    return [
        Difference(topic.name, setting, value, found.get(setting, "(unset)"))
        for setting, value in wanted.items()
        if found.get(setting) != value
    ]
