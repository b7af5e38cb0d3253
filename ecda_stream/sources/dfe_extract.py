"""One child of a DfE API payload as facts, and the merging of a delta into what was known before.

Source of names: Department for Education, children's social care data API, OpenAPI 1.0.1; SSDA903 codes for looked-after placements.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType

from ecda_stream.sources.accounting import Block, Leaf
from ecda_stream.sources.children import Child, child_key, make_child
from ecda_stream.sources.facts import NO_DATE, Episode, Fact, Item, make_fact, text_of

PURGED = "purged: withdrawn if it was known"
NOT_PURGED = "purge: false says nothing"
MOVED = "placement ended by a move (X1): the next placement's start says it"
END_WITHOUT_REASON = "placement ended without end_reason"
CHANGE_WITHOUT_MOVE = "change_reason of a placement that nothing follows"
UNCHANGED = "unchanged since the previous extract"
UNKNOWN = "not in the specification 1.0.1"
NO_EVENT = "child without anything that happened"

_ADOPTION = "adoption: no event type; closure reason RC1 says it"
_CARE_LEAVERS = "care leavers: after the age of 18"
_UASC = "unaccompanied asylum seeking: no event type; assessment factor 9A says it"
LEFT_OUT: Mapping[str, str] = MappingProxyType(
    {
        "la_code": "the authority given names it",
        "uasc_flag": _UASC,
        "uasc_end_date": _UASC,
        "initial_decision_date": _ADOPTION,
        "matched_date": _ADOPTION,
        "placed_date": _ADOPTION,
        "contact_date": _CARE_LEAVERS,
        "activity": _CARE_LEAVERS,
        "accommodation": _CARE_LEAVERS,
        "social_care_episode_id": "id of a section that holds no fact",
    }
)

EPISODES = "social_care_episodes"
SDQ = "sdq_assessments"
WORKERS = "care_worker_details"
_ITEM_LISTS: Mapping[str, tuple[str | None, str]] = MappingProxyType(
    {
        EPISODES: ("social_care_episode_id", "referral_date"),
        "child_and_family_assessments": ("child_and_family_assessment_id", "start_date"),
        "child_in_need_plans": ("child_in_need_plan_id", "start_date"),
        "section_47_assessments": ("section_47_assessment_id", "start_date"),
        "child_protection_plans": ("child_protection_plan_id", "start_date"),
        "child_looked_after_placements": ("child_looked_after_placement_id", "start_date"),
        WORKERS: (None, "start_date"),
        SDQ: (None, "date"),
    }
)
"""List -> the id of its items (may churn) and the date that names them."""


@dataclass(eq=False)
class EpisodeState:
    """One episode of an extract: what pairs it with the other extract, its items and its facts."""

    item: Item
    key: str
    items: list[Item]
    facts: list[Fact]


@dataclass(eq=False)
class ChildState:
    """One child of one extract: what it says holds, and what it marks as purged."""

    child: Child
    purged: bool = False
    purged_details: bool = False
    episodes: list[EpisodeState] = field(default_factory=list)
    purged_episodes: list[EpisodeState] = field(default_factory=list)
    purged_facts: list[Fact] = field(default_factory=list)
    others: list[Fact] = field(default_factory=list)
    """Facts of no episode."""

    def facts(self) -> list[Fact]:
        """Return every fact that the extract says holds."""
        return [*self.others, *(fact for episode in self.episodes for fact in episode.facts)]


def read_child(block: Block, place: int, known_moves: Set[tuple[str, ...]] = frozenset()) -> ChildState:
    """Return a child's facts; `known_moves` are natural keys of placements that were known as changes, which they stay."""
    details, health = _first(block, "child_details"), _first(block, "health_and_wellbeing")
    child = make_child(
        _identifiers(block),
        {
            "forename": details.leaf("first_name"),
            "surname": details.leaf("surname"),
            "birth_date": details.leaf("date_of_birth"),
            "expected_birth_date": details.leaf("expected_date_of_birth"),
            "sex": details.leaf("sex"),
            "ethnicity": details.leaf("ethnicity"),
            "disabilities": details.leaves("disabilities"),
            "postcode": details.leaf("postcode"),
            "upn_unknown": details.leaf("unique_pupil_number_unknown_reason"),
        },
        place,
    )
    state = ChildState(child, purged=_is_purged(block), purged_details=_is_purged(details))
    purged_health = _is_purged(health)
    for item in health.blocks(SDQ):
        day = item.leaf("date")
        fact = make_fact(
            "sdq.recorded.v1", (text_of(day) or NO_DATE,), text_of(day), {"assessment_date": day, "score": item.leaf("score")}
        )
        (state.purged_facts if _is_purged(item) or purged_health else state.others).append(fact)
    for part in block.blocks(EPISODES):
        episode, purged_facts = _read_episode(part, known_moves)
        if _is_purged(part):
            state.purged_episodes.append(episode)
        else:
            state.episodes.append(episode)
            state.purged_facts.extend(purged_facts)
    state.episodes = _one_a_day(state.episodes)
    kept = {episode.key for episode in state.episodes}
    state.purged_episodes = [episode for episode in state.purged_episodes if episode.key not in kept]
    if state.purged:
        state.episodes, state.others, state.purged_episodes, state.purged_facts = [], [], [], []
        _name_purged(block, but=child.leaves)
    return state


