"""Large objects move by number, piece by piece, with their lines in the ledger; then both sides are compared.

One way serves a first run, one that goes on, and a catch-up. What is missing is written whole; what an interrupted run
began is compared piece by piece with the source in this run's snapshot, and what differs is written. What was moved
whole is compared: the target may be in use since. A catch-up alone writes to it, where it still is as it was moved.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.core.coverage import Skipped
from harness.core.large_objects import AT_ONCE, TOGETHER, Piece, course, pieces_of, together
from harness.core.ledger import MovedLargeObjects
from harness.errors import PrivilegeMissing
from harness.postgres import large_objects
from harness.postgres import ledger_large_objects as ledger
from harness.postgres.failures import StatementFailed, blaming
from harness.stages.crew import Pair
from harness.stages.large_objects_at_work import ObjectAtWork, Tally
from harness.stages.large_objects_chosen import ITEM, ChosenObjects, ObjectsMoved
from harness.stages.large_objects_found import findings_of, not_moved
from harness.stages.large_objects_gone import remove_gone
from harness.stages.large_objects_witness import Witness
from harness.stages.load_chunk import roll_back
from harness.stages.load_state import Transfer


@dataclass(slots=True)
class _Move:
    """The large objects of one run."""

    transfer: Transfer
    origin: str
    moving: bool
    """What is missing, and what was begun, is written"""
    catch_up: bool
    """So is what was moved whole, and is as it was moved"""
    total: int
    witness: Witness
    known_roles: dict[str, bool] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def bring(self, pair: Pair, oids: array[int]) -> None:
        """Some objects: written where that is needed, and compared."""
        try:
            self._bring(pair, oids)
        except BaseException:
            roll_back(pair)
            raise

    def _bring(self, pair: Pair, oids: array[int]) -> None:
        with blaming(self.transfer.source_endpoint, pair.source), pair.source.transaction():
            of_source = large_objects.sizes(pair.source, oids)
        with blaming(self.transfer.target_endpoint, pair.target):
            of_target = large_objects.sizes(pair.target, oids)
            lines = ledger.lines(pair.target, self.origin, oids)
            pair.target.commit()
        objects: dict[int, ObjectAtWork] = {}
        for oid in oids:
            size = of_source[oid] or 0
            line = lines.get(oid)
            # What the role may not even read is no object of ours.
            hidden = oid in of_target and of_target[oid] is None
            there = of_target.get(oid)
            way = course(size, there, line=line.noted if line else None, moving=self.moving)
            objects[oid] = ObjectAtWork(
                oid=oid,
                size=size,
                course="taken" if hidden else way,
                there=there,
                line=line,
            )
        self._pieces(pair, objects)
        if self.catch_up and (behind := self._behind(pair, objects)):
            self._pieces(pair, behind)
        with self.tally.lock:
            for each in objects.values():
                self.tally.bytes += each.size
                self.tally.moved += each.touched
                self.tally.unlike.note(each.course, each.oid)
            self.tally.done += len(objects)
            self.transfer.progress.events.progress("migrate", self.tally.done, self.total, ITEM)

    def _pieces(self, pair: Pair, objects: dict[int, ObjectAtWork]) -> None:
        pieces = (piece for each in objects.values() for piece in pieces_of(each.oid, each.size))
        readable = (piece for piece in pieces if objects[piece.oid].course in ("write", "compare"))
        for group in together(readable, min(self.transfer.batch_bytes, AT_ONCE)):
            self.transfer.crew.stop.check()
            self._group(pair, group, objects)

    def _behind(self, pair: Pair, objects: dict[int, ObjectAtWork]) -> dict[int, ObjectAtWork]:
        """Objects that the source changed since they were moved, to be written; what others changed is theirs now."""
        found: dict[int, ObjectAtWork] = {}
        for oid, each in objects.items():
            if each.line is None or each.course != "differs" or each.touched:
                continue
            with blaming(self.transfer.target_endpoint, pair.target):
                ours = ledger.as_moved(pair.target, each.line, each.there)
                pair.target.commit()
            each.course = "write" if ours else "taken"
            if ours:
                found[oid] = each
        return found

    def _group(self, pair: Pair, group: Sequence[Piece], objects: dict[int, ObjectAtWork]) -> None:
        """Pieces that share a transaction."""
        standing = [each for each in group if each.length and objects[each.oid].stands(each)]
        unlike, digests = self._compared(pair, standing)
        for piece in unlike:
            each = objects[piece.oid]
            if each.course == "compare":
                each.course = "taken" if self.moving and each.line is None else "differs"
        writing = [each for each in group if objects[each.oid].course == "write"]
        wanted = [each for each in writing if each in unlike or each not in digests]
        with blaming(self.transfer.source_endpoint, pair.source), pair.source.transaction():
            read = large_objects.contents(pair.source, wanted) if wanted else []
        digests |= {piece: digest for piece, (digest, _) in zip(wanted, read, strict=True)}
        for piece in writing:
            objects[piece.oid].content.add(digests[piece])
        data = [(piece, held) for piece, (_, held) in zip(wanted, read, strict=True)]
        closing = [objects[each.oid] for each in writing if each.last]
        if data or closing:
            self._write(pair, data, closing, objects, digests)

    def _compared(self, pair: Pair, pieces: Sequence[Piece]) -> tuple[set[Piece], dict[Piece, bytes]]:
        """The pieces that are not the same on both sides; and what each is on the source."""
        if not pieces:
            return set(), {}
        with blaming(self.transfer.source_endpoint, pair.source), pair.source.transaction():
            of_source = large_objects.digests(pair.source, pieces)
        with blaming(self.transfer.target_endpoint, pair.target):
            of_target = large_objects.digests(pair.target, pieces)
            pair.target.commit()
        both = zip(pieces, of_source, of_target, strict=True)
        return {piece for piece, left, right in both if left != right}, dict(zip(pieces, of_source, strict=True))

    def _write(
        self,
        pair: Pair,
        data: Sequence[tuple[Piece, bytes]],
        closing: Sequence[ObjectAtWork],
        objects: dict[int, ObjectAtWork],
        digests: dict[Piece, bytes],
    ) -> None:
        """Write pieces, read them again, and note their objects in the ledger, in one transaction."""
        target = pair.target
        concerned = {piece.oid: objects[piece.oid] for piece, _ in data} | {each.oid: each for each in closing}
        with blaming(self.transfer.target_endpoint, target):
            if made := [oid for oid, each in concerned.items() if each.there is None]:
                large_objects.create(target, made)
            begun = [oid for oid, each in concerned.items() if not each.touched]
            ledger.begun(target, self.origin, self.transfer.snapshot, begun)
            lengths = {oid: each.there or 0 for oid, each in concerned.items()}
            put = []
            for piece, held in data:
                # What an object has not been given reads as zeros, and takes no room.
                if piece.offset < lengths[piece.oid] or held.strip(b"\0"):
                    put.append((piece, held))
                    lengths[piece.oid] = max(lengths[piece.oid], piece.offset + piece.length)
            if put:
                large_objects.put(target, put)
            wanted = dict(lengths)
            for piece, _ in data:
                wanted[piece.oid] = max(wanted[piece.oid], piece.offset + piece.length)
            wanted |= {each.oid: each.size for each in closing}
            if resized := {oid: size for oid, size in wanted.items() if lengths[oid] != size}:
                large_objects.resize(target, resized)
            # Before the owner changes: the session's role may be able to read them no more.
            wrong = self._wrong(pair, [piece for piece, _ in data], closing, digests)
            whole = [each for each in closing if each.oid not in wrong and each.course == "write"]
            ledger.whole(target, self.origin, [(each.oid, each.size, each.content.digest) for each in whole])
            self._give(pair, [each.oid for each in whole])
            # One that this run, or an interrupted one, began is pgparity's until it is whole.
            lines = {oid: each.line for oid, each in concerned.items() if each.there is not None and not each.touched}
            theirs = self.witness.written_by_others({oid: at for oid, at in lines.items() if at is None or at.digest})
            if theirs:
                target.rollback()
                self._leave(pair, theirs, data, closing, objects, digests)
                return
            target.commit()
        for oid, each in concerned.items():
            each.touched = True
            each.there = wanted[oid]
            each.course = "differs" if oid in wrong else each.course
        self.transfer.sent(sum(len(held) for _, held in put), ITEM)

    def _leave(
        self,
        pair: Pair,
        theirs: set[int],
        data: Sequence[tuple[Piece, bytes]],
        closing: Sequence[ObjectAtWork],
        objects: dict[int, ObjectAtWork],
        digests: dict[Piece, bytes],
    ) -> None:
        """Write the others: these were written to by others in the meantime, and stay."""
        for oid in theirs:
            objects[oid].course = "taken"
        data = [(piece, held) for piece, held in data if piece.oid not in theirs]
        closing = [each for each in closing if each.oid not in theirs]
        if data or closing:
            self._write(pair, data, closing, objects, digests)

    def _wrong(
        self, pair: Pair, written: Sequence[Piece], closing: Sequence[ObjectAtWork], digests: dict[Piece, bytes]
    ) -> set[int]:
        """The objects that do not hold on the target what was to be written, or are not as long as they should be."""
        found = large_objects.digests(pair.target, written)
        wrong = {piece.oid for piece, digest in zip(written, found, strict=True) if digest != digests[piece]}
        sizes = large_objects.sizes(pair.target, [each.oid for each in closing])
        return wrong | {each.oid for each in closing if sizes.get(each.oid) != each.size}

    def _give(self, pair: Pair, oids: Sequence[int]) -> None:
        """Owners, comments and privileges as the source has them."""
        if not oids:
            return
        with blaming(self.transfer.source_endpoint, pair.source), pair.source.transaction():
            wanted = large_objects.rights(pair.source, oids)
        missing = large_objects.give(pair.target, wanted, self.known_roles)
        with self.tally.lock:
            self.tally.roles |= missing


def move_large_objects(
    transfer: Transfer, chosen: ChosenObjects, origin: str, *, catch_up: bool = False
) -> ObjectsMoved:
    """Move the chosen objects, or what an interrupted run left of them; or compare those of a finished migration.

    With `catch_up` what changed since is moved as well, and of a migration of all objects what the source no longer has
    is removed, where the target's object is as it was moved. An object of others that has a number of the source's is
    never written to (MIG006), unless it is empty; nor is one that others wrote to since. MIG007: the two sides do not
    hold the same.
    """
    with blaming(transfer.target_endpoint, transfer.target):
        ledger.create(transfer.target)
    started = time.monotonic()
    witness = Witness(transfer.target_endpoint, transfer.crew.stop)
    try:
        return _moved(transfer, chosen, origin, started, witness, catch_up=catch_up)
    except (StatementFailed, PrivilegeMissing) as failure:
        where = f"on the {failure.side}: {failure.reason}" if isinstance(failure, StatementFailed) else failure.message
        if not transfer.target.closed:
            transfer.target.rollback()
        return ObjectsMoved(
            found=MovedLargeObjects(objects=len(chosen.oids), bytes=0, seconds=time.monotonic() - started),
            findings=(not_moved(where),),
            skipped=(Skipped(item=ITEM, reason=where),),
        )
    finally:
        witness.leave()


def _moved(
    transfer: Transfer, chosen: ChosenObjects, origin: str, started: float, witness: Witness, *, catch_up: bool
) -> ObjectsMoved:
    name = chosen.named(transfer.migration)
    with blaming(transfer.target_endpoint, transfer.target):
        moving = catch_up or not ledger.finished(transfer.target, name)
        ledger.begin(transfer.target, name, origin)
        roles = large_objects.roles(transfer.target)
        transfer.target.commit()
    move = _Move(transfer, origin, moving, catch_up, len(chosen.oids), witness, roles)
    batches = [chosen.oids[start : start + TOGETHER] for start in range(0, len(chosen.oids), TOGETHER)]
    transfer.crew.each(batches, move.bring)
    # Of a part of the objects nothing tells whether one that is gone from the source ever belonged to it.
    removed, left = remove_gone(transfer, origin, witness, removing=catch_up) if chosen.columns is None else (0, [])
    tally = move.tally
    tally.unlike.extend("gone", left)
    equal = not tally.unlike.numbers
    if equal and moving:
        with blaming(transfer.target_endpoint, transfer.target):
            ledger.finish(transfer.target, name)
            transfer.target.commit()
    if not chosen.oids and not removed and not left:
        return ObjectsMoved()
    return ObjectsMoved(
        found=MovedLargeObjects(
            objects=len(chosen.oids),
            bytes=tally.bytes,
            moved=tally.moved,
            removed=removed,
            seconds=round(time.monotonic() - started, 6),
            verified=equal,
            roles_left_out=tuple(sorted(tally.roles)),
        ),
        findings=findings_of(tally.unlike, catch_up=catch_up),
    )
