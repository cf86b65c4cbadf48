"""The set of a film of 60 s in 1080p, whole process against whole process: ours, and one `ffmpeg` that decodes once and
splits. Both make 720p and 360p (veryfast, crf 23), a poster and a sheet of small pictures, and measure the loudness."""
import statistics, subprocess

import child
from world import SCALE, alone

TURNS = 10
SECONDS = max(4, round(60 * SCALE))
# A tile every so many seconds on the sheet of ours, see `storyboard.rs`.
EVERY = 1


def film(folder):
    """Edges, surfaces and grain that move, and a sound that swells."""
    path = folder / "film.mp4"
    scene = f"testsrc2=size=1920x1080:rate=25:duration={SECONDS},noise=alls=4:allf=t"
    sound = f"sine=frequency=440:sample_rate=48000:duration={SECONDS},volume='0.2+0.15*sin(t)':eval=frame"
    ffmpeg("-f", "lavfi", "-i", scene, "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "veryfast", "-crf", "20",
           "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "160k", path)
    return path


def ffmpeg(*words):
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, words)], check=True)


def ours(original, folder):
    """As the server does it: the pictures that people wait for, then the long pass."""
    clip = lambda lines: {"make": "film", "size": {"fit": "lines", "lines": lines}, "bits": None, "sound": 128_000}
    poster = {"make": "picture", "size": {"fit": "inside", "width": 1280, "height": 1280}, "format": "jpeg", "quality": 84}
    facts = {"kind": "video", "media_type": "video/mp4", "width": 1920, "height": 1080, "duration_ms": SECONDS * 1000,
             "has_audio": True, "has_video": True}
    first = child.render(original, facts, [(poster, folder / "poster.jpg")], loudness=-23.0)
    films = [(clip(360), folder / "360.mp4"), (clip(720), folder / "720.mp4"), ({"make": "storyboard"}, folder / "sheet.jpg")]
    second = child.render(original, facts, films, loudness=-23.0)
    return first[0] + second[0], first[1] + second[1], max(first[2], second[2])


CODED = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-force_key_frames", "expr:gte(t,n_forced*2)",
         "-c:a", "aac", "-b:a", "128k"]
TILES = -(-SECONDS // EVERY)


def apart(original, folder):
    """As most others do it: a run of ffmpeg for each of them, and one for the loudness. Their time of computing."""
    film = lambda lines: ["-vf", f"scale=-2:{lines}", *CODED, "-movflags", "+faststart", folder / f"{lines}.mp4"]
    runs = [film(720), film(360), ["-vf", "select='eq(n,25)',scale=1280:-2", "-frames:v", "1", folder / "poster.jpg"],
            ["-vf", f"fps=1/{EVERY},scale=160:-2,tile=10x{-(-TILES // 10)}", "-frames:v", "1", folder / "sheet.jpg"],
            ["-vn", "-af", "ebur128=peak=true", "-f", "null", "-"]]
    return sum(child.measured(["ffmpeg", "-v", "error", "-y", "-i", original, *run])[1]()[0] for run in runs)


def theirs(original, folder):
    graph = (
        "[0:v]split=4[a][b][c][d];[a]scale=-2:720[hd];[b]scale=-2:360[sd];"
        "[c]select='eq(n,25)',scale=1280:-2[poster];"
        f"[d]fps=1/{EVERY},scale=160:-2,tile=10x{-(-TILES // 10)}[sheet];[0:a]ebur128=peak=true,asplit[x][y]"
    )
    command = ["ffmpeg", "-v", "error", "-y", "-i", original, "-filter_complex", graph,
               "-map", "[hd]", "-map", "[x]", *CODED, "-movflags", "+faststart", folder / "720.mp4",
               "-map", "[sd]", "-map", "[y]", *CODED, "-movflags", "+faststart", folder / "360.mp4",
               "-map", "[poster]", "-frames:v", "1", folder / "poster.jpg",
               "-map", "[sheet]", "-frames:v", "1", folder / "sheet.jpg"]
    _, end = child.measured(command)
    return end()


def likeness(original, shown, height):
    """SSIM of all planes against the original, scaled by a third way."""
    graph = f"[1:v]scale=-2:{height}:flags=lanczos[wanted];[0:v][wanted]ssim"
    told = subprocess.run(["ffmpeg", "-i", shown, "-i", original, "-lavfi", graph, "-f", "null", "-"], capture_output=True, text=True, check=True)
    return float(told.stderr.rsplit("All:", 1)[1].split()[0])


def measure(table, folder):
    """The renditions of a film of 1080p"""
    folder = folder / "films"
    mine, other = folder / "ours", folder / "ffmpeg's"
    for path in (folder, mine, other):
        path.mkdir()
    original = film(folder)
    pairs = [(ours(original, mine), theirs(original, other), apart(original, folder)) for _ in range(TURNS)]
    median = lambda side: [statistics.median(column) for column in zip(*(pair[side] for pair in pairs))]
    (cpu, wall, memory), (cpu_, wall_, memory_) = median(0), median(1)
    table.row("film set of 1080p, CPU", cpu, "s", note=f"{SECONDS} s, median of {TURNS}; wall {wall:.1f} s, {memory / 2**20:.0f} MiB")
    table.row("ffmpeg, one decode, CPU", cpu_, "s", note=f"wall {wall_:.1f} s, {memory_ / 2**20:.0f} MiB")
    table.row("ratio of CPU", statistics.median(one[0] / two[0] for one, two, _ in pairs), "", bar=1.03)
    table.row("ratio of CPU to runs of ffmpeg apart", statistics.median(one[0] / three for one, _, three in pairs), "", bar=0.7)
    for lines in (720, 360):
        one, two = (likeness(original, place / f"{lines}.mp4", lines) for place in (mine, other))
        sizes = [(place / f"{lines}.mp4").stat().st_size for place in (mine, other)]
        table.row(f"SSIM of {lines}p, of ffmpeg's", one / two, "", bar=0.995, at_least=True, note=f"{one:.4f}, {sizes[0] / sizes[1]:.3f} of its bytes")


if __name__ == "__main__":
    alone(measure)
