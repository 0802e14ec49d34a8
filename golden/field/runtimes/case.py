"""A case is one safetensors file: input.*, param.*, and for an answer output.*; the metadata say which equation."""

import json
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def read(path):
    with safe_open(path, "np") as f:
        meta = f.metadata()
        tensors = {k: f.get_tensor(k) for k in f.keys()}
    part = lambda kind: {k[len(kind) + 1 :]: v for k, v in tensors.items() if k.startswith(kind + ".")}
    return meta, part("input"), part("param"), json.loads(meta.get("config", "{}"))


def write(path, meta, inputs, params, outputs):
    tensors = {f"input.{k}": v for k, v in inputs.items()} | {f"param.{k}": v for k, v in params.items()}
    tensors |= {f"output.{k}": np.ascontiguousarray(v) for k, v in outputs.items()}
    save_file({k: np.ascontiguousarray(v).reshape(v.shape) for k, v in tensors.items()}, path, meta)
