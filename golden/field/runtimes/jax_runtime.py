"""STViT Eqs. 1-6 and Sparsifiner Eqs. 1-12 in JAX, compiled by XLA as one program an equation."""

import functools, math, os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
import jax, jax.numpy as jnp
import numpy as np
from jax import lax


def norm(x, p, name, eps):
    mu, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mu) * lax.rsqrt(var + eps) * p[name + ".weight"] + p[name + ".bias"]


def linear(x, p, name):
    y = x @ p[name + ".weight"].T
    return y + p[name + ".bias"] if name + ".bias" in p else y


def gelu(x):
    return jax.nn.gelu(x, approximate=False)


def heads(x, h):
    return jnp.swapaxes(x.reshape(*x.shape[:-1], h, -1), -3, -2)


def merge(x):
    x = jnp.swapaxes(x, -3, -2)
    return x.reshape(*x.shape[:-2], -1)


def conv(x, w, b, groups=1):
    y = lax.conv_general_dilated(
        x.reshape(-1, *x.shape[-3:]),
        w.transpose(2, 3, 1, 0),
        (1, 1),
        [(w.shape[2] // 2,) * 2, (w.shape[3] // 2,) * 2],
        dimension_numbers=("NHWC", "HWIO", "NHWC"),
        feature_group_count=groups,
    )
    y = y if b is None else y + b
    return y.reshape(*x.shape[:-1], w.shape[0])


def attention(q, k, v):
    scores = q @ jnp.swapaxes(k, -1, -2) / math.sqrt(q.shape[-1])
    A = jax.nn.softmax(scores, -1)
    return A @ v, dict(scores=scores, A=A)


def layer(xq, xkv, residual, p, c, names):
    eps, seen = c.get("eps", 1e-6), {}
    if "norm1.weight" in p:
        xq, xkv = norm(xq, p, "norm1", eps), norm(xkv, p, "norm1", eps)
        seen |= dict(norm_q=xq, norm_kv=xkv)
    q, k, v = (heads(linear(x, p, "attn." + n), c["heads"]) for x, n in ((xq, "q"), (xkv, "k"), (xkv, "v")))
    y, inside = attention(q, k, v)
    y = merge(y)
    a = linear(y, p, "attn.proj")
    seen |= dict(q=q, k=k, v=v, **inside, heads=y, attn=a)
    x = residual + (a * p["layer_scale_1"] if "layer_scale_1" in p else a)
    y = norm(x, p, "norm2", eps) if "norm2.weight" in p else x
    if "norm2.weight" in p:
        seen["norm2"] = y
    f1 = linear(y, p, "ffn.fc1")
    g = gelu(f1)
    f2 = linear(g, p, "ffn.fc2")
    seen |= dict(fc1=f1, gelu=g, fc2=f2)
    return {names[0]: x, names[1]: x + (f2 * p["layer_scale_2"] if "layer_scale_2" in p else f2)}, seen


def mask(x, p, eps, at=""):
    d = conv(x, p[at + "dw.weight"], p.get(at + "dw.bias"), groups=x.shape[-1])
    n = norm(d, p, at + "norm", eps)
    g = gelu(n)
    return conv(g, p[at + "conv.weight"], p.get(at + "conv.bias")), {at + "dw": d, at + "norm": n, at + "gelu": g}


class Jit:
    def __call__(self, id, i, p, c):
        equation = functools.partial(getattr(self, id.replace("/", "_")), c=c)
        float32 = lambda d: {k: jnp.asarray(v, jnp.float32) for k, v in d.items()}
        result = jax.jit(equation)(float32(i), float32(p))
        out, seen = result if isinstance(result, tuple) else (result, {})
        done = lambda d: {k: np.asarray(v) for k, v in d.items()}
        return done(out), done(seen)

    def stvit_eq1(self, i, p, c):
        return layer(i["P"], i["X"], i["P"], p, c, ("S_hat", "S"))

    def stvit_eq2(self, i, p, c):
        q = i["S1"] + p["G"]
        return layer(
            q,
            jnp.concatenate([i["S1"], i["X"]], -2),
            q if c.get("residual") == "S1+G" else i["S1"],
            p,
            c,
            ("S_hat", "S"),
        )

    def stvit_eq3(self, i, p, c):
        h = c["heads"]
        k = heads(linear(jnp.concatenate([i["S1"], i["X"]], -2), p, "attn.k"), h)
        q_s, q_g = heads(linear(i["S1"], p, "attn.q"), h), heads(p["G"] @ p["attn.q.weight"].T, h)
        dot = lambda q: jnp.einsum("...qd,...kd->...qk", q, k) / math.sqrt(k.shape[-1])
        A_s, A_g = dot(q_s), dot(q_g)
        return {"A_s": A_s, "A_g": A_g, "A": jax.nn.softmax(A_s + A_g)}, dict(q_s=q_s, q_g=q_g, k=k)

    def stvit_eq6(self, i, p, c):
        return layer(i["X"], i["S"], i["X"], p, c, ("X_hat", "X_out"))

    def stvit_eq4(self, i, p, c):
        M, seen = mask(i["X_w"], p, c.get("eps", 1e-6))
        return {"M": M[..., 0]}, seen

    def stvit_eq5(self, i, p, c):
        X, ws, eps = i["X"], c["ws"], c.get("eps", 1e-6)
        H, W, C = X.shape[-3:]
        Kh, Kw = -(-H // ws), -(-W // ws)
        rows = (np.arange(ws) * H // ws)[:, None] + np.arange(Kh)
        cols = (np.arange(ws) * W // ws)[:, None] + np.arange(Kw)
        win = X[..., rows[:, None, :, None], cols[None, :, None, :], :]  # [.., ws, ws, Kh, Kw, C]
        win = win.reshape(*X.shape[:-3], ws * ws, Kh, Kw, C)
        M, a = mask(win, p, eps, "intra.")
        M = M[..., 0]
        pool = lambda s: jnp.einsum("...wk,...wkc->...wc", s, win.reshape(*win.shape[:-3], Kh * Kw, C))
        soft = lambda m: jax.nn.softmax(m.reshape(*m.shape[:-2], -1))
        P_hat = pool(soft(M)).reshape(*X.shape[:-3], ws, ws, C)
        O, b = mask(P_hat, p, eps, "inter.")
        O = O.reshape(M.shape)
        w = soft(M + O)
        return {"M": M, "P_hat": P_hat, "O": O, "P": pool(w)}, dict(windows=win, weights=w) | a | b

    def sparsifiner_eq1(self, i, p, c):
        K_down = jnp.einsum("mn,...nd->...md", p["W_down"], i["K"])
        logits = i["Q"] @ jnp.swapaxes(K_down, -1, -2) * c.get("scale", i["Q"].shape[-1] ** -0.5)
        return {"A_down": jax.nn.softmax(logits)}, dict(K_down=K_down, logits=logits)

    def sparsifiner_eq2(self, i, p, c):
        return {"A_tilde": jnp.where(i["A_down"] > np.float32(c.get("tau", 0.05)), i["A_down"], 0)}

    def sparsifiner_eq3(self, i, p, c):
        W = p["W_up"]
        if "basis_threshold" in c:
            W = jnp.where(jnp.abs(W) <= np.float32(c["basis_threshold"]), 0, W)
        scores = i["A_tilde"] @ W
        n = scores.shape[-1]
        b = min(n, c["budget"]) if "budget" in c else math.ceil(c["keep_rate"] * n)
        _, at = lax.top_k(scores, b)
        M = jax.nn.one_hot(at, n).sum(-2) * (scores != 0)
        return {"scores": scores, "M": M.astype(jnp.uint8)}

    def sparsifiner_eq4(self, i, p, c):
        logits = i["Q"] @ jnp.swapaxes(i["K"], -1, -2) * c.get("scale", 1 / math.sqrt(i["Q"].shape[-1]))
        if c.get("normalize", "full") == "full":
            return {"A_sparse": jax.nn.softmax(logits) * i["M"]}, dict(logits=logits)
        return {"A_sparse": jax.nn.softmax(logits, where=i["M"] != 0, axis=-1)}, dict(logits=logits)

    def sparsifiner_eq5(self, i, p, c):
        return {"A_sparse": i["M"] * i["A"]}

    def sparsifiner_eq6(self, i, p, c):
        return {"X_next": i["A_sparse"] @ i["V"]}

    def sparsifiner_eq7(self, i, p, c):
        lp = jax.nn.log_softmax(i["logits"])
        s = -jnp.sum(i["target"] * lp, -1)
        return {"loss": s.mean()}, dict(log_probs=lp, per_sample=s)

    def sparsifiner_eq8(self, i, p, c):
        return {"loss": jnp.mean(jnp.square(i["x"] - i["x_teach"]))}

    def sparsifiner_eq9(self, i, p, c):
        lp, lt = jax.nn.log_softmax(i["logits"]), jax.nn.log_softmax(i["logits_teach"])
        a, b = (lt, lp) if c.get("direction") == "teach,pred" else (lp, lt)
        s = jnp.sum(jnp.exp(a) * (a - b), -1)
        return {"loss": s.mean()}, dict(log_probs=lp, log_probs_teach=lt, per_sample=s)

    def sparsifiner_eq10(self, i, p, c):
        scores = i["A_tilde"] @ p["W_up"]
        e = (scores - i["A_teach"]) ** 2
        return {"loss": e.sum() if c.get("reduction") == "sum" else e.mean()}, dict(scores=scores)

    def sparsifiner_eq11(self, i, p, c):
        return {"loss": jnp.sum(p["W_up"] ** 2)}

    def sparsifiner_eq12(self, i, p, c):
        return {
            "loss": i["L_cls"]
            + sum(
                c.get("lambda_" + k, 0.0) * i[n]
                for k, n in (("token", "L_token"), ("cls", "L_kl"), ("attn", "L_attn"), ("spa", "L_spa"))
            )
        }


RUNTIMES = {"jax-jit": Jit}
