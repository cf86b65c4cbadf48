#!/usr/bin/env python3
"""What the box costs a job: from the order to a keeper until the answer about a text of one line, the walls included, and
beside it a keeper's start from nothing. Give it the way to the
folder of the binaries; only Python's standard library is used."""
import json, socket, statistics, subprocess, sys, tempfile, time

TURNS = 40
REQUEST = {"limits": {"memory": 4 << 30, "seconds": 60, "file_size": 1 << 30}, "work": {"examine": {"media_type": "text/plain"}}}


def keeper(command):
    near, far = socket.socketpair()
    process = subprocess.Popen(command, stdin=far, stdout=subprocess.DEVNULL, env={})
    far.close()
    return near, process


def job(control, file):
    pairs = [socket.socketpair() for _ in range(3)]
    socket.send_fds(control, [b"\n"], [far.fileno() for _, far in pairs])
    for _, far in pairs:
        far.close()
    (talk, _), (report, _), (complaints, _) = pairs
    born = report.makefile()
    born.readline()
    socket.send_fds(talk, [json.dumps(REQUEST).encode() + b"\n"], [file.fileno()])
    answer = talk.makefile().read()
    assert "done" in answer, answer + complaints.makefile().read()
    ended = born.readline()
    assert "exited" in ended, ended


def main(name, command):
    with tempfile.TemporaryFile() as file:
        file.write(b"A line of text.\n")
        cold, warm = [], []
        for _ in range(10):
            file.seek(0)
            began = time.perf_counter()
            control, process = keeper(command)
            job(control, file)
            cold.append((time.perf_counter() - began) * 1000)
            control.close()
            process.wait()
        control, process = keeper(command)
        for turn in range(TURNS + 1):
            file.seek(0)
            began = time.perf_counter()
            job(control, file)
            if turn:
                warm.append((time.perf_counter() - began) * 1000)
        with open(f"/proc/{process.pid}/smaps_rollup") as map:
            memory = {line.split()[0]: int(line.split()[1]) / 1024 for line in map.readlines()[1:]}
        control.close()
        process.wait()
    print(name)
    print(f"a job, start to end            {statistics.median(warm):6.1f} ms  (median of {TURNS}, {min(warm):.1f} to {max(warm):.1f})")
    print(f"the same, keeper from nothing  {statistics.median(cold):6.1f} ms  (median of 10)")
    print(f"a waiting keeper               {memory['Rss:']:6.1f} MiB resident, {memory['Pss:']:.1f} MiB its share, {memory['Pss_Anon:']:.1f} MiB its own")


folder = sys.argv[1] if len(sys.argv) > 1 else "target/release"
main("for what needs no libav", [f"{folder}/jarchi", "keep"])
main("for the rest", [f"{folder}/jarchi-media"])
