"""How long photos take to be divided into series, and how much memory: 10,000 and 100,000 of them.

    python benchmarks/grouping.py [PHOTOS ...]

Each line is a fresh process: seconds of ``group_shots`` alone, those of the processor (of two
threads together: on a machine with other work the better measure), and the largest memory of the
whole process with the vectors in it. The goal is a minute and 2 GB for 100,000 photos on 2 cores.

The vectors are made (373 numbers, as ``shot_vectors`` gives for the bundled model): scenes lie
around a few hundred kinds of scenes, so that those of one kind have a cosine of .25 ± .1, as
photographs of FI-8 and PARA have at their upper end; half of the photos are alone, the others in
series of 2 to 20 with a cosine of .65 to .95. Times are made, too: bursts of .2-2 s, scenes 5 s to
10 min after each other, two cameras. A burst of 5,000 and one of 20,000 photos come last.
"""

import json
import platform
import resource
import subprocess
import sys
import time

import numpy as np

WIDTH, KINDS = 373, 300


def made(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """(N, WIDTH) vectors and (N,) the scene of each."""
    sizes: list[int] = []
    while sum(sizes) < count:
        sizes += [1] * 6 + [int(min(2 + rng.geometric(0.4), 20))] if rng.random() < 0.8 else [20]
    scene = np.repeat(np.arange(len(sizes)), sizes)[:count]
    kinds = rng.standard_normal((KINDS, WIDTH), dtype=np.float32)
    scenes = 0.58 * kinds[rng.integers(0, KINDS, len(sizes))]
    scenes += rng.standard_normal(scenes.shape, dtype=np.float32)
    noise = rng.uniform(0.27, 0.85, len(sizes)).astype(np.float32)[scene, None]
    shots = scenes[scene]
    shots += noise * rng.standard_normal(shots.shape, dtype=np.float32)
    return shots, scene


def made_times(scene: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(N,) seconds."""
    pause = rng.uniform(0.2, 2, len(scene))
    first = np.diff(scene, prepend=-1) > 0
    pause[first] = np.exp(rng.uniform(np.log(5), np.log(600), first.sum()))
    return np.cumsum(pause)


def measure(case: str, count: int) -> dict[str, float]:
    """Group once; what it took."""
    from iae.series.grouping import group_shots

    rng = np.random.default_rng(0)
    if case == "one burst":
        vectors = rng.standard_normal(WIDTH) + 0.5 * rng.standard_normal((count, WIDTH))
        vectors, scene = vectors.astype(np.float32), np.zeros(count, int)
    else:
        vectors, scene = made(count, rng)
    given = {}
    if case != "no times":
        given["times"] = made_times(scene, rng)
    if case == "two cameras":
        given["clocks"] = np.array(["a", "b"])[scene % 2].tolist()
    before, cpu_before = time.perf_counter(), time.process_time()
    groups = group_shots(vectors, order=np.arange(count), **given)
    seconds, cpu = time.perf_counter() - before, time.process_time() - cpu_before
    return {
        "seconds": seconds,
        "cpu": cpu,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "scenes": int(scene[-1] + 1),
        "groups": len(groups),
        "largest": max(map(len, groups)),
    }


def main() -> None:
    """Print a line for each case and number of photos."""
    if sys.argv[1:2] == ["--case"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
        return
    counts = [int(text) for text in sys.argv[1:]] or [10_000, 30_000, 100_000]
    cases = [(case, n) for case in ("one camera", "two cameras", "no times") for n in counts]
    print(f"{platform.machine()}, Python {platform.python_version()}, numpy {np.__version__}")
    print(
        f"{'':14}{'photos':>8}{'seconds':>9}{'CPU s':>7}{'MB':>7}"
        f"{'scenes':>8}{'groups':>8}{'largest':>9}"
    )
    for case, count in [*cases, ("one burst", 5000), ("one burst", 20_000)]:
        done = subprocess.run([sys.executable, __file__, "--case", case, str(count)],
                              capture_output=True, text=True, check=True)  # fmt: skip
        found = json.loads(done.stdout)
        print(
            f"{case:14}{count:8,}{found['seconds']:9.1f}{found['cpu']:7.1f}{found['megabytes']:7.0f}"
            f"{found['scenes']:8,}{found['groups']:8,}{found['largest']:9,}",
            flush=True,
        )


if __name__ == "__main__":
    main()