def _one_a_day(episodes: list[EpisodeState]) -> list[EpisodeState]:
    """Join episodes of one referral date: they are one episode, whatever their ids (design: Ids)."""
    by_key: dict[str, EpisodeState] = {}
    for episode in episodes:
        joined = by_key.setdefault(episode.key, episode)
        if joined is not episode:
            joined.items.extend(episode.items)
            joined.facts.extend(episode.facts)
    return list(by_key.values())


def key_of(block: Block, place: int) -> str:
    """Return the key of the child, as in event ids."""
    return child_key(_identifiers(block), place)


def _identifiers(block: Block) -> tuple[tuple[str, Leaf], ...]:
    details = _first(block, "child_details")
    return (
        *(("la_child_id", leaf) for leaf in block.leaves("la_child_id")[:1]),
        *(("mis_child_id", leaf) for leaf in block.leaves("mis_child_id")[:1]),
        *(("upn", leaf) for leaf in details.leaves("unique_pupil_number")),
        *(("former_upn", leaf) for leaf in details.leaves("former_unique_pupil_number")),
    )


def _first(block: Block, name: str) -> Block:
    return next(iter(block.blocks(name)), Block())


def _is_purged(block: Block) -> bool:
    leaf = block.leaf("purge")
    if leaf is None:
        return False
    leaf.reason = PURGED if leaf.value is True else NOT_PURGED if leaf.value is False else None
    if leaf.value is True:
        _name_purged(block)
    return leaf.value is True


def _name_purged(block: Block, but: tuple[Leaf, ...] = ()) -> None:
    for leaf in block.walk():
        if leaf not in but:
            leaf.reason = PURGED


def _read_episode(part: Block, known_moves: Set[tuple[str, ...]]) -> tuple[EpisodeState, list[Fact]]:
    """Return the episode and the facts of those of its items that are marked as purged."""
    episode = Episode(part.leaf("referral_date"), part.leaf("social_care_episode_id"))
    episode.referral(part.leaf("referral_source"), None, part.leaf("referral_no_further_action_flag"))
    items: list[Item] = []
    purged: list[Fact] = []

    def each(section: str, read: Callable[[Block, Leaf | None], None]) -> None:
        id_name, _ = _ITEM_LISTS[section]
        for block in part.blocks(section):
            source_id = block.leaf(id_name) if id_name else None
            episode.item = Item(section, text_of(source_id), text_of(block.leaf("start_date")))
            before = len(episode.facts)
            read(block, source_id)
            if _is_purged(block):
                purged.extend(fact for fact in episode.facts[before:] if fact.day)
                del episode.facts[before:]
            else:
                items.append(episode.item)
        episode.item = None

    each(
        "child_and_family_assessments",
        lambda b, i: episode.assessment(b.leaf("start_date"), b.leaf("authorisation_date"), b.leaves("factors"), None, i),
    )
    each(
        "section_47_assessments",
        lambda b, i: episode.s47(b.leaf("start_date"), b.leaf("end_date"), b.leaf("icpc_required_flag"), None, b.leaf("icpc_date"), i),
    )
    each("child_in_need_plans", lambda b, i: episode.cin_plan(b.leaf("start_date"), b.leaf("end_date"), i))
    each(
        "child_protection_plans",
        lambda b, i: episode.cp_plan(b.leaf("start_date"), b.leaf("end_date"), None, None, None, [], i),
    )
    each(WORKERS, lambda b, _: _worker(episode, b))
    placements = sorted(part.blocks("child_looked_after_placements"), key=lambda b: text_of(b.leaf("start_date")) or "~")
    before_it = dict(zip(placements[1:], placements, strict=False))
    each("child_looked_after_placements", lambda b, i: _placement(episode, b, i, before_it.get(b), known_moves))
    for block in placements:
        _end_of_placement(block)
    for section in ("adoption", "care_leavers"):
        _is_purged(_first(part, section))
    episode.closure(part.leaf("closure_date"), part.leaf("closure_reason"))
    identity = Item(EPISODES, text_of(episode.episode_id), text_of(episode.referral_date))
    return EpisodeState(identity, episode.key, items, episode.facts), purged


