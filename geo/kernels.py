"""The loops over millions of places, compiled; they release the interpreter, so threads run side by side.

Places are rows sorted by Morton key. A row's *code* is the number of its combination of column values, and a
table over codes says what the row counts as: `bins[code]` is a group below `bins_count`, or `bins_count` for a
row that does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

from geo.arrays import Bools, Column, Floats, Ints, Keys

F = TypeVar("F", bound=Callable[..., object])
compiled = cast("Callable[[F], F]", njit(nogil=True, cache=True))

SAMPLES = 256  # places of a large cell that its centre is taken from


class Runs(NamedTuple):
    """Rows to read: int64[r] from `starts` up to `stops`, and whether all of a run lies in the box, bool[r].

    box float64[4]: west, south, east, north in degrees, half-open.
    """

    starts: Ints
    stops: Ints
    inside: Bools
    box: Floats


class Scan(NamedTuple):
    """What is read of rows: codes uint[n], lon and lat float64[n], and a mask bool[n], or bool[0] for every row.

    eights uint64[n // 8]: the mask eight rows at a time, so that long stretches of nothing are stepped over.
    """

    codes: Column
    lon: Floats
    lat: Floats
    mask: Bools
    eights: Keys


@compiled
def _next(scan: Scan, i: int, stop: int) -> int:
    """The first row from `i` on that the mask lets through; `stop` when there is none before."""
    while i < stop:
        if i % 8 == 0 and i + 8 <= stop and scan.eights[i // 8] == 0:
            i += 8
        elif scan.mask[i]:
            return i
        else:
            i += 1
    return stop


@compiled
def _first_from(keys: Keys, low: int, tile: int, shift: int) -> int:
    """The first row from `low` on that does not lie before a tile."""
    bits = np.uint64(shift)
    step = 1
    while low + step <= keys.size and keys[low + step - 1] >> bits < tile:
        low, step = low + step, step * 2
    high = min(low + step - 1, keys.size)
    while low < high:
        middle = (low + high) // 2
        if keys[middle] >> bits < tile:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def bounds(keys: Keys, tiles: Keys, shift: int) -> tuple[Ints, Ints]:
    """int64[t] each: where the rows of each tile start and stop among ascending keys, uint64[n].

    tiles uint64[t], ascending: the keys without their last `shift` bits. Each search begins where the one before
    ended and takes growing steps, for neighbours are near.
    """
    starts, stops = np.empty(tiles.size, np.int64), np.empty(tiles.size, np.int64)
    at = 0
    for tile in range(tiles.size):
        at = _first_from(keys, at, tiles[tile], shift)
        starts[tile] = at
        at = _first_from(keys, at, tiles[tile] + np.uint64(1), shift)
        stops[tile] = at
    return starts, stops


@compiled
def _count_masked(
    scan: Scan, start: int, stop: int, inside: bool, box: Floats, bins: Column, row: Ints
) -> None:
    """Count the rows of a run that the mask lets through; those that do not count go to the last of `row`.

    Without a branch per row, for which of them count can hardly be foreseen.
    """
    west, south, east, north = box
    nothing = row.size - 1
    i = start
    while i < stop:
        end = min(i + 8 - i % 8, stop)
        if end - i == 8 and scan.eights[i // 8] == 0:
            pass
        elif inside:
            for j in range(i, end):
                row[bins[scan.codes[j]] if scan.mask[j] else nothing] += 1
        else:
            for j in range(i, end):
                here = (
                    (scan.lon[j] >= west)
                    & (scan.lon[j] < east)
                    & (scan.lat[j] >= south)
                    & (scan.lat[j] < north)
                )
                row[bins[scan.codes[j]] if here & scan.mask[j] else nothing] += 1
        i = end


@compiled
def tally(runs: Runs, scan: Scan, bins: Column, bins_count: int) -> Ints:
    """int64[runs, bins_count]: how many rows of each run count as each group."""
    counts = np.zeros((runs.starts.size, bins_count), np.int64)
    row = np.zeros(bins_count + 1, np.int64)
    west, south, east, north = runs.box
    for run in range(runs.starts.size):
        row[:] = 0
        start, stop = runs.starts[run], runs.stops[run]
        if scan.mask.size > 0:
            _count_masked(scan, start, stop, runs.inside[run], runs.box, bins, row)
        elif runs.inside[run]:
            for i in range(start, stop):
                row[bins[scan.codes[i]]] += 1
        else:
            for i in range(start, stop):
                here = (
                    (scan.lon[i] >= west)
                    & (scan.lon[i] < east)
                    & (scan.lat[i] >= south)
                    & (scan.lat[i] < north)
                )
                row[bins[scan.codes[i]] if here else bins_count] += 1
        counts[run] = row[:bins_count]
    return counts


@compiled
def tally_entries(
    starts: Ints, stops: Ints, codes: Column, counts: Column, bins: Column, bins_count: int
) -> Ints:
    """int64[runs, bins_count]: sums of `counts` of the entries of each run, by the bin of their code."""
    sums = np.zeros((starts.size, bins_count), np.int64)
    row = np.zeros(bins_count + 1, np.int64)
    for run in range(starts.size):
        row[:] = 0
        for i in range(starts[run], stops[run]):
            row[bins[codes[i]]] += counts[i]
        sums[run] = row[:bins_count]
    return sums


@compiled
def gather(runs: Runs, scan: Scan, passes: Bools, out: Ints) -> int:
    """Write the positions of the rows that pass into `out` as far as it reaches; return how many there are."""
    found = 0
    west, south, east, north = runs.box
    masked = scan.mask.size > 0
    for run in range(runs.starts.size):
        stop = runs.stops[run]
        i = _next(scan, runs.starts[run], stop) if masked else runs.starts[run]
        while i < stop:
            if passes[scan.codes[i]]:
                here = (
                    (scan.lon[i] >= west)
                    & (scan.lon[i] < east)
                    & (scan.lat[i] >= south)
                    & (scan.lat[i] < north)
                )
                if here | runs.inside[run]:
                    if found < out.size:
                        out[found] = i
                    found += 1
            i = _next(scan, i + 1, stop) if masked else i + 1
    return found


@compiled
def histogram(runs: Runs, scan: Scan, codes_count: int) -> Ints:
    """int64[codes_count]: how many rows of the runs have each code."""
    counts = np.zeros(codes_count + 1, np.int64)
    west, south, east, north = runs.box
    for run in range(runs.starts.size):
        for i in range(runs.starts[run], runs.stops[run]):
            here = (
                (scan.lon[i] >= west) & (scan.lon[i] < east) & (scan.lat[i] >= south) & (scan.lat[i] < north)
            )
            here = (here | runs.inside[run]) & (scan.mask.size == 0 or scan.mask[i])
            counts[scan.codes[i] if here else codes_count] += 1
    return counts[:codes_count]


@compiled
def centres(runs: Runs, scan: Scan, passes: Bools) -> Floats:
    """float64[runs, 2]: about the mean longitude and latitude of the rows that pass; NaN where none does.

    A long run is sampled at every so many rows; where no sample passes, the first row that does stands for all.
    """
    means = np.full((runs.starts.size, 2), np.nan)
    west, south, east, north = runs.box
    for run in range(runs.starts.size):
        start, stop = runs.starts[run], runs.stops[run]
        step = max((stop - start) // SAMPLES, 1)
        x, y, seen = 0.0, 0.0, 0
        for stride in (step, 1):
            for i in range(start, stop, stride):
                if passes[scan.codes[i]] and (scan.mask.size == 0 or scan.mask[i]):
                    here = (
                        (scan.lon[i] >= west)
                        & (scan.lon[i] < east)
                        & (scan.lat[i] >= south)
                        & (scan.lat[i] < north)
                    )
                    if here | runs.inside[run]:
                        x, y, seen = x + scan.lon[i], y + scan.lat[i], seen + 1
                        if stride < step:
                            break
            if seen:
                means[run, 0], means[run, 1] = x / seen, y / seen
                break
    return means


@compiled
def facet(counts: Ints, failed: Column, own: Bools, values: Column, width: int) -> Ints:
    """int64[width]: rows per value of one column, over the codes that fail no filter but the column's `own`."""
    found = np.zeros(width, np.int64)
    for code in range(counts.size):
        if failed[code] == own[code]:
            found[values[code]] += counts[code]
    return found


@compiled
def flags(counts: Ints, failed: Column, own: Bools, values: Column, width: int) -> Ints:
    """int64[width]: the same for a column of which each bit is a flag, per bit, lowest first."""
    found = np.zeros(width, np.int64)
    for code in range(counts.size):
        if failed[code] == own[code]:
            for bit in range(width):
                if values[code] >> bit & 1:
                    found[bit] += counts[code]
    return found


@compiled
def find_text(text: Column, pattern: Column, starts: Ints, found: Bools, first: int, stop: int) -> None:
    """Mark the rows from `first` up to `stop` whose text holds a pattern.

    Row r is `text[starts[r] : starts[r + 1]]`, all uint16.
    """
    last = pattern.size - 1
    end = pattern[last]
    row = first
    for i in range(starts[first] + last, starts[stop]):
        if text[i] != end:
            continue
        begin = i - last
        same = True
        for j in range(last):
            if text[begin + j] != pattern[j]:
                same = False
                break
        if same:
            while starts[row + 1] <= begin:
                row += 1
            found[row] = True
