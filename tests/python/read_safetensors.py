# Prints what the safetensors of Hugging Face finds in a checkpoint, as JSON: its metadata, shape and SHA-256 of each
# tensor; and the checksums by Python's zlib of what it finds, in the form of "alexnet.crc32".
# Usage: python read_safetensors.py FILE
import hashlib
import json
import sys
import zlib

from safetensors import safe_open

SUMS = "alexnet.crc32"


def crc32(data):
    return f"{zlib.crc32(data):08x}"


with safe_open(sys.argv[1], framework="np") as file:
    metadata = file.metadata()
    tensors = {name: file.get_tensor(name) for name in file.keys()}
sums = {name: crc32(tensor.tobytes()) for name, tensor in tensors.items()}
texts = sorted([key, text] for key, text in metadata.items() if key != SUMS)
described = sorted([name, "F32", list(tensor.shape), sums[name]] for name, tensor in tensors.items())
header = json.dumps([texts, described], separators=(",", ":"), ensure_ascii=False)
print(
    json.dumps(
        {
            "metadata": metadata,
            "tensors": {
                name: {
                    "dtype": str(tensor.dtype),
                    "shape": list(tensor.shape),
                    "sha256": hashlib.sha256(tensor.tobytes()).hexdigest(),
                }
                for name, tensor in tensors.items()
            },
            "sums": {"header": crc32(header.encode()), "tensors": sums},
        }
    )
)
