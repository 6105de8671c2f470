"""The nearest word of a trellis code, exactly: Viterbi round a circle, for many groups at once.

A group is `group` channels with a code of `bits` bits each. Channel p's value is table[address],

    address = sum over j >= 0 of code[(p - j) mod group] << (j * bits), its lowest `window` bits

so that the path bites its own tail: the state in front of channel 0 (the bits of an address that
are not the channel's own code) is the one behind the last. With a window of at most 8 bits there
are few states, and the dynamic programme (Forney 1973, The Viterbi Algorithm) is run from all of
them side by side, which is exact. Two turns round the circle from an unknown state, as is usual for
long circles, are not exact and no faster for the few dozen circles of most layers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hearth.toolchain.ir import Array

CHUNK = 1 << 16
"""Path costs held at once in one step, for all groups together."""


def nearest(values: Array, weights: Array, table: Array, bits: int) -> Array:
    """Addresses [group, n] that minimise sum of weights * (values - table[address])^2, per group.

    values, weights [group, n] float32, table [2^window] float32.
    """
    states = len(table) >> bits
    step = max(1, CHUNK // (states * len(table)))
    parts = [
        _nearest(values[:, i : i + step], weights[:, i : i + step], table, bits)
        for i in range(0, values.shape[1], step)
    ]
    return np.concatenate(parts, axis=1) if len(parts) > 1 else parts[0]


def _nearest(values: Array, weights: Array, table: Array, bits: int) -> Array:
    costs = np.square(values[:, None, :] - table[:, None]) * weights[:, None, :]
    before = _forward(costs, len(table) >> bits, 1 << bits)
    return _back(costs, before, bits)


def _forward(costs: Array, states: int, codes: int) -> Sequence[Array]:
    """Least costs [start, state, n] in front of every channel and behind the last.

    A state is all of an address but its own code, so `state * codes + code` is an address, and the
    address modulo `states` is the next state.
    """
    count = costs.shape[2]
    least = np.full((states, states, count), np.inf, np.float32)
    least[np.arange(states), np.arange(states)] = 0
    found = [least]
    for cost in costs:
        reached = least[:, :, None, :] + cost.reshape(states, codes, count)
        least = reached.reshape(states, codes, states, count).min(axis=1)
        found.append(least)
    return found


def _back(costs: Array, before: Sequence[Array], bits: int) -> Array:
    """Addresses along the best closed path of every group."""
    states, each = len(before[0]), np.arange(costs.shape[2])
    closed = before[-1][np.arange(states), np.arange(states)]
    start = closed.argmin(axis=0)
    state, result = start, np.empty((len(costs), len(each)), np.intp)
    oldest = (np.arange(1 << bits) * states)[:, None]
    for channel in range(len(costs) - 1, -1, -1):
        address = oldest + state
        cost = before[channel][start, address >> bits, each] + costs[channel][address, each]
        chosen = address[cost.argmin(axis=0), each]
        result[channel] = chosen
        state = chosen >> bits
    return result
