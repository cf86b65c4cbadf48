"""One job of the decoding child, measured as a whole process: a keeper from nothing, the job, its end."""
import json, os, socket, subprocess, time

from world import binary

LIMITS = {"memory": 4 << 30, "seconds": 3600, "file_size": 4 << 30}


def measured(command, **more):
    """CPU and wall time in seconds, and the peak of memory in bytes, of a process with all that it waited for."""
    began = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], **more)
    return process, lambda: ended(process, began)


def ended(process, began):
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss * 1024


def decoders(facts):
    """The keeper that the server would ask."""
    light = facts["kind"] == "text" or facts["media_type"] == "image/jpeg"
    return [binary(), "keep"] if light else [binary().parent / "jarchi-media"]


def render(original, facts, wanted, **more):
    """`wanted`: the recipes, each with the path that it goes to."""
    outputs = [{"recipe": recipe, "file": number} for number, (recipe, _) in enumerate(wanted, 1)]
    request = {"limits": LIMITS, "work": {"render": {"facts": facts, "outputs": outputs, **more}}}
    near, far = socket.socketpair()
    process, end = measured(decoders(facts), stdin=far, stdout=subprocess.DEVNULL, env={})
    far.close()
    pairs = [socket.socketpair() for _ in range(3)]
    socket.send_fds(near, [b"\n"], [there.fileno() for _, there in pairs])
    for _, there in pairs:
        there.close()
    (talk, _), (report, _), (complaints, _) = pairs
    born = report.makefile()
    born.readline()
    files = [open(original, "rb")] + [open(path, "w+b") for _, path in wanted]
    socket.send_fds(talk, [json.dumps(request).encode() + b"\n"], [file.fileno() for file in files])
    answers = [json.loads(line) for line in talk.makefile()]
    born.readline()
    for file in files:
        file.close()
    near.close()
    failed = [answer for answer in answers if "made" in answer and "Err" in answer["made"]["result"]]
    if answers[-1] != "done" or failed:
        raise RuntimeError(f"{answers} {complaints.makefile().read()}")
    return end()
