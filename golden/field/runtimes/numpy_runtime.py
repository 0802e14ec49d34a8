"""STViT Eqs. 1-6 and Sparsifiner Eqs. 1-12 in NumPy and SciPy, float32 throughout."""

import math
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy import sparse
from scipy.special import erf, log_softmax, softmax


class Numpy:
    def __call__(self, id, i, p, c):
        self.seen = {}
        out = getattr(self, id.replace("/", "_"))(i, p, c)
        f = lambda d: {
            k: np.asarray(v) if np.asarray(v).dtype == np.uint8 else np.asarray(v, np.float32) for k, v in d.items()
        }
        return f(out), f(self.seen)

    def keep(self, name, x):
        self.seen[name] = x
        return x

    def softmax(self, x):
        return softmax(x, axis=-1)

    def log_softmax(self, x):
        return log_softmax(x, axis=-1)

    def norm(self, x, p, name, eps):
        return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + np.float32(eps)) * p[
            name + ".weight"
        ] + p[name + ".bias"]

    def linear(self, x, p, name):
        return x @ p[name + ".weight"].T + p.get(name + ".bias", np.float32(0))

    def gelu(self, x):
        return np.float32(0.5) * x * (1 + erf(x * np.float32(2**-0.5)))

    def heads(self, x, h):
        return np.moveaxis(x.reshape(*x.shape[:-1], h, -1), -2, -3)

    def merge(self, x):
        x = np.moveaxis(x, -3, -2)
        return x.reshape(*x.shape[:-2], -1)

    def mha(self, xq, xkv, p, h):
        q = self.keep("q", self.heads(self.linear(xq, p, "attn.q"), h))
        k = self.keep("k", self.heads(self.linear(xkv, p, "attn.k"), h))
        v = self.keep("v", self.heads(self.linear(xkv, p, "attn.v"), h))
        A = self.keep(
            "A", self.softmax(self.keep("scores", q @ k.swapaxes(-1, -2) / np.float32(math.sqrt(q.shape[-1]))))
        )
        return self.keep("attn", self.linear(self.keep("heads", self.merge(A @ v)), p, "attn.proj"))

    def layer(self, xq, xkv, res, p, c, names):
        eps = c.get("eps", 1e-6)
        if "norm1.weight" in p:
            xq, xkv = self.keep("norm_q", self.norm(xq, p, "norm1", eps)), self.keep(
                "norm_kv", self.norm(xkv, p, "norm1", eps)
            )
        x = res + p.get("layer_scale_1", np.float32(1)) * self.mha(xq, xkv, p, c["heads"])
        y = self.keep("norm2", self.norm(x, p, "norm2", eps)) if "norm2.weight" in p else x
        f = self.keep(
            "fc2",
            self.linear(self.keep("gelu", self.gelu(self.keep("fc1", self.linear(y, p, "ffn.fc1")))), p, "ffn.fc2"),
        )
        return {names[0]: x, names[1]: x + p.get("layer_scale_2", np.float32(1)) * f}

    def stvit_eq1(self, i, p, c):
        return self.layer(i["P"], i["X"], i["P"], p, c, ("S_hat", "S"))

    def stvit_eq2(self, i, p, c):
        q = i["S1"] + p["G"]
        return self.layer(
            q,
            np.concatenate([i["S1"], i["X"]], -2),
            q if c.get("residual") == "S1+G" else i["S1"],
            p,
            c,
            ("S_hat", "S"),
        )

    def stvit_eq3(self, i, p, c):
        h = c["heads"]
        k = self.keep("k", self.heads(self.linear(np.concatenate([i["S1"], i["X"]], -2), p, "attn.k"), h)).swapaxes(
            -1, -2
        )
        q_s = self.keep("q_s", self.heads(self.linear(i["S1"], p, "attn.q"), h))
        q_g = self.keep("q_g", self.heads(p["G"] @ p["attn.q.weight"].T, h))
        s = np.float32(1 / math.sqrt(k.shape[-2]))
        A_s, A_g = q_s @ k * s, q_g @ k * s
        return {"A_s": A_s, "A_g": A_g, "A": self.softmax(A_s + A_g)}

    def stvit_eq6(self, i, p, c):
        return self.layer(i["X"], i["S"], i["X"], p, c, ("X_hat", "X_out"))

    def conv(self, x, w, b, groups=1):
        kh, kw = w.shape[-2:]
        pad = [(0, 0)] * (x.ndim - 3) + [(kh // 2,) * 2, (kw // 2,) * 2, (0, 0)]
        view = sliding_window_view(np.pad(x, pad), (kh, kw), axis=(-3, -2))  # [.., H, W, C, kh, kw]
        y = (
            np.einsum("...cij,cij->...c", view, w[:, 0])
            if groups > 1
            else np.einsum("...cij,ocij->...o", view, w, optimize=True)
        )
        return y if b is None else y + b

    def mask(self, x, p, eps, at=""):
        y = self.keep(at + "dw", self.conv(x, p[at + "dw.weight"], p.get(at + "dw.bias"), x.shape[-1]))
        y = self.keep(at + "gelu", self.gelu(self.keep(at + "norm", self.norm(y, p, at + "norm", eps))))
        return self.conv(y, p[at + "conv.weight"], p.get(at + "conv.bias"))

    def stvit_eq4(self, i, p, c):
        return {"M": self.mask(i["X_w"], p, c.get("eps", 1e-6))[..., 0]}

    def stvit_eq5(self, i, p, c):
        X, ws, eps = i["X"], c["ws"], c.get("eps", 1e-6)
        H, W, C = X.shape[-3:]
        Kh, Kw = -(-H // ws), -(-W // ws)
        win = self.keep(
            "windows",
            np.stack(
                [
                    X[..., a * H // ws : a * H // ws + Kh, b * W // ws : b * W // ws + Kw, :]
                    for a in range(ws)
                    for b in range(ws)
                ],
                -4,
            ),
        )
        flat = win.reshape(*win.shape[:-3], Kh * Kw, C)
        M = self.mask(win, p, eps, "intra.")[..., 0]
        pool = lambda w: (w[..., None] * flat).sum(-2)
        P_hat = pool(self.softmax(M.reshape(flat.shape[:-1]))).reshape(*X.shape[:-3], ws, ws, C)
        O = self.mask(P_hat, p, eps, "inter.").reshape(M.shape)
        return {
            "M": M,
            "P_hat": P_hat,
            "O": O,
            "P": pool(self.keep("weights", self.softmax((M + O).reshape(flat.shape[:-1])))),
        }

    def sparsifiner_eq1(self, i, p, c):
        K = self.keep("K_down", p["W_down"] @ i["K"])
        return {
            "A_down": self.softmax(
                self.keep("logits", i["Q"] @ K.swapaxes(-1, -2) * np.float32(c.get("scale", i["Q"].shape[-1] ** -0.5)))
            )
        }

    def sparsifiner_eq2(self, i, p, c):
        return {"A_tilde": i["A_down"] * (i["A_down"] > np.float32(c.get("tau", 0.05)))}

    def sparsifiner_eq3(self, i, p, c):
        W = p["W_up"]
        if "basis_threshold" in c:
            W = W * (abs(W) > np.float32(c["basis_threshold"]))
        scores = i["A_tilde"] @ W
        n = W.shape[-1]
        b = c["budget"] if "budget" in c else math.ceil(c["keep_rate"] * n)
        M = np.zeros(scores.shape, np.uint8)
        np.put_along_axis(M, np.argsort(-scores, -1, kind="stable")[..., :b], 1, -1)
        return {"scores": scores, "M": M * (scores != 0)}

    def sparsifiner_eq4(self, i, p, c):
        x = i["Q"] @ i["K"].swapaxes(-1, -2) * np.float32(c.get("scale", i["Q"].shape[-1] ** -0.5))
        if c.get("normalize", "full") == "full":
            return {"A_sparse": i["M"] * self.softmax(self.keep("logits", x))}
        x = np.where(i["M"] == 1, x, -np.inf)
        top = x.max(-1, keepdims=True)
        e = np.exp(x - np.where(np.isfinite(top), top, 0))
        s = e.sum(-1, keepdims=True)
        return {"A_sparse": np.divide(e, s, out=np.zeros_like(e), where=s > 0)}

    def sparsifiner_eq5(self, i, p, c):
        return {"A_sparse": np.where(i["M"] == 1, i["A"], np.float32(0))}

    def sparsifiner_eq6(self, i, p, c):
        A, V = i["A_sparse"], i["V"]
        f = lambda x: x.reshape(-1, *x.shape[-2:])
        return {"X_next": np.stack([sparse.csr_array(a) @ v for a, v in zip(f(A), f(V))]).reshape(V.shape)}

    def sparsifiner_eq7(self, i, p, c):
        return {
            "loss": self.keep(
                "per_sample", -(i["target"] * self.keep("log_probs", self.log_softmax(i["logits"]))).sum(-1)
            ).mean()
        }

    def sparsifiner_eq8(self, i, p, c):
        return {"loss": np.mean((i["x"] - i["x_teach"]) ** 2)}

    def sparsifiner_eq9(self, i, p, c):
        a, b = self.keep("log_probs", self.log_softmax(i["logits"])), self.keep(
            "log_probs_teach", self.log_softmax(i["logits_teach"])
        )
        if c.get("direction") == "teach,pred":
            a, b = b, a
        return {"loss": self.keep("per_sample", (np.exp(a) * (a - b)).sum(-1)).mean()}

    def sparsifiner_eq10(self, i, p, c):
        d = (self.keep("scores", i["A_tilde"] @ p["W_up"]) - i["A_teach"]).ravel()
        s = np.dot(d, d)
        return {"loss": s if c.get("reduction") == "sum" else s / np.float32(d.size)}

    def sparsifiner_eq11(self, i, p, c):
        return {"loss": np.linalg.norm(p["W_up"]) ** 2}

    def sparsifiner_eq12(self, i, p, c):
        f = lambda k: np.float32(c.get(k, 0))
        return {
            "loss": i["L_cls"]
            + f("lambda_token") * i["L_token"]
            + f("lambda_cls") * i["L_kl"]
            + f("lambda_attn") * i["L_attn"]
            + f("lambda_spa") * i["L_spa"]
        }


RUNTIMES = {"numpy": Numpy}
