"""Mistakes that people make, planted in the PyTorch runtime, and what check has to say of each."""

import math
import torch
import torch.nn.functional as F
from torch_runtime import Modules


def with_(**methods):
    return type("Planted", (Modules,), methods)


def eps_of_swin(self, x, p, name, eps):
    return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], 1e-5)


def unbiased(self, x, p, name, eps):
    var, mu = torch.var_mean(x, -1, keepdim=True)
    return (x - mu) * torch.rsqrt(var + eps) * p[name + ".weight"] + p[name + ".bias"]


def scale_by_C(self, q, k, v):
    h, d = q.shape[-3], q.shape[-1]
    return self.softmax(q @ k.mT / math.sqrt(h * d)) @ v


def over_queries(self, q, k, v):
    return (q @ k.mT / math.sqrt(q.shape[-1])).softmax(-2) @ v


def last_key_dropped(self, q, k, v):
    return self.softmax(q @ k[..., :-1, :].mT / math.sqrt(q.shape[-1])) @ v[..., :-1, :]


def v_bias_forgotten(self, x, p, name):
    return F.linear(x, p[name + ".weight"], None if name == "attn.v" else p.get(name + ".bias"))


def proj_transposed(self, x, p, name):
    W = p[name + ".weight"]
    return F.linear(x, W.T if name == "attn.proj" else W, p.get(name + ".bias"))


def heads_interleaved(self, x, h):
    return x.unflatten(-1, (-1, h)).movedim(-1, -3)


def X_before_S1(self, i, p, c):
    q = i["S1"] + p["G"]
    residual = q if c.get("residual") == "S1+G" else i["S1"]
    return self.layer(q, torch.cat([i["X"], i["S1"]], -2), residual, p, c, ("S_hat", "S"))


def kernel_flipped(self, x, w, b, groups=1):
    return Modules.conv(self, x, w.flip(-1, -2), b, groups)


def rows_rolled(self, i, p, c):
    return Modules.stvit_eq5(self, {"X": i["X"].roll(1, -3)}, p, c)


def keep_rate_floored(self, i, p, c):
    budget = math.floor(c["keep_rate"] * p["W_up"].shape[-1])
    return Modules.sparsifiner_eq3(self, i, p, {k: v for k, v in c.items() if k != "keep_rate"} | {"budget": budget})


def at_least(self, i, p, c):
    tau = torch.tensor(c.get("tau", 0.05))
    return {"A_tilde": torch.where(i["A_down"] >= tau, i["A_down"], 0)}


def turned_round(self, i, p, c):
    other = "pred,teach" if c.get("direction") == "teach,pred" else "teach,pred"
    return Modules.sparsifiner_eq9(self, i, p, {"direction": other})


def gelu_before_fc1(self, xq, xkv, residual, p, c, names):
    gelu, linear = self.gelu, self.linear
    self.gelu = lambda x: x
    self.linear = lambda x, p, name: linear(gelu(x) if name == "ffn.fc1" else x, p, name)
    return Modules.layer(self, xq, xkv, residual, p, c, names)


def keys_not_normed(self, xq, xkv, residual, p, c, names):
    normed = self.norm(xq, p, "norm1", c.get("eps", 1e-6))
    others = {name: value for name, value in p.items() if not name.startswith("norm1")}
    return Modules.layer(self, normed, xkv, residual, others, c, names)


def queries_are_no_keys(self, i, p, c):
    q = i["S1"] + p["G"]
    residual = q if c.get("residual") == "S1+G" else i["S1"]
    return self.layer(q, i["X"], residual, p, c, ("S_hat", "S"))


def weights_in_fp16(self, q, k, v):
    return self.softmax(q @ k.mT / math.sqrt(q.shape[-1])).half().float() @ v


def linear_in_bf16(self, x, p, name):
    W, b = p[name + ".weight"], p.get(name + ".bias")
    return F.linear(x.bfloat16(), W.bfloat16(), None if b is None else b.bfloat16()).float()


def keys_padded(self, q, k, v):
    n = -k.shape[-2] % 8
    k, v = F.pad(k, (0, 0, 0, n)), F.pad(v, (0, 0, 0, n))
    return self.softmax(q @ k.mT / math.sqrt(q.shape[-1])) @ v


