"""DfE children's social care API payloads: what is new or changed since the previous extract becomes source events.

Compared is fact by fact, without the source's own ids, which may churn. What is absent from a snapshot, or marked `purge` in any
payload, has only left the cohort window: `source.withdrawn`, never a retraction and never an erasure. A fact that vanished from an
episode or item which is still there (a closure, an end date), and a fact whose naming date was corrected, is `record.retracted`. In a
delta, absent keys, items and children are unchanged. If only a child's details changed, the latest referral is yielded again, so that
a corrected birth date or a new pupil number arrives.

One child at a time is in memory; the previous extract lies in a temporary file that is deleted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, BinaryIO, Literal

from ecda_stream.sources.accounting import Account
from ecda_stream.sources.children import Child, event_id, identify, in_order, to_event
from ecda_stream.sources.dfe_extract import (
    LEFT_OUT,
    NO_EVENT,
    UNCHANGED,
    UNKNOWN,
    WORKERS,
    ChildState,
    EpisodeState,
    key_of,
    merge,
    pair,
    read_child,
)
from ecda_stream.sources.facts import Fact
from ecda_stream.sources.json_children import read_children, to_block
from ecda_stream.sources.previous import PreviousExtract, previous_extract
from ecda_stream.sources.reading import SourceEvent

Kind = Literal["snapshot", "delta"]
_CHURNING_IDENTIFIER = "mis_child_id"


def read_dfe_api(
    new: BinaryIO, previous: BinaryIO | None, *, authority: str, kind: Kind, account: Account, as_of: date
) -> Iterator[SourceEvent]:
    """Yield the source events of an extract, child by child: retractions, then facts in order of happening, then withdrawals.

    Without `previous` every fact becomes its event. `as_of` is the day of retractions and withdrawals, because payloads say none.

    Raises UnreadableFile if either stream is not JSON or is cut off.
    """
    with previous_extract() as known:
        if previous is not None:
            for place, value in enumerate(read_children(previous), start=1):
                known.keep(key_of(to_block(value, "", None), place), value)
        for place, value in enumerate(read_children(new, account), start=1):
            yield from _read_child(value, place, known, previous is not None, authority, kind, account, as_of)
        if kind == "snapshot":
            for value in known.not_met():
                gone = read_child(to_block(value, "", None), 0)
                if not gone.purged:
                    withdrawn = _withdrawal(gone.child, authority, as_of, "child")
                    yield to_event(*withdrawn, gone.child, authority, account)


def _read_child(
    value: dict[str, Any],
    place: int,
    known: PreviousExtract,
    compared: bool,
    authority: str,
    kind: Kind,
    account: Account,
    as_of: date,
) -> Iterator[SourceEvent]:
    block = to_block(value, "", account)
    was = known.meet(key_of(block, place))
    before = None if was is None else read_child(to_block(was, "", None), place)
    moves = _moves(before) if before else frozenset()
    whole = merge(to_block(was, "", None), block) if kind == "delta" and was is not None else block
    after = read_child(whole, place, moves)
    changes = _changes(before, after, authority, as_of)
    for own_id, fact in changes:
        yield to_event(own_id, fact, after.child, authority, account)
    for leaf in block.walk():
        if leaf.owned and not leaf.settled and leaf.reason is None:
            leaf.reason = UNCHANGED if compared and before is not None else NO_EVENT
    account.settle(block, LEFT_OUT, UNKNOWN)


def _moves(before: ChildState) -> frozenset[tuple[str, ...]]:
    """Return the natural keys of placements that were changes of placement, and nothing else, in the previous extract."""
    facts = [*before.facts(), *before.purged_facts]
    started = {fact.key for fact in facts if fact.type_name == "cla.started.v1"}
    return frozenset(fact.key for fact in facts if fact.type_name == "cla.placement_changed.v1") - started


def _changes(before: ChildState | None, after: ChildState, authority: str, as_of: date) -> list[tuple[str, Fact]]:
    """Return what to yield for one child, in order."""
    child = after.child
    new = identify(after.facts(), authority, child.key)
    old = identify(before.facts(), authority, child.key) if before else {}
    fresh = {own_id: fact for own_id, fact in new.items() if own_id not in old or old[own_id].content() != fact.content()}
    gone = {own_id: fact for own_id, fact in old.items() if own_id not in new}
    retracted, withdrawn = _vanished(before, after, gone, authority, as_of) if before else ({}, {})
    _add_purged(before, after, withdrawn, authority, as_of)
    if before and not fresh and not withdrawn and _has_news(before.child, child):
        fresh = dict(_latest_referral(new))
    return [*retracted.items(), *in_order(fresh), *withdrawn.items()]


def _vanished(
    before: ChildState, after: ChildState, gone: Mapping[str, Fact], authority: str, as_of: date
) -> tuple[dict[str, Fact], dict[str, Fact]]:
    """Sort what is no longer said into retractions (what held it is still there) and withdrawals (it is not)."""
    retracted: dict[str, Fact] = {}
    withdrawn: dict[str, Fact] = {}
    child = after.child
    if after.purged:
        return retracted, withdrawn
    still = pair([episode.item for episode in before.episodes], [episode.item for episode in after.episodes])
    home = {id(fact): index for index, episode in enumerate(before.episodes) for fact in episode.facts}
    for own_id, fact in gone.items():
        index = home.get(id(fact))
        if index is None:
            withdrawn.update([_withdrawal(child, authority, as_of, "record", record=own_id)])
        elif index not in still:
            withdrawn.update([_withdrawal(child, authority, as_of, "episode", episode=before.episodes[index])])
        elif _is_still_there(fact, before.episodes[index], after.episodes[still[index]]):
            key = (own_id, as_of.isoformat())
            fields = {"event_id": own_id, "retraction_date": as_of.isoformat(), **_of_episode(fact.fields)}
            retraction = Fact("record.retracted.v1", as_of.isoformat(), key, fields)
            retracted[event_id(authority, child.key, retraction.type_name, key)] = retraction
        else:
            withdrawn.update([_withdrawal(child, authority, as_of, "record", record=own_id, episode=before.episodes[index])])
    return retracted, withdrawn


def _is_still_there(fact: Fact, before: EpisodeState, after: EpisodeState) -> bool:
    """Return whether the item that a fact came from is still in its episode; the episode itself is."""
    if fact.item is None:
        return True
    if fact.item.section == WORKERS:  # one worker comes and goes; only the dates tell the periods apart
        return before.item.day != after.item.day
    return before.items.index(fact.item) in pair(before.items, after.items)


def _add_purged(before: ChildState | None, after: ChildState, withdrawn: dict[str, Fact], authority: str, as_of: date) -> None:
    """Add what the extract marks as purged, unless the previous one did so already."""
    child = after.child
    if after.purged:
        if before is None or not before.purged:
            withdrawn.update([_withdrawal(child, authority, as_of, "child")])
        return
    if after.purged_details and not (before and before.purged_details):
        withdrawn.update([_withdrawal(child, authority, as_of, "record")])
    said = {episode.key for episode in before.purged_episodes} if before else set()
    for episode in after.purged_episodes:
        if episode.key not in said:
            withdrawn.update([_withdrawal(child, authority, as_of, "episode", episode=episode)])
    said = set(identify(before.purged_facts, authority, child.key)) if before else set()
    for own_id in identify(after.purged_facts, authority, child.key):
        if own_id not in said:
            withdrawn.update([_withdrawal(child, authority, as_of, "record", record=own_id)])


def _withdrawal(
    child: Child, authority: str, as_of: date, scope: str, *, record: str | None = None, episode: EpisodeState | None = None
) -> tuple[str, Fact]:
    """Return the id and the fact of a withdrawal of a child, an episode or a record."""
    key = (scope, record or (episode.key if episode else ""), as_of.isoformat())
    fields: dict[str, Any] = {"withdrawn_date": as_of.isoformat(), "scope": scope}
    if record is not None:
        fields["event_id"] = record
    if episode is not None:
        fields |= _of_episode(episode.facts[0].fields)
    fact = Fact("source.withdrawn.v1", as_of.isoformat(), key, fields)
    return event_id(authority, child.key, fact.type_name, key), fact


def _of_episode(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ("referral_date", "episode_id") if name in fields}


def _has_news(before: Child, after: Child) -> bool:
    """Return whether something said about the child now is not what was said before; that less is said is no news."""
    then, now = dict(before.person), dict(after.person)
    known = [identifier for identifier in then.pop("identifiers", ()) if identifier["kind"] != _CHURNING_IDENTIFIER]
    stated = [identifier for identifier in now.pop("identifiers", ()) if identifier["kind"] != _CHURNING_IDENTIFIER]
    return any(identifier not in known for identifier in stated) or any(then.get(name) != value for name, value in now.items())


def _latest_referral(identified: Mapping[str, Fact]) -> Iterable[tuple[str, Fact]]:
    referrals = [(own_id, fact) for own_id, fact in identified.items() if fact.type_name == "referral.received.v1"]
    return sorted(referrals, key=lambda pair_: pair_[1].day)[-1:]
