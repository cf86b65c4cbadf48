"""Large files: up, beside sha256sum and cp of the same file; down, beside nginx with sendfile."""
import http.client, json, shutil, statistics, subprocess, time, urllib.parse, uuid

from world import ADMIN, SCALE, Jarchi, Left, Process, cpu_of, free_port

PIECE = 1 << 20


def large(path, size):
    """A WAV of `size` bytes, incompressible: a type that is known by its head, and long to read."""
    with open(path, "wb") as file, open("/dev/urandom", "rb") as noise:
        length = (min(size, 0xFFFF_FFFF) - 44).to_bytes(4, "little")
        file.write(b"RIFF" + length + b"WAVEfmt \x10\0\0\0\x01\0\x02\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data" + length)
        block = noise.read(64 * PIECE)
        while file.tell() < size:
            file.write(block[: size - file.tell()])
    return path


def upload(table, folder):
    """A large upload: memory and processor time"""
    size = int(4 * 2**30 * SCALE) // PIECE * PIECE
    if shutil.disk_usage(folder).free < 4 * size:
        raise Left("not enough room on the disk")
    path = large(folder / "large.wav", size)
    base = sum(cpu_of(command) for command in (["sha256sum", path], ["cp", path, folder / "copy"]))
    (folder / "copy").unlink()
    with Jarchi(folder / "upload") as server:
        # Processing would be counted, too: the bytes are a sound, whose examination begins after the answer.
        rss, cpu, began = server.rss(), server.cpu(), time.monotonic()
        most, material = send(server, path, size)
        seconds, used = time.monotonic() - began, server.cpu() - cpu
        server.call("DELETE", f"/v1/materials/{material}")
    path.unlink()
    table.row(f"upload of {size / 2**30:.3g} GiB: memory grows by", (most - rss) / 2**20, "MiB", bar=64)
    table.row("the same: processor time", used, "s", note=f"{size / seconds / 2**20:.0f} MiB/s")
    table.row("the same: against sha256sum and cp", used / base, "", bar=1.5, note=f"{base:.3g} s")


def send(server, path, size):
    """Uploads as a form, piece by piece; the most memory that the server had meanwhile, and the material."""
    # As long as those of other clients: a shorter one stands in so much noise by chance.
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.wav"\r\n\r\n'.encode()
    end, most = f"\r\n--{boundary}--\r\n".encode(), 0
    line = http.client.HTTPConnection(urllib.parse.urlparse(server.url).netloc, timeout=600)
    line.putrequest("POST", "/v1/materials")
    line.putheader("Authorization", f"Bearer {ADMIN}")
    line.putheader("Content-Type", f"multipart/form-data; boundary={boundary}")
    line.putheader("Content-Length", str(len(head) + size + len(end)))
    line.endheaders(head)
    with open(path, "rb") as file:
        for number in range(size // PIECE):
            line.send(file.read(PIECE))
            if number % 64 == 0:
                most = max(most, server.rss())
    line.send(end)
    answer = line.getresponse()
    body = answer.read()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status} {body[:500]!r}")
    return max(most, server.rss()), json.loads(body)["id"]


class Nginx(Process):
    def __init__(self, folder, root):
        exe = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
        if not exe:
            raise Left("nginx is not there (apt-get install nginx-light)")
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        places = "".join(f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"daemon off; user root; worker_processes 1; pid {folder}/pid; error_log {folder}/error;\n"
            f"events {{}} http {{ access_log off; sendfile on; sendfile_max_chunk 2m; {places}\n"
            f"server {{ listen 127.0.0.1:{port}; root {root}; }} }}\n"
        )
        super().__init__([exe, "-c", folder / "nginx.conf", "-p", folder], folder)
        self.url = f"http://127.0.0.1:{port}"
        self.wait_for(self.url + "/large.wav")


def fetch(url, token=None):
    """Seconds until the last byte, thrown away by curl, which costs less than Python."""
    command = ["curl", "-sSf", "-o", "/dev/null", "-w", "%{time_total}", url]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
    return float(subprocess.check_output(command))


def turns(one, other, times=10):
    """Two downloads, turn by turn, each (its process, URL, token): the times of both, and the processor time of one of each."""
    for server, url, token in (one, other):
        fetch(url, token)
    seconds, cpu = ([], []), [0.0, 0.0]
    for _ in range(times):
        for place, (server, url, token) in enumerate((one, other)):
            before = server.cpu()
            seconds[place].append(fetch(url, token))
            cpu[place] += server.cpu() - before
    return seconds, [used / times for used in cpu]


def ratio(others, ours):
    """The median over the turns of how much faster ours was."""
    return statistics.median(other / our for other, our in zip(others, ours))


def download(table, folder):
    """A large download, beside nginx with sendfile"""
    size = int(2**30 * SCALE) // PIECE * PIECE
    root = folder / "root"
    root.mkdir()
    path = large(root / "large.wav", size)
    with Jarchi(folder / "download") as server, Nginx(folder / "nginx", root) as other:
        _, material = send(server, path, size)
        server.settled(material)
        original = f"{server.url}/v1/materials/{material}/original"
        (ours, theirs), cpu = turns((server, original, ADMIN), (other, other.url + "/large.wav", None))
    path.unlink()
    rate = lambda times: size / statistics.median(times) / 2**20
    table.row(f"download of {size / 2**30:.3g} GiB", rate(ours), "MiB/s", note=f"processor {cpu[0]:.2f} s")
    table.row("the same, nginx with sendfile", rate(theirs), "MiB/s", note=f"processor {cpu[1]:.2f} s")
    table.row("the same, our rate by nginx's", ratio(theirs, ours), "", bar=0.8, at_least=True, note=f"median of {len(ours)} turns")
