"""STViT Eqs. 1-6 and Sparsifiner Eqs. 1-12 in TensorFlow."""

import math, os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tensorflow as tf


class Tf:
    def __call__(self, id, i, p, c):
        t = lambda d: {k: tf.constant(v, tf.float32) for k, v in d.items()}
        return {k: v.numpy() for k, v in getattr(self, id.replace("/", "_"))(t(i), t(p), c).items()}, {}

    def norm(self, x, p, name, eps):
        mu, var = tf.nn.moments(x, -1, keepdims=True)
        return tf.nn.batch_normalization(x, mu, var, p[name + ".bias"], p[name + ".weight"], eps)

    def linear(self, x, p, name):
        y = tf.linalg.matmul(tf.reshape(x, [-1, x.shape[-1]]), p[name + ".weight"], transpose_b=True)
        if name + ".bias" in p:
            y = tf.nn.bias_add(y, p[name + ".bias"])
        return tf.reshape(y, [*x.shape[:-1], -1])

    def heads(self, x, h):
        n = len(x.shape)
        return tf.transpose(tf.reshape(x, [*x.shape[:-1], h, -1]), [*range(n - 2), n - 1, n - 2, n])

    def merge(self, x):
        n = len(x.shape)
        x = tf.transpose(x, [*range(n - 3), n - 2, n - 3, n - 1])
        return tf.reshape(x, [*x.shape[:-2], -1])

    def mha(self, xq, xkv, p, h):
        q, k, v = (self.heads(self.linear(x, p, "attn." + n), h) for x, n in ((xq, "q"), (xkv, "k"), (xkv, "v")))
        A = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) / math.sqrt(q.shape[-1]))
        return self.linear(self.merge(A @ v), p, "attn.proj")

    def layer(self, xq, xkv, res, p, c, names):
        eps = c.get("eps", 1e-6)
        if "norm1.weight" in p:
            xq, xkv = self.norm(xq, p, "norm1", eps), self.norm(xkv, p, "norm1", eps)
        x = res + self.mha(xq, xkv, p, c["heads"]) * p.get("layer_scale_1", 1.0)
        y = self.norm(x, p, "norm2", eps) if "norm2.weight" in p else x
        y = self.linear(tf.nn.gelu(self.linear(y, p, "ffn.fc1"), approximate=False), p, "ffn.fc2")
        return {names[0]: x, names[1]: x + y * p.get("layer_scale_2", 1.0)}

    def stvit_eq1(self, i, p, c):
        return self.layer(i["P"], i["X"], i["P"], p, c, ("S_hat", "S"))

    def stvit_eq2(self, i, p, c):
        q = i["S1"] + p["G"]
        return self.layer(
            q, tf.concat([i["S1"], i["X"]], -2), q if c.get("residual") == "S1+G" else i["S1"], p, c, ("S_hat", "S")
        )

    def stvit_eq3(self, i, p, c):
        h = c["heads"]
        k = self.heads(self.linear(tf.concat([i["S1"], i["X"]], -2), p, "attn.k"), h)
        q_s, q_g = self.heads(self.linear(i["S1"], p, "attn.q"), h), self.heads(
            tf.matmul(p["G"], p["attn.q.weight"], transpose_b=True), h
        )
        s = k.shape[-1] ** -0.5
        A_s, A_g = tf.matmul(q_s * s, k, transpose_b=True), tf.matmul(q_g * s + tf.zeros_like(q_s), k, transpose_b=True)
        return {"A_s": A_s, "A_g": A_g, "A": tf.nn.softmax(A_s + A_g)}

    def stvit_eq6(self, i, p, c):
        return self.layer(i["X"], i["S"], i["X"], p, c, ("X_hat", "X_out"))

    def conv(self, x, w, b, depthwise=False):
        y = tf.reshape(x, [-1, *x.shape[-3:]])
        k = tf.transpose(w, [2, 3, 0, 1] if depthwise else [2, 3, 1, 0])
        y = tf.nn.depthwise_conv2d(y, k, [1, 1, 1, 1], "SAME") if depthwise else tf.nn.conv2d(y, k, 1, "SAME")
        if b is not None:
            y = tf.nn.bias_add(y, b)
        return tf.reshape(y, [*x.shape[:-1], w.shape[0]])

    def mask(self, x, p, eps, at=""):
        y = self.norm(self.conv(x, p[at + "dw.weight"], p.get(at + "dw.bias"), True), p, at + "norm", eps)
        return self.conv(tf.nn.gelu(y, approximate=False), p[at + "conv.weight"], p.get(at + "conv.bias"))

    def stvit_eq4(self, i, p, c):
        return {"M": self.mask(i["X_w"], p, c.get("eps", 1e-6))[..., 0]}

    def stvit_eq5(self, i, p, c):
        X, ws, eps = i["X"], c["ws"], c.get("eps", 1e-6)
        H, W, C = X.shape[-3:]
        Kh, Kw = -(-H // ws), -(-W // ws)
        win = tf.stack(
            [
                X[..., a * H // ws : a * H // ws + Kh, b * W // ws : b * W // ws + Kw, :]
                for a in range(ws)
                for b in range(ws)
            ],
            -4,
        )
        flat = tf.reshape(win, [*win.shape[:-3], Kh * Kw, C])
        M = self.mask(win, p, eps, "intra.")[..., 0]
        pool = lambda m: tf.einsum("...k,...kc->...c", tf.nn.softmax(tf.reshape(m, flat.shape[:-1])), flat)
        P_hat = tf.reshape(pool(M), [*X.shape[:-3], ws, ws, C])
        O = tf.reshape(self.mask(P_hat, p, eps, "inter."), M.shape)
        return {"M": M, "P_hat": P_hat, "O": O, "P": pool(M + O)}

    def sparsifiner_eq1(self, i, p, c):
        K = tf.einsum("mn,...nd->...md", p["W_down"], i["K"])
        return {
            "A_down": tf.nn.softmax(tf.matmul(i["Q"], K, transpose_b=True) * c.get("scale", i["Q"].shape[-1] ** -0.5))
        }

    def sparsifiner_eq2(self, i, p, c):
        return {"A_tilde": tf.where(i["A_down"] > np.float32(c.get("tau", 0.05)), i["A_down"], 0.0)}

    def sparsifiner_eq3(self, i, p, c):
        W = p["W_up"]
        if "basis_threshold" in c:
            W = tf.where(tf.abs(W) > np.float32(c["basis_threshold"]), W, 0.0)
        s = tf.einsum("...nm,mk->...nk", i["A_tilde"], W)
        n = s.shape[-1]
        b = min(n, c["budget"]) if "budget" in c else math.ceil(c["keep_rate"] * n)
        M = tf.reduce_sum(tf.one_hot(tf.math.top_k(s, b).indices, n), -2) * tf.cast(s != 0, tf.float32)
        return {"scores": s, "M": M}

    def sparsifiner_eq4(self, i, p, c):
        x = tf.matmul(i["Q"], i["K"], transpose_b=True) * c.get("scale", i["Q"].shape[-1] ** -0.5)
        if c.get("normalize", "full") == "full":
            return {"A_sparse": tf.nn.softmax(x) * i["M"]}
        return {"A_sparse": tf.nn.softmax(tf.where(i["M"] == 1, x, x.dtype.min)) * i["M"]}

    def sparsifiner_eq5(self, i, p, c):
        return {"A_sparse": i["M"] * i["A"]}

    def sparsifiner_eq6(self, i, p, c):
        return {"X_next": tf.matmul(i["A_sparse"], i["V"], a_is_sparse=len(i["V"].shape) == 2)}

    def sparsifiner_eq7(self, i, p, c):
        return {"loss": -tf.reduce_mean(tf.reduce_sum(i["target"] * tf.nn.log_softmax(i["logits"]), -1))}

    def sparsifiner_eq8(self, i, p, c):
        return {"loss": tf.reduce_mean(tf.math.squared_difference(i["x"], i["x_teach"]))}

    def sparsifiner_eq9(self, i, p, c):
        a, b = i["logits"], i["logits_teach"]
        if c.get("direction") == "teach,pred":
            a, b = b, a
        return {
            "loss": tf.reduce_mean(tf.reduce_sum(tf.nn.softmax(a) * (tf.nn.log_softmax(a) - tf.nn.log_softmax(b)), -1))
        }

    def sparsifiner_eq10(self, i, p, c):
        d = tf.einsum("...nm,mk->...nk", i["A_tilde"], p["W_up"]) - i["A_teach"]
        return {"loss": 2 * tf.nn.l2_loss(d) if c.get("reduction") == "sum" else tf.reduce_mean(d**2)}

    def sparsifiner_eq11(self, i, p, c):
        return {"loss": 2 * tf.nn.l2_loss(p["W_up"])}

    def sparsifiner_eq12(self, i, p, c):
        return {
            "loss": tf.add_n(
                [i["L_cls"]]
                + [
                    c.get("lambda_" + k, 0.0) * i[n]
                    for k, n in (("token", "L_token"), ("cls", "L_kl"), ("attn", "L_attn"), ("spa", "L_spa"))
                ]
            )
        }


RUNTIMES = {"tensorflow": Tf}
