"""What people wait for: the first thumbnail; other readers' answers while 500 photos come in; a caption for all of them."""
import statistics, subprocess, threading, time, urllib.error, urllib.request

from photos import picture
from world import ADMIN, SCALE, Jarchi, alone

TURNS = 10
CROWD = max(10, int(500 * SCALE))
PATIENCE = 1800


def small(folder):
    """Three megapixels, as messengers send them."""
    path = folder / "small.jpg"
    scene = "testsrc2=size=2048x1536,noise=alls=8:allf=t,format=yuvj420p"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", scene, "-frames:v", "1", "-q:v", "3", path], check=True)
    return path.read_bytes()


def fetch(jarchi, path):
    urllib.request.urlopen(jarchi.url + path, timeout=60).read()


def until(reached):
    began = time.monotonic()
    while not reached():
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError("it never came")
        time.sleep(0.005)


def first_thumbnail(table, jarchi, content):
    """From the beginning of the upload, so that the figure errs on the safe side."""
    taken = []
    for turn in range(TURNS):
        began = time.perf_counter()
        material = jarchi.upload("photo.jpg", content + turn.to_bytes(4, "big"))["id"]
        thumb = f"/v1/materials/{material}/renditions/thumb"
        until(lambda: is_there(jarchi, thumb))
        taken.append((time.perf_counter() - began) * 1000)
        jarchi.settled(material)
    table.row("photo of 12 MP until its thumbnail", statistics.median(taken), "ms", bar=300, note=f"upload included, median of {TURNS}, {max(taken):.0f} at most")


def is_there(jarchi, path):
    request = urllib.request.Request(jarchi.url + path, method="HEAD", headers={"Authorization": f"Bearer {ADMIN}"})
    try:
        urllib.request.urlopen(request, timeout=60).close()
        return True
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return False


def reader(jarchi, shown, times, stop):
    """Somebody who looks at the list, at a material and at its thumbnail in turn."""
    paths = ["/v1/materials?limit=20", f"/v1/materials/{shown}", f"/v1/materials/{shown}/renditions/thumb"]
    while not stop.is_set():
        for path in paths:
            began = time.perf_counter()
            fetch(jarchi, path)
            times.append((time.perf_counter() - began) * 1000)
        stop.wait(0.02)


def crowd(table, jarchi, content):
    shown = jarchi.upload("shown.jpg", content)["id"]
    jarchi.settled(shown)
    jarchi.publish("materials", shown)
    times, stop = [], threading.Event()
    reading = threading.Thread(target=reader, args=(jarchi, shown, times, stop))
    reading.start()
    began, peak, ids = time.perf_counter(), 0, []
    try:
        for number in range(CROWD):
            ids.append(jarchi.upload(f"{number}.jpg", content + number.to_bytes(4, "big") + b"crowd")["id"])
            peak = max(peak, jarchi.rss())
        for material in ids:
            jarchi.settled(material)
            peak = max(peak, jarchi.rss())
    finally:
        stop.set()
        reading.join()
    wall = time.perf_counter() - began
    times.sort()
    note = f"{CROWD} photos of 3 MP in {wall:.0f} s, {len(times)} answers, {times[len(times) // 2]:.1f} ms in the middle"
    table.row("p99 of other readers meanwhile", times[len(times) * 99 // 100], "ms", bar=50, note=note)
    table.row("the server's memory at its highest", peak / 2**20, "MiB")
    return ids


def caption(table, jarchi, ids):
    """A caption for all of them at once, until it stands in each press copy."""
    items = [{"id": material, "patch": {"caption": {"en": "A batch"}}} for material in ids]
    began = time.perf_counter()
    jarchi.call("POST", "/v1/materials/batch", {"items": items})
    answered = time.perf_counter() - began
    for material in ids:
        until(lambda: is_written(jarchi, material))
    table.row("a caption for all of them, in their files", time.perf_counter() - began, "s", note=f"{len(ids)} photos, the answer after {answered:.2f} s")


def is_written(jarchi, material):
    shown = jarchi.call("GET", f"/v1/materials/{material}")
    press = [made for made in shown["renditions"] if made["name"] == "press"]
    if shown["processing"]["state"] != "ready":
        raise RuntimeError("it left `ready`")
    return press and press[0]["of_version"] == shown["version"]


def measure(table, folder):
    """The first thumbnail, and 500 photos at once"""
    folder = folder / "crowd"
    folder.mkdir()
    with Jarchi(folder / "server") as jarchi:
        first_thumbnail(table, jarchi, picture(folder))
        caption(table, jarchi, crowd(table, jarchi, small(folder)))


if __name__ == "__main__":
    alone(measure)
