"""deploy/kafka/topics.yaml as frozen values; every mistake in the file is reported at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ecda_stream.errors import BadDefinition, Unavailable

DLQ_SUFFIX = ".dlq"
CHANGELOG_SUFFIX = "-changelog"

Kind = Literal["source", "refused", "log", "scores", "alerts", "changelog"]

Model = TypeVar("Model", bound=BaseModel)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: object) -> timedelta | None:
    """`90s`, `15m`, `12h` or `30d` as a time span; `forever` as None.

    Raises:
        ValueError: anything else, zero included.
    """
    if text == "forever":
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("a duration is a number with s, m, h or d (30d), or `forever`")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


Duration = Annotated[timedelta | None, BeforeValidator(parse_duration)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=249)]
Principals = Annotated[tuple[Name, ...], Field(min_length=1)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Topic(_Value):
    """One topic: what the broker must be told about it, and what people must know."""

    name: Name
    kind: Kind
    description: str = Field(min_length=1)
    partitions: int = Field(ge=1, strict=True)
    cleanup: Literal["delete", "compact"]
    retention: Duration
    compacted_within: Duration = None
    timestamp: Literal["CreateTime", "LogAppendTime"]
    max_message_bytes: int = Field(ge=1024, strict=True)
    sensitivity: Literal["raw personal", "as sensitive as its source", "pseudonymised personal, special category"]
    owner: str = Field(min_length=1)
    writers: Principals
    readers: Principals

    def config(self) -> dict[str, str]:
        """The topic settings in Kafka's own names and units (milliseconds, bytes)."""
        settings = {
            "cleanup.policy": self.cleanup,
            "retention.ms": _milliseconds(self.retention),
            "message.timestamp.type": self.timestamp,
            "max.message.bytes": str(self.max_message_bytes),
        }
        if self.cleanup == "compact":
            # A tombstone stays readable for a week, so a worker that was away that long still learns of it.
            settings["delete.retention.ms"] = _milliseconds(timedelta(days=7))
        if self.compacted_within is not None:
            settings["max.compaction.lag.ms"] = _milliseconds(self.compacted_within)
        return settings


class Group(_Value):
    """A consumer group (for a Faust application also the prefix of its changelogs) and the principal it runs as."""

    id: Name
    principal: Name


