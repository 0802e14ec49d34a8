"""Asks the questions, has every runtime answer them, writes answers/, planted/ and manifest.json: python make.py"""

import hashlib, importlib, importlib.metadata, json, os, platform, shutil, subprocess, tempfile
import case
from planted import IN_BFLOAT16, PLANTED

FIELD = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLONE = os.path.dirname(os.path.dirname(FIELD))
MODULES = {"torch": "torch", "numpy": "numpy", "jax": "jax", "onnxruntime": "onnxruntime", "tensorflow": "tensorflow"}
PACKAGES = ["numpy", "scipy", "torch", "jax", "jaxlib", "onnx", "onnxruntime", "tensorflow_cpu", "safetensors"]
# what each is judged under that is not float32 throughout
PROFILES = {
    "torch-bfloat16": "bf16-model",
    "torch-half": "fp16-model",
    "torch-bfloat16-stepwise": "bf16-stepwise",
    "torch-half-stepwise": "fp16-stepwise",
}
SOME = ("jax-jit", "torch-float64", "tensorflow")

# a drawn question that all answer, and another, at which some honest runtime was once called wrong or a probe looks, for some
DRAWN = {
    "stvit/eq1": 1, "stvit/eq2": 21, "stvit/eq3": 11, "stvit/eq4": 1, "stvit/eq5": 8, "stvit/eq6": 13,
    "sparsifiner/eq1": 14, "sparsifiner/eq2": 1, "sparsifiner/eq3": 5, "sparsifiner/eq4": 7, "sparsifiner/eq5": 1, "sparsifiner/eq6": 1,
    "sparsifiner/eq7": 1, "sparsifiner/eq8": 1, "sparsifiner/eq9": 12, "sparsifiner/eq10": 6, "sparsifiner/eq11": 1, "sparsifiner/eq12": 1,
}  # fmt: skip
OTHERS = {
    "stvit/eq1": (1080, "large-stream"), "stvit/eq2": (10,), "stvit/eq3": (17,), "stvit/eq4": (1000, "tiny-variance"), "stvit/eq5": (9,), "stvit/eq6": (5,),
    "sparsifiner/eq1": (1011, "one-hot-softmax"), "sparsifiner/eq2": (1030, "at-threshold"), "sparsifiner/eq3": (1020, "ties"), "sparsifiner/eq4": (18,),
    "sparsifiner/eq5": (2,), "sparsifiner/eq6": (5,), "sparsifiner/eq7": (5,), "sparsifiner/eq8": (1070, "small-stream"), "sparsifiner/eq9": (1071, "small-stream"),
    "sparsifiner/eq10": (10,), "sparsifiner/eq11": (2,), "sparsifiner/eq12": (2,),
}  # fmt: skip


def ask(id, seed, probe=None):
    args = ["emit", id, "--seed", str(770000 + seed)] + (["--probe", probe] if probe else [])
    name = id.replace("/", "-") + "-" + (probe or "drawn") + f"-{770000 + seed}.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        subprocess.run(
            ["node", os.path.join(CLONE, "dist/src/cli/main.js"), *args, "-o", path],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return name, "touchstone " + " ".join(args), case.read(path)


def runtimes():
    for module in MODULES:
        for name, runtime in importlib.import_module(module + "_runtime").RUNTIMES.items():
            yield name, runtime()


def keep(path, question, out, seen, source):
    meta, i, p, _ = question
    os.makedirs(os.path.dirname(os.path.join(FIELD, path)), exist_ok=True)
    case.write(os.path.join(FIELD, path), meta | {"source": source}, i, p, seen | out)
    with open(os.path.join(FIELD, path), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main():
    for folder in ("answers", "planted"):
        shutil.rmtree(os.path.join(FIELD, folder), ignore_errors=True)
    versions = {package: importlib.metadata.version(package) for package in PACKAGES}
    manifest = {
        "format": 1,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "versions": versions,
        "answers": {},
        "planted": {},
    }
    drawn = {id: ask(id, seed) for id, seed in DRAWN.items()}
    others = {id: ask(id, *how) for id, how in OTHERS.items()}
    for name, runtime in runtimes():
        for file, emit, question in [*drawn.values(), *(others.values() if name in SOME else [])]:
            meta, i, p, c = question
            path = f"answers/{name}/{file}"
            sha = keep(path, question, *runtime(meta["equation"], i, p, c), name)
            entry = {"sha256": sha, "runtime": name, "id": meta["equation"], "question": emit}
            manifest["answers"][path] = entry | ({"profile": PROFILES[name]} if name in PROFILES else {})
    for name, (id, runtime, says) in (PLANTED | IN_BFLOAT16).items():
        # the at-threshold probe has what >= needs, the other questions are drawn
        file, emit, question = others[id] if name == "at-least-tau" else drawn[id]
        meta, i, p, c = question
        path = f"planted/{name}.safetensors"
        sha = keep(path, question, *runtime()(id, i, p, c), "torch-modules, " + name)
        entry = {"sha256": sha, "bug": name, "id": id, "says": says, "question": emit}
        manifest["planted"][path] = entry | ({"profile": "bf16-model"} if name in IN_BFLOAT16 else {})
    with open(os.path.join(FIELD, "manifest.json"), "w") as file:
        file.write(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
