"""The preprocessing that hardware must stand for: the user's, then what the file does by itself.

    --preprocessing unit: pixel / 255        file: (x - mean) / std
    together: (pixel - 255 mean) * 1 / (255 std)

A file that normalizes its own image wants it otherwise unnormalized. Doing both by mistake gives an
image that is almost constant, or far too strong, and a network that guesses; so a range that no
network is trained with is refused, as is subtracting a mean twice. A BatchNormalization on the
input is learned on top of a preprocessing, so its offset contradicts none.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hearth.toolchain.data.manifest import PRESETS
from hearth.toolchain.frontend.file.onnx_model import OnnxModel
from hearth.toolchain.ir import Array, Preprocessing
from hearth.toolchain.support.errors import HearthError

WEAKEST, STRONGEST = 0.02, 400.0
"""Distance of white from black as the first layer sees it: 2 for -1..1, 255 for plain pixels."""
PLAIN = ("unit", "raw")
"""Presets that leave normalizing to the file."""


def prepared(chosen: Preprocessing, model: OnnxModel) -> Preprocessing:
    """`chosen` followed by the file's own normalization, for the network behind both."""
    if model.channels == 1:
        chosen = _grey(chosen, model)
    elif model.channels != chosen.channels:
        chosen = _widened(chosen, model)
    if model.entry is None:
        return chosen
    gain, offset = model.entry.gain, model.entry.offset
    scale = np.asarray(chosen.scale) * gain
    mean = np.asarray(chosen.mean) - offset / scale
    if model.entry.centred and any(chosen.mean):
        raise HearthError(
            f"{model.name}: the file subtracts a mean from its image itself, and so does the"
            f" preprocessing that was chosen;{_hint(gain)}"
        )
    if not _sensible(scale):
        raise HearthError(
            f"{model.name}: the file scales its image itself, by {_list(gain)}; with the"
            f" preprocessing that was chosen, white would be {255 * np.abs(scale).max():.3g} away"
            f" from black, where 1 to 255 is usual;{_hint(gain)}"
        )
    return replace(chosen, mean=tuple(mean.tolist()), scale=tuple(scale.tolist()))


def _grey(chosen: Preprocessing, model: OnnxModel) -> Preprocessing:
    """The same for one channel, the luminance of a photograph."""
    if len(set(chosen.mean)) > 1 or len(set(chosen.scale)) > 1:
        raise HearthError(
            f"{model.name}: takes grey images, which have one mean and one scale, but the"
            f" preprocessing that was chosen has means {_list(np.asarray(chosen.mean))} and scales"
            f" {_list(np.asarray(chosen.scale))}; give --preprocessing FILE.json with"
            ' {"mean": M, "scale": S} as the model was trained'
        )
    return replace(chosen, channel_order="L", mean=chosen.mean[:1], scale=chosen.scale[:1])


def _widened(chosen: Preprocessing, model: OnnxModel) -> Preprocessing:
    """The same for four channels, where it treats all colours alike."""
    if chosen.channels > model.channels:
        raise HearthError(
            f"{model.name}: takes images of {model.channels} channels, but the preprocessing that"
            f" was chosen is for {chosen.channel_order}; give 'channel_order' RGB or BGR"
        )
    if len(set(chosen.mean)) > 1 or len(set(chosen.scale)) > 1:
        raise HearthError(
            f"{model.name}: takes images of {model.channels} channels, but the preprocessing that"
            f" was chosen has means {_list(np.asarray(chosen.mean))} and scales"
            f" {_list(np.asarray(chosen.scale))}; give --preprocessing FILE.json with"
            ' {"channel_order": "RGBA", "mean": [R, G, B, A], "scale": [R, G, B, A]} as the model'
            " was trained"
        )
    mean, scale = chosen.mean[:1] * 4, chosen.scale[:1] * 4
    return replace(chosen, channel_order=f"{chosen.channel_order}A", mean=mean, scale=scale)


def _sensible(scale: Array) -> bool:
    spread = 255 * np.abs(scale)
    return bool(spread.max() >= WEAKEST and spread.max() <= STRONGEST)


def _hint(gain: Array) -> str:
    fitting = [name for name in PLAIN if _sensible(np.asarray(PRESETS[name].scale[0]) * gain)]
    return f" it expects plain images: --preprocessing {' or '.join(fitting or PLAIN)}"


def _list(values: Array) -> str:
    return ", ".join(f"{value:.4g}" for value in values)
