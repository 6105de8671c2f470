"""The longest way through a graph of delays, and the longest through every node of it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hearth.toolchain.support.errors import HearthError

Node = TypeVar("Node", bound=Hashable)
Edges = Mapping[Node, Sequence[tuple[Node, float]]]


@dataclass(frozen=True)
class Paths(Generic[Node]):
    """Of every node that a path goes through, from a start to an end.

    arrival   the longest way from any start to it
    rest      the longest way from it to any end, that end's own time included
    starts    where paths begin, with the time at which they do
    edges     from each node, with their delays
    """

    arrival: Mapping[Node, float]
    rest: Mapping[Node, float]
    starts: Mapping[Node, float]
    edges: Edges[Node]

    def through(self, node: Node) -> float:
        """The longest path through a node."""
        return self.arrival[node] + self.rest[node]

    def longest(self) -> list[Node]:
        """The nodes of the longest path, empty where there is none."""
        if not self.rest:
            return []
        start = max(self.rest, key=lambda node: self.rest[node] + self.starts.get(node, -1e9))
        path = [start]
        while True:
            last = path[-1]
            after = [
                target
                for target, time in self.edges.get(last, [])
                if target in self.rest and time + self.rest[target] == self.rest[last]
            ]
            if not after:
                return path
            path.append(after[0])


def find(
    starts: Mapping[Node, float], edges: Edges[Node], ends: Mapping[Node, float]
) -> Paths[Node]:
    """All paths from `starts` (with the time at which each begins) to `ends` (with the time that
    must be left there). HearthError where combinational logic is a loop."""
    order = _order(starts, edges)
    arrival: dict[Node, float] = dict(starts)
    for node in order:
        for target, time in edges.get(node, []):
            there = arrival[node] + time
            if there > arrival.get(target, float("-inf")):
                arrival[target] = there
    rest: dict[Node, float] = {}
    for node in reversed(order):
        ways = [time + rest[target] for target, time in edges.get(node, []) if target in rest]
        if node in ends:
            ways.append(ends[node])
        if ways:
            rest[node] = max(ways)
    return Paths({node: arrival[node] for node in rest}, rest, starts, edges)


def _order(starts: Mapping[Node, float], edges: Edges[Node]) -> list[Node]:
    """Nodes that a start reaches, each behind those that lead to it."""
    waiting: dict[Node, int] = dict.fromkeys(starts, 0)
    stack = list(starts)
    while stack:  # count the edges into every node that is reached
        for target, _ in edges.get(stack.pop(), []):
            if target not in waiting:
                waiting[target] = 0
                stack.append(target)
            waiting[target] += 1
    ready = [node for node, count in waiting.items() if count == 0]
    order: list[Node] = []
    while ready:
        node = ready.pop()
        order.append(node)
        for target, _ in edges.get(node, []):
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    if len(order) != len(waiting):
        loop = next(node for node, count in waiting.items() if count > 0)
        raise HearthError(f"timing: combinational logic is a loop through {loop}")
    return order
