"""Archives by Python's tarfile and zipfile, and what they hold according to the same; then archives that lie.

    python3 make_archives.py OUTPUT_FOLDER

Writes archives.json.gz: for each archive its bytes and, of those that are well formed, every file by its path. The
hostile ones are well-formed archives whose bytes were changed at known places, or that say what no program writes.
Shares no code with this project.
"""

import base64
import gzip
import io
import json
import struct
import sys
import tarfile
import warnings
import zipfile

warnings.simplefilter("ignore")

NAMES = [
    "cat/1.jpg",
    "cat/with spaces and 'quotes' \".jpg",
    "cat/line\nbreak.jpg",
    "cat/deeper/still/2.jpg",
    "dog/\u732b \u041a\u043e\u0442 \U0001f431.jpg",
    "dog/" + "long" * 60 + ".jpg",
]
DATE = (2012, 9, 30, 0, 0, 0)


def content(name):
    return ("picture " + name).encode("utf-8") * (1 + len(name) % 40)


def make_tar(names=NAMES, format=tarfile.PAX_FORMAT, encoding="utf-8", prefix="", extra=()):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format, encoding=encoding) as tar:
        for name in names:
            info = tarfile.TarInfo(prefix + name)
            info.size = len(content(name))
            tar.addfile(info, io.BytesIO(content(name)))
        for info, data in extra:
            info.size = len(data) if info.isreg() or info.type == b"S" else 0
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(name, type=tarfile.REGTYPE, link="", pax=None):
    info = tarfile.TarInfo(name)
    info.type = type
    info.linkname = link
    info.pax_headers = pax or {}
    return info


def make_zip(names=NAMES, method=zipfile.ZIP_DEFLATED, stream=False, zip64=False, extra=()):
    class Unseekable(io.RawIOBase):
        def __init__(self):
            self.bytes = bytearray()

        def writable(self):
            return True

        def write(self, data):
            self.bytes += bytes(data)
            return len(data)

    out = Unseekable() if stream else io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in names:
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=zip64) as entry:
                entry.write(content(name))
        for info, data in extra:
            archive.writestr(info, data)
    return bytes(out.bytes) if stream else out.getvalue()


def zip_member(name, method=zipfile.ZIP_DEFLATED, mode=0o100644):
    info = zipfile.ZipInfo(name, DATE)
    info.compress_type = method
    info.external_attr = mode << 16
    return info


def tar_files(data, encoding="utf-8"):
    with tarfile.open(fileobj=io.BytesIO(data), encoding=encoding) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar if m.isreg()}
    return found


def zip_files(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}


def fix_checksum(block):
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return block


def patch(data, at, new):
    return data[:at] + new + data[at + len(new):]


def central(data, number):
    at = -1
    for _ in range(number + 1):
        at = data.index(b"PK\x01\x02", at + 1)
    return at


SHORT = ["cat/1.jpg", "cat/2.jpg", "dog/1.jpg", "dog/2.jpg"]


def good():
    ascii_names = [name for name in NAMES if name.isascii() and len(name) < 100]
    latin = ["cat/\u00e9t\u00e9.jpg", "dog/1.jpg"]
    binary = bytearray(make_tar(SHORT, tarfile.GNU_FORMAT))
    size = len(content(SHORT[0]))
    binary[124:136] = b"\x80" + size.to_bytes(11, "big")
    binary[0:512] = fix_checksum(binary[0:512])
    prefixed = ["cat/" + "p" * 90 + "/" + "q" * 60 + ".jpg", "dog/1.jpg"]
    return {
        "pax.tar": (make_tar(), None),
        "gnu.tar": (make_tar(format=tarfile.GNU_FORMAT), None),
        "ustar.tar": (make_tar(ascii_names + ["dog/1.jpg"], tarfile.USTAR_FORMAT), None),
        "ustar-prefix.tar": (make_tar(prefixed, tarfile.USTAR_FORMAT), None),
        "dot-slash.tar": (make_tar(SHORT, prefix="./"), None),
        "latin-1.tar": (make_tar(latin, tarfile.GNU_FORMAT, "latin-1"), "latin-1"),
        "binary-size.tar": (bytes(binary), None),
        "deflated.zip": (make_zip(), None),
        "stored.zip": (make_zip(method=zipfile.ZIP_STORED), None),
        "streamed.zip": (make_zip(stream=True), None),
        "zip64.zip": (make_zip(zip64=True), None),
    }