class TopicPlan(_Value):
    """Every topic and consumer group of the system, in the order of the file."""

    topics: tuple[Topic, ...]
    groups: tuple[Group, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of every topic."""
        return tuple(topic.name for topic in self.topics)

    def topic(self, name: str) -> Topic:
        """The topic of that name; KeyError if there is none."""
        return {topic.name: topic for topic in self.topics}[name]

    def of_kind(self, kind: Kind) -> tuple[Topic, ...]:
        """The topics of one kind."""
        return tuple(topic for topic in self.topics if topic.kind == kind)

    def changelogs_of(self, group_id: str) -> tuple[Topic, ...]:
        """The changelogs of a Faust application."""
        return tuple(topic for topic in self.of_kind("changelog") if topic.name.startswith(f"{group_id}-"))


def load_topics(path: Path) -> TopicPlan:
    """Read the plan.

    Raises:
        Unavailable: the file cannot be read.
        BadDefinition: it has faults; the message lists all of them.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Unavailable(f"{path} cannot be read ({error.strerror}): name the file with --plan") from error
    try:
        document = yaml.safe_load(text)
        faults = list(_repeated_keys(yaml.compose(text, Loader=yaml.SafeLoader)))
    except yaml.YAMLError as error:
        raise BadDefinition(str(path), [f"not YAML: {error}"]) from error
    if not isinstance(document, dict):
        raise BadDefinition(str(path), ["expected a mapping with the keys defaults, kinds, groups and topics"])

    faults += [f"unknown key `{key}`" for key in document if key not in ("defaults", "kinds", "groups", "topics")]
    kinds = _mapping(document, "kinds", faults)
    faults += [f"kinds: unknown kind `{kind}`" for kind in kinds if kind not in get_args(Kind)]
    defaults = _mapping(document, "defaults", faults)
    topics = [
        topic
        for position, item in enumerate(_list(document, "topics", faults))
        if (topic := _topic(item, position, defaults, kinds, faults)) is not None
    ]
    groups = [
        group
        for position, item in enumerate(_list(document, "groups", faults))
        if (group := _checked(Group, item, f"groups[{position}]", faults)) is not None
    ]
    faults += _rules(topics, groups)
    if faults:
        raise BadDefinition(str(path), faults)
    return TopicPlan(topics=tuple(topics), groups=tuple(groups))


def _milliseconds(span: timedelta | None) -> str:
    return "-1" if span is None else str(span // timedelta(milliseconds=1))


def _mapping(document: Mapping[str, Any], key: str, faults: list[str]) -> Mapping[str, Any]:
    found = document.get(key, {})
    if isinstance(found, dict) and (key != "kinds" or all(isinstance(kind, dict) for kind in found.values())):
        return found
    faults.append(f"{key}: expected a mapping")
    return {}


def _list(document: Mapping[str, Any], key: str, faults: list[str]) -> list[Any]:
    found = document.get(key)
    if isinstance(found, list) and found:
        return found
    faults.append(f"{key}: expected a list with at least one item")
    return []


def _topic(item: Any, position: int, defaults: Mapping[str, Any], kinds: Mapping[str, Any], faults: list[str]) -> Topic | None:
    where = f"topics[{position}]"
    if not isinstance(item, dict):
        faults.append(f"{where}: expected a mapping")
        return None
    where = str(item.get("name", where))
    kind = item.get("kind")
    of_kind = kinds.get(kind, {}) if isinstance(kind, str) else {}
    return _checked(Topic, {**defaults, **of_kind, **item}, where, faults)


def _checked(model: type[Model], item: Any, where: str, faults: list[str]) -> Model | None:
    try:
        return model.model_validate(item)
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_context=False, include_url=False):
            field = ".".join(map(str, fault["loc"]))
            faults.append(
                f"{where}: unknown key `{field}`" if fault["type"] == "extra_forbidden" else f"{where}.{field}: {fault['msg']}"
            )
        return None


def _rules(topics: Iterable[Topic], groups: Iterable[Group]) -> Iterator[str]:
    """What no single topic can tell."""
    by_name = {topic.name: topic for topic in topics}
    yield from (f"{name}: named more than once" for name in _repeated(topic.name for topic in topics))
    yield from (f"group {name}: named more than once" for name in _repeated(group.id for group in groups))
    for topic in by_name.values():
        if topic.cleanup == "compact" and topic.retention is not None:
            yield f"{topic.name}.retention: a compacted topic ignores it, write `forever`"
        if topic.cleanup == "delete" and topic.compacted_within is not None:
            yield f"{topic.name}.compacted_within: only a compacted topic has it"
        if topic.kind in ("source", "log") and topic.name + DLQ_SUFFIX not in by_name:
            yield f"{topic.name}: has no {topic.name + DLQ_SUFFIX} for what it refuses"
        if (topic.kind == "refused") != topic.name.endswith(DLQ_SUFFIX):
            yield f"{topic.name}: topics of kind `refused`, and no others, end in {DLQ_SUFFIX}"
        if (topic.kind == "changelog") != topic.name.endswith(CHANGELOG_SUFFIX):
            yield f"{topic.name}: topics of kind `changelog`, and no others, end in {CHANGELOG_SUFFIX}"
        if topic.kind == "refused":
            yield from _rules_of_refused(topic, by_name.get(topic.name.removesuffix(DLQ_SUFFIX)))
        if topic.kind == "changelog" and not any(topic.name.startswith(f"{group.id}-") for group in groups):
            yield f"{topic.name}: starts with the id of no group"


def _rules_of_refused(refused: Topic, source: Topic | None) -> Iterator[str]:
    if source is None:
        yield f"{refused.name}: there is no {refused.name.removesuffix(DLQ_SUFFIX)}"
        return
    if refused.max_message_bytes <= source.max_message_bytes:
        yield f"{refused.name}.max_message_bytes: must exceed that of {source.name}, or a full-size record cannot be refused"
    if refused.partitions != source.partitions:
        yield f"{refused.name}.partitions: must equal that of {source.name}"


def _repeated(names: Iterable[str]) -> Iterator[str]:
    return (name for name, times in Counter(names).items() if times > 1)


def _repeated_keys(node: yaml.Node | None) -> Iterator[str]:
    """A key written twice: YAML would silently keep the later one."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        line = node.start_mark.line + 1
        yield from (f"key `{key}` is written twice in the mapping at line {line}" for key in _repeated(keys))
        for _, value in node.value:
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)
