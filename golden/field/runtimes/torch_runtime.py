"""STViT Eqs. 1-6 and Sparsifiner Eqs. 1-12 in PyTorch, as one would write them."""

import math
import torch
import torch.nn.functional as F


class Modules:
    """F.layer_norm, F.linear, F.gelu, softmax, one product at a time."""

    dtype = torch.float32

    def __call__(self, id, i, p, c):
        self.seen = {}
        t = lambda d: {k: torch.from_numpy(v).to(self.dtype) for k, v in d.items()}
        with torch.no_grad():
            out = getattr(self, id.replace("/", "_"))(t(i), t(p), c)
        done = lambda d: {
            k: (v.to(torch.float32) if v.dtype not in (torch.uint8,) else v).contiguous().numpy() for k, v in d.items()
        }
        return done(out), done(self.seen)

    def keep(self, name, x):
        self.seen[name] = x
        return x

    # operations
    def norm(self, x, p, name, eps):
        return F.layer_norm(x, x.shape[-1:], p[name + ".weight"], p[name + ".bias"], eps)

    def linear(self, x, p, name):
        return F.linear(x, p[name + ".weight"], p.get(name + ".bias"))

    def gelu(self, x):
        return F.gelu(x)

    def softmax(self, x):
        return x.softmax(-1)

    def log_softmax(self, x):
        return F.log_softmax(x, -1)

    def heads(self, x, h):
        return x.unflatten(-1, (h, -1)).transpose(-3, -2)

    def merge(self, x):
        return x.transpose(-3, -2).flatten(-2)

    def attention(self, q, k, v):
        scores = self.keep("scores", q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5)
        return self.keep("A", self.softmax(scores)) @ v

    def mha(self, xq, xkv, p, h):
        q = self.keep("q", self.heads(self.linear(xq, p, "attn.q"), h))
        k = self.keep("k", self.heads(self.linear(xkv, p, "attn.k"), h))
        v = self.keep("v", self.heads(self.linear(xkv, p, "attn.v"), h))
        heads = self.keep("heads", self.merge(self.attention(q, k, v)))
        return self.keep("attn", self.linear(heads, p, "attn.proj"))

    def conv(self, x, w, b, groups=1):  # channels last
        lead = x.shape[:-3]
        y = F.conv2d(
            x.flatten(0, -4).permute(0, 3, 1, 2) if lead else x.permute(2, 0, 1)[None],
            w,
            b,
            padding=(w.shape[-2] // 2, w.shape[-1] // 2),
            groups=groups,
        )
        return y.permute(0, 2, 3, 1).reshape(*lead, *x.shape[-3:-1], w.shape[0])

    # STViT
    def layer(self, xq, xkv, residual, p, c, names):
        eps = c.get("eps", 1e-6)
        if "norm1.weight" in p:
            xq, xkv = self.keep("norm_q", self.norm(xq, p, "norm1", eps)), self.keep(
                "norm_kv", self.norm(xkv, p, "norm1", eps)
            )
        a = self.mha(xq, xkv, p, c["heads"])
        if "layer_scale_1" in p:
            a = a * p["layer_scale_1"]
        x = a + residual
        y = x
        if "norm2.weight" in p:
            y = self.keep("norm2", self.norm(x, p, "norm2", eps))
        y = self.keep("fc1", self.linear(y, p, "ffn.fc1"))
        y = self.keep("gelu", self.gelu(y))
        y = self.keep("fc2", self.linear(y, p, "ffn.fc2"))
        if "layer_scale_2" in p:
            y = y * p["layer_scale_2"]
        return {names[0]: x, names[1]: y + x}

    def stvit_eq1(self, i, p, c):
        return self.layer(i["P"], i["X"], i["P"], p, c, ("S_hat", "S"))

    def stvit_eq2(self, i, p, c):
        q = i["S1"] + p["G"]
        return self.layer(
            q, torch.cat([i["S1"], i["X"]], -2), q if c.get("residual") == "S1+G" else i["S1"], p, c, ("S_hat", "S")
        )

    def stvit_eq3(self, i, p, c):
        h, w = c["heads"], p["attn.q.weight"]
        k = self.keep("k", self.heads(self.linear(torch.cat([i["S1"], i["X"]], -2), p, "attn.k"), h))
        q_s = self.keep("q_s", self.heads(self.linear(i["S1"], p, "attn.q"), h))
        q_g = self.keep("q_g", self.heads(F.linear(p["G"], w), h))
        scale = k.shape[-1] ** -0.5
        A_s, A_g = q_s @ k.mT * scale, q_g @ k.mT * scale
        return {"A_s": A_s, "A_g": A_g, "A": self.softmax(A_s + A_g)}

    def stvit_eq6(self, i, p, c):
        return self.layer(i["X"], i["S"], i["X"], p, c, ("X_hat", "X_out"))

    def mask(self, x, p, eps, at=""):
        x = self.keep(at + "dw", self.conv(x, p[at + "dw.weight"], p.get(at + "dw.bias"), groups=x.shape[-1]))
        x = self.keep(at + "norm", self.norm(x, p, at + "norm", eps))
        x = self.keep(at + "gelu", self.gelu(x))
        return self.conv(x, p[at + "conv.weight"], p.get(at + "conv.bias"))

    def stvit_eq4(self, i, p, c):
        return {"M": self.mask(i["X_w"], p, c.get("eps", 1e-6))[..., 0]}

    def stvit_eq5(self, i, p, c):
        X, ws, eps = i["X"], c["ws"], c.get("eps", 1e-6)
        H, W, C = X.shape[-3:]
        Kh, Kw = -(-H // ws), -(-W // ws)
        win = torch.stack(
            [
                X[..., a * H // ws : a * H // ws + Kh, b * W // ws : b * W // ws + Kw, :]
                for a in range(ws)
                for b in range(ws)
            ],
            -4,
        )
        self.keep("windows", win)
        M = self.mask(win, p, eps, "intra.")[..., 0]
        flat = win.flatten(-3, -2)
        P_hat = (self.softmax(M.flatten(-2))[..., None, :] @ flat)[..., 0, :].unflatten(-2, (ws, ws))
        O = self.mask(P_hat, p, eps, "inter.").reshape(M.shape)
        weights = self.keep("weights", self.softmax((M + O).flatten(-2)))
        P = (weights[..., None, :] @ flat)[..., 0, :]
        return {"M": M, "P_hat": P_hat, "O": O, "P": P}

    # Sparsifiner
    def sparsifiner_eq1(self, i, p, c):
        K_down = self.keep("K_down", p["W_down"] @ i["K"])
        logits = self.keep("logits", i["Q"] @ K_down.mT * c.get("scale", i["Q"].shape[-1] ** -0.5))
        return {"A_down": self.softmax(logits)}

    def sparsifiner_eq2(self, i, p, c):
        A, tau = i["A_down"], torch.tensor(c.get("tau", 0.05), dtype=torch.float32)
        return {"A_tilde": torch.where(A > tau, A, 0)}

    def scores(self, A_tilde, W):
        return A_tilde @ W

    def sparsifiner_eq3(self, i, p, c):
        W = p["W_up"]
        if "basis_threshold" in c:
            W = torch.where(W.abs() > torch.tensor(c["basis_threshold"], dtype=torch.float32), W, 0)
        scores = self.scores(i["A_tilde"], W)
        n = scores.shape[-1]
        budget = min(n, c["budget"] if "budget" in c else math.ceil(c["keep_rate"] * n))
        top = scores.sort(dim=-1, descending=True, stable=True).indices[..., :budget]
        M = torch.zeros_like(scores).scatter(-1, top, 1.0) * (scores != 0)
        return {"scores": scores, "M": M.to(torch.uint8)}

    def sparsifiner_eq4(self, i, p, c):
        logits = i["Q"] @ i["K"].mT * c.get("scale", i["Q"].shape[-1] ** -0.5)
        if c.get("normalize", "full") == "full":
            self.keep("logits", logits)
            return {"A_sparse": self.softmax(logits) * i["M"]}
        return {"A_sparse": self.softmax(logits.masked_fill(i["M"] == 0, -torch.inf)).nan_to_num(0.0)}

    def sparsifiner_eq5(self, i, p, c):
        return {"A_sparse": i["M"] * i["A"]}

    def sparsifiner_eq6(self, i, p, c):
        return {"X_next": i["A_sparse"] @ i["V"]}

    def sparsifiner_eq7(self, i, p, c):
        return {"loss": F.cross_entropy(i["logits"], i["target"])}

    def sparsifiner_eq8(self, i, p, c):
        return {"loss": F.mse_loss(i["x"], i["x_teach"])}

    def sparsifiner_eq9(self, i, p, c):
        a, b = self.keep("log_probs", self.log_softmax(i["logits"])), self.keep(
            "log_probs_teach", self.log_softmax(i["logits_teach"])
        )
        if c.get("direction") == "teach,pred":
            a, b = b, a
        return {"loss": F.kl_div(b, a, reduction="batchmean", log_target=True)}

    def sparsifiner_eq10(self, i, p, c):
        return {
            "loss": F.mse_loss(
                self.keep("scores", self.scores(i["A_tilde"], p["W_up"])),
                i["A_teach"],
                reduction=c.get("reduction", "mean"),
            )
        }

    def sparsifiner_eq11(self, i, p, c):
        return {"loss": p["W_up"].square().sum()}

    def sparsifiner_eq12(self, i, p, c):
        g = lambda k: c.get("lambda_" + k, 0.0)
        return {
            "loss": i["L_cls"]
            + g("token") * i["L_token"]
            + g("cls") * i["L_kl"]
            + g("attn") * i["L_attn"]
            + g("spa") * i["L_spa"]
        }


class Sdpa(Modules):
    """scaled_dot_product_attention; keys and values in one product."""

    def mha(self, xq, xkv, p, h):
        q = self.heads(self.linear(xq, p, "attn.q"), h)
        w = torch.cat([p["attn.k.weight"], p["attn.v.weight"]])
        z = lambda n: p.get(f"attn.{n}.bias", torch.zeros(w.shape[1], dtype=w.dtype))
        k, v = (self.heads(x, h) for x in F.linear(xkv, w, torch.cat([z("k"), z("v")])).chunk(2, -1))
        return self.linear(self.merge(F.scaled_dot_product_attention(q, k, v)), p, "attn.proj")

    def stvit_eq3(self, i, p, c):
        out = super().stvit_eq3(i, p, c)
        self.seen = {}
        return out

    def sparsifiner_eq7(self, i, p, c):
        return {"loss": -(i["target"] * F.log_softmax(i["logits"], -1)).sum(-1).mean()}

    def sparsifiner_eq8(self, i, p, c):
        return {"loss": (i["x"] - i["x_teach"]).pow(2).mean()}

    def sparsifiner_eq9(self, i, p, c):
        a, b = i["logits"], i["logits_teach"]
        if c.get("direction") == "teach,pred":
            a, b = b, a
        return {"loss": F.kl_div(F.log_softmax(b, -1), a.softmax(-1), reduction="batchmean")}

    def sparsifiner_eq11(self, i, p, c):
        return {"loss": (p["W_up"] ** 2).sum()}


class Double(Modules):
    """float64 throughout, rounded at the end."""

    dtype = torch.float64


class Bfloat16(Modules):
    """As after model.bfloat16()."""

    dtype = torch.bfloat16


class Half(Modules):
    """As after model.half()."""

    dtype = torch.float16


class Stepwise(Modules):
    """LayerNorm, GELU, softmax and the losses written out, one operation after another."""

    def mean(self, x):
        return x.mean(-1, keepdim=True)

    def norm(self, x, p, name, eps):
        d = x - self.mean(x)
        return d * torch.rsqrt(self.mean(d * d) + eps) * p[name + ".weight"] + p[name + ".bias"]

    def gelu(self, x):
        return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))

    def softmax(self, x):
        e = torch.exp(x - x.amax(-1, keepdim=True))
        return e / e.sum(-1, keepdim=True)

    def log_softmax(self, x):
        x = x - x.amax(-1, keepdim=True)
        return x - torch.log(torch.exp(x).sum(-1, keepdim=True))

    def sparsifiner_eq7(self, i, p, c):
        return {"loss": -(i["target"] * self.log_softmax(i["logits"])).sum(-1).mean()}

    def sparsifiner_eq8(self, i, p, c):
        d = i["x"] - i["x_teach"]
        return {"loss": (d * d).mean()}


class StepwiseBfloat16(Stepwise):
    """By hand, after model.bfloat16()."""

    dtype = torch.bfloat16


class StepwiseHalf(Stepwise):
    """By hand, after model.half(): sums divided by n, roots divided by, the reciprocal of a softmax's sum, Φ by erfc."""

    dtype = torch.float16

    def mean(self, x):
        return x.sum(-1, keepdim=True) / x.shape[-1]

    def norm(self, x, p, name, eps):
        d = x - self.mean(x)
        return p[name + ".weight"] * d / torch.sqrt(self.mean(d.pow(2)) + eps) + p[name + ".bias"]

    def gelu(self, x):
        return x * (0.5 * torch.erfc(-x / math.sqrt(2)))

    def softmax(self, x):
        e = torch.exp(x - x.amax(-1, keepdim=True))
        return e * e.sum(-1, keepdim=True).reciprocal()


RUNTIMES = {
    "torch-modules": Modules,
    "torch-sdpa": Sdpa,
    "torch-float64": Double,
    "torch-bfloat16": Bfloat16,
    "torch-half": Half,
    "torch-bfloat16-stepwise": StepwiseBfloat16,
    "torch-half-stepwise": StepwiseHalf,
}