def partly():
    """Well-formed archives with entries that are no files."""
    tar = make_tar(SHORT, extra=[
        (member("cat/link.jpg", tarfile.SYMTYPE, "/etc/passwd"), b""),
        (member("cat/hard.jpg", tarfile.LNKTYPE, "cat/1.jpg"), b""),
        (member("cat/pipe.jpg", tarfile.FIFOTYPE), b""),
        (member("cat/device.jpg", tarfile.CHRTYPE), b""),
        (member("cat/odd.jpg", b"Z"), b""),
        (member("../out.jpg"), b"x"),
        (member("/etc/out.jpg"), b"x"),
        (member("cat/../../out.jpg"), b"x"),
        (member("C:\\out.jpg"), b"x"),
        (member("cat/renamed.jpg", pax={"path": "../../pax.jpg"}), b"x"),
        (member("cat/holes.jpg", pax={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}), b"x"),
        (member("cat/1.jpg"), b"the last one"),
    ])
    packed = make_zip(SHORT, extra=[
        (zip_member("cat/link.jpg", mode=0o120777), b"/etc/passwd"),
        (zip_member("cat/bzip2.jpg", zipfile.ZIP_BZIP2), b"x" * 100),
        (zip_member("cat/bomb.jpg"), bytes(20_000_000)),
    ])
    at = packed.index(b"dog/2.jpg", central(packed, 3)) - 46 + 8
    return {"not-files.tar": tar, "not-files.zip": packed,
            "encrypted.zip": patch(packed, at, struct.pack("<H", 1))}


def hostile():
    tar = make_tar(SHORT, tarfile.USTAR_FORMAT)
    pax = make_tar(SHORT + ["cat/\u732b.jpg"])
    at = pax.index(b"path=")
    second = 512 + -(-len(content(SHORT[0])) // 512) * 512
    huge = io.BytesIO()
    info = tarfile.TarInfo("pax")
    info.type, info.size = b"x", 2 ** 21
    huge.write(info.tobuf(tarfile.USTAR_FORMAT) + bytes(2 ** 21) + tar)
    packed = make_zip(SHORT)
    first, other = central(packed, 0), central(packed, 1)
    twice = make_zip(["cat/1.jpg", "cat/1.jpg", "dog/1.jpg"])
    sizes = struct.unpack_from("<II", packed, 18)
    deflated = packed.index(b"cat/1.jpg") + 9
    stored = make_zip(SHORT, zipfile.ZIP_STORED)
    return {
        "cut-in-header.tar": tar[: second + 100],
        "cut-in-content.tar": tar[: second + 512 + 10],
        "checksum.tar": patch(tar, second + 20, b"\xff"),
        "size-beyond.tar": tar[:124] + b"77777777777\0" + tar[136:148] + bytes(fix_checksum(bytearray(tar[:124] + b"77777777777\0" + tar[136:512])))[148:156] + tar[156:],
        "pax-length.tar": patch(pax, at - 3, b"99"),
        "pax-huge.tar": huge.getvalue(),
        "climbing.zip": make_zip(SHORT + ["../out.jpg"]),
        "climbing-inside.zip": make_zip(SHORT + ["cat/../../out.jpg"]),
        "absolute.zip": make_zip(SHORT + ["/etc/out.jpg"]),
        "drive.zip": make_zip(SHORT + ["C:/out.jpg"]),
        "backslash.zip": make_zip(SHORT).replace(b"dog/2.jpg", b"..\\out.jp"),
        "twice.zip": twice,
        "overlapping.zip": patch(packed, other + 42, packed[first + 42: first + 46]),
        "cut.zip": packed[:-30],
        "no-directory.zip": packed[: first],
        "sizes-lie.zip": patch(packed, 22, struct.pack("<I", sizes[1] + 5)),
        "grows.zip": patch(patch(packed, 22, struct.pack("<I", 5)), first + 24, struct.pack("<I", 5)),
        "damaged.zip": patch(packed, deflated, b"\xff\xff\xff"),
        "checksum.zip": patch(stored, stored.index(b"picture"), b"PICTURE"),
    }


def encode(data):
    return base64.b64encode(data).decode("ascii")


def main(folder):
    cases = {"good": [], "partly": [], "hostile": []}
    for name, (data, encoding) in good().items():
        files = zip_files(data) if name.endswith(".zip") else tar_files(data, encoding or "utf-8")
        shown = {path[2:] if path.startswith("./") else path: encode(bytes) for path, bytes in files.items()}
        cases["good"].append({"name": name, "bytes": encode(data), "files": shown})
    for kind, made in (("partly", partly()), ("hostile", hostile())):
        for name, data in made.items():
            cases[kind].append({"name": name, "bytes": encode(data)})
    text = json.dumps(cases, separators=(",", ":"))
    with open(folder + "/archives.json.gz", "wb") as out:
        with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
            packed.write(text.encode("ascii"))


if __name__ == "__main__":
    main(sys.argv[1])