def _worker(episode: Episode, block: Block) -> None:
    worker, start = block.leaf("worker_id"), block.leaf("start_date")
    episode.add(
        "worker.changed.v1",
        (text_of(worker), text_of(start)),
        start,
        worker_id=worker,
        start_date=start,
        end_date=block.leaf("end_date"),
    )


def _placement(episode: Episode, block: Block, source_id: Leaf | None, before: Block | None, known_moves: Set[tuple[str, ...]]) -> None:
    """Add a placement: a start (reason S, or the first of the episode), else a change; and its end unless it is a move (X1).

    The reason for a move stands with the placement that ended, and is carried by the one that follows.
    """
    start, end, end_reason = block.leaf("start_date"), block.leaf("end_date"), block.leaf("end_reason")
    start_reason, kind, postcode = block.leaf("start_reason"), block.leaf("placement_type"), block.leaf("postcode")
    key = (text_of(start) or text_of(end),)
    first = before is None and (episode.key, key[0] or NO_DATE) not in known_moves
    if text_of(start_reason) == "S" or first:
        episode.add(
            "cla.started.v1",
            key,
            start,
            placement_id=source_id,
            start_date=start,
            start_reason=start_reason,
            placement_type=kind,
            postcode=postcode,
        )
    else:
        moved = before is not None and text_of(before.leaf("end_reason")) == "X1"
        episode.add(
            "cla.placement_changed.v1",
            key,
            start,
            placement_id=source_id,
            start_date=start,
            start_reason=start_reason,
            placement_type=kind,
            change_reason=before.leaf("change_reason") if moved and before is not None else None,
            postcode=postcode,
        )
    if end_reason is not None and end_reason.value != "X1":
        episode.add(
            "cla.ended.v1",
            key,
            end,
            placement_id=source_id,
            start_date=start,
            end_date=end,
            end_reason=end_reason,
            change_reason=block.leaf("change_reason"),
        )


def _end_of_placement(block: Block) -> None:
    end_reason, change = block.leaf("end_reason"), block.leaf("change_reason")
    moved = text_of(end_reason) == "X1"
    for leaf in (block.leaf("end_date"), end_reason):
        if leaf is not None and leaf.reason is None:
            leaf.leave_out(MOVED if moved else END_WITHOUT_REASON)
    if change is not None and change.reason is None:
        change.leave_out(CHANGE_WITHOUT_MOVE)


def merge(previous: Block, delta: Block) -> Block:
    """Return the child as it is after a delta: absent keys and items stay as they were, an explicit null empties.

    What was purged and is named again without `purge` is back.

    Items are matched by date and id, then by date (ids churn), then by id.
    """
    merged = Block({name: list(parts) for name, parts in previous.fields.items() if name != "purge"})
    for name, parts in delta.fields.items():
        inner = [part for part in parts if isinstance(part, Block)]
        known = [part for part in merged.fields.get(name, ()) if isinstance(part, Block)]
        if name in _ITEM_LISTS and (inner or not parts):
            pairs = pair([_item(name, part) for part in inner], [_item(name, part) for part in known])
            changed: list[Leaf | Block] = list(known)
            for index, part in enumerate(inner):
                if index in pairs:
                    changed[pairs[index]] = merge(known[pairs[index]], part)
                else:
                    changed.append(part)
            merged.fields[name] = changed
        elif inner and known:
            merged.fields[name] = [merge(known[0], inner[0]), *inner[1:]]
        else:
            merged.fields[name] = list(parts)
    return merged


def _item(section: str, block: Block) -> Item:
    id_name, date_name = _ITEM_LISTS[section]
    own_id = text_of(block.leaf(id_name)) if id_name else None
    worker = text_of(block.leaf("worker_id")) if section == WORKERS else None
    day = text_of(block.leaf(date_name))
    return Item(section, own_id, f"{worker} {day}" if worker is not None else day)


def pair(these: list[Item], those: list[Item]) -> dict[int, int]:
    """Pair two lists' items by section, one to one: same date and id, then same date, then same id; return indexes.

    Date before id: extracts that number their items anew would otherwise turn every item into a correction of another.
    """
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    rules: tuple[Callable[[Item], tuple[str | None, ...] | None], ...] = (
        lambda item: (item.section, item.item_id, item.day) if item.item_id and item.day else None,
        lambda item: (item.section, item.day) if item.day else None,
        lambda item: (item.section, item.item_id) if item.item_id else None,
    )
    for rule in rules:
        places: dict[tuple[str | None, ...], list[int]] = {}
        for index, item in enumerate(those):
            name = rule(item)
            if index not in taken and name is not None:
                places.setdefault(name, []).append(index)
        for index, item in enumerate(these):
            name = rule(item)
            if index not in pairs and name is not None and places.get(name):
                pairs[index] = places[name].pop(0)
                taken.add(pairs[index])
    return pairs
