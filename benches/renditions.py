"""The set of a photo of 12 megapixels, whole process against whole process: ours, and sharp from one decode.

2048, 1280, 640 and 320 pixels as JPEG of quality 82, and 320 as WebP. sharp comes from npm and the judge of quality,
SSIMULACRA2, from PyPI, each into a folder of its own; what cannot be had is left out, and the table says so."""
import statistics, subprocess, venv

import child
from world import Left, alone

TURNS = 10
SIDES = (2048, 1280, 640, 320)
QUALITY = 82

SHARP = """
const sharp = require('sharp');
const [, , original, folder] = process.argv;
(async () => {
  const whole = sharp(original).rotate().resize(2048, 2048, { fit: 'inside' });
  const { data, info } = await whole.raw().toBuffer({ resolveWithObject: true });
  const raw = { raw: { width: info.width, height: info.height, channels: info.channels } };
  const side = (side) => sharp(data, raw).resize(side, side, { fit: 'inside' });
  await Promise.all([
    ...[2048, 1280, 640, 320].map((n) => side(n).jpeg({ quality: QUALITY }).toFile(`${folder}/${n}.jpg`)),
    side(320).webp({ quality: QUALITY }).toFile(`${folder}/320.webp`),
  ]);
})();
""".replace("QUALITY", str(QUALITY))


def picture(folder, width=4000, height=3000, name="photo.jpg"):
    """What a camera makes of a street: edges, surfaces, grain. Nothing of it is foreign, and it is the same everywhere."""
    path = folder / name
    # The set itself is drawn at 12 megapixels at most: it takes memory by the pixel.
    drawn = min(1, 4000 / width)
    scene = (
        f"mandelbrot=size={round(width * drawn)}x{round(height * drawn)}:maxiter=200:end_scale=0.3:start_scale=0.5:rate=1,"
        f"scale={width}:{height},gblur=sigma=1.2,noise=alls=6:allf=t,format=yuvj420p"
    )
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", scene, "-frames:v", "1", "-q:v", "3", path], check=True)
    return path


def ours(original, folder):
    """A keeper from nothing, one job, and its end."""
    still = lambda side, form: {"make": "picture", "size": {"fit": "inside", "width": side, "height": side}, "format": form, "quality": QUALITY}
    wanted = [(still(side, "jpeg"), f"{side}.jpg") for side in SIDES] + [(still(320, "webp"), "320.webp")]
    facts = {"kind": "photo", "media_type": "image/jpeg", "has_audio": False, "has_video": False}
    return child.render(original, facts, [(recipe, folder / name) for recipe, name in wanted], loudness=-23.0)


class Sharp:
    def __init__(self, folder):
        folder.mkdir()
        self.folder = folder
        (folder / "set.js").write_text(SHARP)
        try:
            done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", folder, "sharp"], capture_output=True, text=True)
        except OSError:
            raise Left("there is no npm here") from None
        if done.returncode:
            raise Left("sharp cannot be had from npm here")

    def __call__(self, original, folder):
        _, end = child.measured(["node", self.folder / "set.js", original, folder], cwd=self.folder)
        return end()


JUDGE = """
import sys
from PIL import Image
from ssimulacra2 import compute_ssimulacra2
original, *pictures = sys.argv[1:]
whole = Image.open(original).convert("RGB")
for path in pictures:
    shown = Image.open(path).convert("RGB")
    whole.resize(shown.size, Image.LANCZOS).save("wanted.png")
    shown.save("shown.png")
    print(compute_ssimulacra2("wanted.png", "shown.png"))
"""


class Judge:
    def __init__(self, folder):
        folder.mkdir()
        venv.create(folder / "venv", with_pip=True)
        pip = [folder / "venv" / "bin" / "pip", "install", "--quiet", "ssimulacra2", "pillow"]
        if subprocess.run(pip, capture_output=True).returncode:
            raise Left("SSIMULACRA2 cannot be had from PyPI here")
        self.folder = folder

    def __call__(self, original, pictures):
        command = [self.folder / "venv" / "bin" / "python", "-c", JUDGE, original, *pictures]
        return [float(line) for line in subprocess.check_output(command, cwd=self.folder, text=True).split()]


def measure(table, folder):
    """The renditions of a photo of 12 megapixels"""
    folder = folder / "renditions"
    mine, other = folder / "ours", folder / "sharp's"
    for path in (folder, mine, other):
        path.mkdir()
    original = picture(folder)
    large(table, folder)
    try:
        sharp = Sharp(folder / "npm")
    except Left as why:
        sharp = None
        table.left("sharp", str(why))
    runs, theirs = [], []
    for _ in range(TURNS):
        runs.append(ours(original, mine))
        if sharp:
            theirs.append(sharp(original, other))
    cpu, wall, memory = (statistics.median(column) for column in zip(*runs))
    note = f"{original.stat().st_size / 1e6:.1f} MB, median of {TURNS}"
    table.row("photo set of 12 MP, CPU", cpu * 1000, "ms", note=note)
    table.row("the same, wall", wall * 1000, "ms")
    table.row("the same, peak of memory", memory / 2**20, "MiB", bar=80)
    if not theirs:
        return
    their_cpu, their_wall, their_memory = (statistics.median(column) for column in zip(*theirs))
    table.row("sharp, CPU", their_cpu * 1000, "ms", note=f"wall {their_wall * 1000:.0f} ms, {their_memory / 2**20:.0f} MiB")
    table.row("ratio of CPU", cpu / their_cpu, "", bar=0.5)
    quality(table, folder, original, mine, other)


def quality(table, folder, original, mine, other):
    """How near each comes to the original scaled down by a third program, and at what size."""
    names = [f"{side}.jpg" for side in SIDES] + ["320.webp"]
    judge = Judge(folder / "judge")
    ours_, theirs = (judge(original, [place / name for name in names]) for place in (mine, other))
    for name, a, b in zip(names, ours_, theirs):
        sizes = [(place / name).stat().st_size for place in (mine, other)]
        note = f"sharp {b:.1f}; {sizes[0] / sizes[1]:.3f} of its bytes"
        table.row(f"SSIMULACRA2 of {name}", a, "", note=note)
    bytes_ = [sum((place / name).stat().st_size for name in names) for place in (mine, other)]
    table.row("mean of SSIMULACRA2 above sharp's", statistics.mean(ours_) - statistics.mean(theirs), "", bar=0, at_least=True)
    table.row("bytes of the set, of sharp's", bytes_[0] / bytes_[1], "", bar=1.01, note="equal, to one in a hundred")


def large(table, folder):
    """100 megapixels: what it takes of memory."""
    original = picture(folder, 11_600, 8_700, "large.jpg")
    place = folder / "large"
    place.mkdir()
    cpu, _, memory = ours(original, place)
    table.row("photo set of 100 MP, peak of memory", memory / 2**20, "MiB", bar=400, note=f"{original.stat().st_size / 1e6:.0f} MB, {cpu * 1000:.0f} ms of CPU")


if __name__ == "__main__":
    alone(measure)