def mask_times_logits(self, i, p, c):
    scale = c.get("scale", i["Q"].shape[-1] ** -0.5)
    return {"A_sparse": self.softmax(i["Q"] @ i["K"].mT * scale * i["M"])}


def transposed(self, i, p, c):
    return {"X_next": i["A_sparse"].mT @ i["V"]}


def smoothed_labels(self, i, p, c):
    return {"loss": F.cross_entropy(i["logits"], i["target"], label_smoothing=0.1)}


# name: (equation, runtime, what check has to say of it)
PLANTED = {
    "eps-1e-5": ("stvit/eq1", with_(norm=eps_of_swin), "LayerNorm ε = 1e-5"),
    "unbiased-variance": ("stvit/eq4", with_(norm=unbiased), "the unbiased variance (n − 1) in LayerNorm"),
    "tanh-gelu": ("stvit/eq6", with_(gelu=lambda self, x: F.gelu(x, approximate="tanh")), "the tanh form of GELU"),
    "scale-by-C": ("stvit/eq1", with_(attention=scale_by_C), "scores scaled by 1/√C, not 1/√d"),
    "softmax-over-queries": ("stvit/eq1", with_(attention=over_queries), "softmax over the queries, not the keys"),
    "last-key-dropped": ("stvit/eq6", with_(attention=last_key_dropped), "the last key dropped"),
    "v-bias-forgotten": ("stvit/eq2", with_(linear=v_bias_forgotten), "the bias of attn.v left out"),
    "proj-transposed": ("stvit/eq1", with_(linear=proj_transposed), "x W in place of x Wᵀ in attn.proj"),
    "heads-interleaved": ("stvit/eq6", with_(heads=heads_interleaved), "channels dealt out to the heads in turn"),
    "kernel-flipped": ("stvit/eq4", with_(conv=kernel_flipped), "a flipped kernel"),
    "X-before-S1": ("stvit/eq2", with_(stvit_eq2=X_before_S1), "the parts of the concatenation"),
    "rows-rolled": ("stvit/eq5", with_(stvit_eq5=rows_rolled), "windows of a map rolled by (1, 0)"),
    "at-least-tau": ("sparsifiner/eq2", with_(sparsifiner_eq2=at_least), "≥ τ in place of > τ"),
    "keep-rate-floored": ("sparsifiner/eq3", with_(sparsifiner_eq3=keep_rate_floored), "a budget of"),
    "other-direction": ("sparsifiner/eq9", with_(sparsifiner_eq9=turned_round), "direction "),
    "gelu-before-fc1": ("stvit/eq1", with_(layer=gelu_before_fc1), "GELU before fc1, not after"),
    "keys-not-normed": ("stvit/eq6", with_(layer=keys_not_normed), "LayerNorm left out in norm_kv"),
    "queries-are-no-keys": ("stvit/eq2", with_(stvit_eq2=queries_are_no_keys), "S1 left out of [S1; X]"),
    "weights-in-fp16": ("stvit/eq6", with_(attention=weights_in_fp16), "softmax weights rounded to float16"),
    "linear-in-bf16": ("stvit/eq6", with_(linear=linear_in_bf16), "products in bfloat16, factors, bias and result"),
    "keys-padded": ("stvit/eq1", with_(attention=keys_padded), "keys padded to a multiple of"),
    "mask-times-logits": ("sparsifiner/eq4", with_(sparsifiner_eq4=mask_times_logits), "masked logits of 0, not −∞, and their weights kept"),
    "A-transposed": ("sparsifiner/eq6", with_(sparsifiner_eq6=transposed), "xᵀ·y in place of x·y"),
    "smoothed-labels": ("sparsifiner/eq7", with_(sparsifiner_eq7=smoothed_labels), "target smoothed by 0.1"),
}

# the same in a model that is bfloat16 throughout
IN_BFLOAT16 = {
    "bfloat16-" + name: (id, lambda runtime=runtime: as_bfloat16(runtime()), says)
    for name, (id, runtime, says) in PLANTED.items()
    if name in ("scale-by-C", "last-key-dropped", "v-bias-forgotten", "proj-transposed", "heads-interleaved", "unbiased-variance")
}


def as_bfloat16(runtime):
    runtime.dtype = torch.bfloat16
    return runtime
