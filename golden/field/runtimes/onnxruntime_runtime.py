"""STViT Eqs. 1-6 and Sparsifiner Eqs. 1-12 as ONNX graphs (opset 20), run by ONNX Runtime."""

import math
import numpy as np, onnxruntime as ort
from onnx import helper, numpy_helper, TensorProto


class Graph:
    """g.Softmax(x, axis=-1) adds that node; arrays and numbers become initializers."""

    def __init__(self, inputs, params):
        self.nodes, self.init, self.n = [], [numpy_helper.from_array(v, "p." + k) for k, v in params.items()], 0
        self.shape = {k: v.shape for k, v in inputs.items()}

    def name(self, x):
        if isinstance(x, str):
            return x
        self.n += 1
        self.init.append(
            numpy_helper.from_array(np.asarray(x, np.float32) if isinstance(x, float) else np.asarray(x), f"c{self.n}")
        )
        return f"c{self.n}"

    def __getattr__(self, op):
        def node(*xs, outputs=1, **attrs):
            self.n += 1
            out = [f"t{self.n}_{k}" for k in range(outputs)]
            self.nodes.append(helper.make_node(op, ["" if x is None else self.name(x) for x in xs], out, **attrs))
            return out[0] if outputs == 1 else out

        return node

    def model(self, outputs):
        for name, t in outputs.items():
            self.nodes.append(helper.make_node("Identity", [t], ["o." + name]))
        value = lambda k, s: helper.make_tensor_value_info(k, TensorProto.FLOAT, s)
        graph = helper.make_graph(
            self.nodes,
            "equation",
            [value(k, s) for k, s in self.shape.items()],
            [value("o." + k, None) for k in outputs],
            self.init,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


class Ort:
    level, threads = ort.GraphOptimizationLevel.ORT_ENABLE_ALL, 2

    def __call__(self, id, i, p, c):
        i = {k: v.astype(np.float32) for k, v in i.items()}
        g, self.p = Graph(i, p), p
        out = getattr(self, id.replace("/", "_"))(g, {k: v.shape for k, v in i.items()}, c)
        self.bytes = g.model(out)
        o = ort.SessionOptions()
        o.graph_optimization_level, o.intra_op_num_threads, o.log_severity_level = self.level, self.threads, 3
        s = ort.InferenceSession(self.bytes, o, providers=["CPUExecutionProvider"])
        need = {v.name for v in s.get_inputs()}
        return dict(zip(out, s.run(None, {k: v for k, v in i.items() if k in need}))), {}

    def linear(self, g, x, name):
        y = g.MatMul(x, self.p[name + ".weight"].T.copy())
        return g.Add(y, "p." + name + ".bias") if name + ".bias" in self.p else y

    def norm(self, g, x, name, eps):
        return g.LayerNormalization(x, f"p.{name}.weight", f"p.{name}.bias", axis=-1, epsilon=eps)

    def heads(self, g, x, shape, h, keys=False):
        lead, (N, C) = list(shape[:-2]), shape[-2:]
        n = len(lead)
        y = g.Reshape(x, np.array([*lead, N, h, C // h]))
        return g.Transpose(y, perm=[*range(n), n + 1, n + 2, n] if keys else [*range(n), n + 1, n, n + 2])

    def layer(self, g, xq, sq, xkv, skv, res, c, names):
        h, C, eps, p = c["heads"], sq[-1], c.get("eps", 1e-6), self.p
        nq, nkv = (
            (self.norm(g, xq, "norm1", eps), self.norm(g, xkv, "norm1", eps)) if "norm1.weight" in p else (xq, xkv)
        )
        q, k, v = (
            self.heads(g, self.linear(g, nq, "attn.q"), sq, h),
            self.heads(g, self.linear(g, nkv, "attn.k"), skv, h, True),
            self.heads(g, self.linear(g, nkv, "attn.v"), skv, h),
        )
        A = g.Softmax(g.Div(g.MatMul(q, k), math.sqrt(C // h)), axis=-1)
        n = len(sq) - 2
        y = g.Reshape(g.Transpose(g.MatMul(A, v), perm=[*range(n), n + 1, n, n + 2]), np.array(sq))
        a = self.linear(g, y, "attn.proj")
        if "layer_scale_1" in p:
            a = g.Mul(a, "p.layer_scale_1")
        x = g.Add(res, a)
        y = self.norm(g, x, "norm2", eps) if "norm2.weight" in p else x
        f = self.linear(g, g.Gelu(self.linear(g, y, "ffn.fc1")), "ffn.fc2")
        if "layer_scale_2" in p:
            f = g.Mul(f, "p.layer_scale_2")
        return {names[0]: x, names[1]: g.Add(x, f)}

    def stvit_eq1(self, g, s, c):
        return self.layer(g, "P", s["P"], "X", s["X"], "P", c, ("S_hat", "S"))

    def stvit_eq6(self, g, s, c):
        return self.layer(g, "X", s["X"], "S", s["S"], "X", c, ("X_hat", "X_out"))

    def both(self, s):
        return [*s["X"][:-2], s["S1"][-2] + s["X"][-2], s["X"][-1]]

    def stvit_eq2(self, g, s, c):
        q = g.Add("S1", "p.G")
        return self.layer(
            g,
            q,
            s["S1"],
            g.Concat("S1", "X", axis=-2),
            self.both(s),
            q if c.get("residual") == "S1+G" else "S1",
            c,
            ("S_hat", "S"),
        )

    def stvit_eq3(self, g, s, c):
        h, d = c["heads"], s["X"][-1] // c["heads"]
        k = self.heads(g, self.linear(g, g.Concat("S1", "X", axis=-2), "attn.k"), self.both(s), h, True)
        q_s = self.heads(g, self.linear(g, "S1", "attn.q"), s["S1"], h)
        q_g = self.heads(g, g.MatMul("p.G", self.p["attn.q.weight"].T.copy()), s["S1"][-2:], h)
        A_s, A_g = (g.Mul(g.MatMul(q, k), d**-0.5) for q in (q_s, q_g))
        return {"A_s": A_s, "A_g": A_g, "A": g.Softmax(g.Add(A_s, A_g), axis=-1)}

    def mask(self, g, x, s, eps, at=""):
        H, W, C = s[-3:]
        y = g.Transpose(g.Reshape(x, np.array([-1, H, W, C])), perm=[0, 3, 1, 2])
        pads = lambda w: [w.shape[2] // 2, w.shape[3] // 2] * 2
        bias = lambda n: "p." + n if n in self.p else None
        dw, cw = self.p[at + "dw.weight"], self.p[at + "conv.weight"]
        y = g.Conv(y, "p." + at + "dw.weight", bias(at + "dw.bias"), group=C, pads=pads(dw))
        y = g.Gelu(self.norm(g, g.Transpose(y, perm=[0, 2, 3, 1]), at + "norm", eps))
        y = g.Conv(g.Transpose(y, perm=[0, 3, 1, 2]), "p." + at + "conv.weight", bias(at + "conv.bias"), pads=pads(cw))
        return g.Transpose(y, perm=[0, 2, 3, 1])  # [-1, H, W, o]

    def stvit_eq4(self, g, s, c):
        return {"M": g.Reshape(self.mask(g, "X_w", s["X_w"], c.get("eps", 1e-6)), np.array(s["X_w"][:-1]))}

    def stvit_eq5(self, g, s, c):
        *lead, H, W, C = s["X"]
        ws, eps, n = c["ws"], c.get("eps", 1e-6), len(s["X"]) - 3
        Kh, Kw = -(-H // ws), -(-W // ws)
        rows, cols = (np.add.outer(np.arange(ws) * L // ws, np.arange(K)) for L, K in ((H, Kh), (W, Kw)))
        win = g.Gather(g.Gather("X", rows, axis=n), cols, axis=n + 2)  # [.., ws, Kh, ws, Kw, C]
        win = g.Transpose(win, perm=[*range(n), n, n + 2, n + 1, n + 3, n + 4])
        flat = g.Reshape(win, np.array([*lead, ws * ws, Kh * Kw, C]))
        M = g.Reshape(self.mask(g, win, [Kh, Kw, C], eps, "intra."), np.array([*lead, ws * ws, 1, Kh * Kw]))
        P_hat = g.Reshape(g.MatMul(g.Softmax(M, axis=-1), flat), np.array([*lead, ws, ws, C]))
        O = g.Reshape(self.mask(g, P_hat, [ws, ws, C], eps, "inter."), np.array([*lead, ws * ws, 1, Kh * Kw]))
        P = g.Reshape(g.MatMul(g.Softmax(g.Add(M, O), axis=-1), flat), np.array([*lead, ws * ws, C]))
        maps = np.array([*lead, ws * ws, Kh, Kw])
        return {"M": g.Reshape(M, maps), "P_hat": P_hat, "O": g.Reshape(O, maps), "P": P}

    def turned(self, g, x, s):
        return g.Transpose(x, perm=[*range(len(s) - 2), len(s) - 1, len(s) - 2])

    def sparsifiner_eq1(self, g, s, c):
        K = self.turned(g, g.MatMul("p.W_down", "K"), s["K"])
        return {"A_down": g.Softmax(g.Mul(g.MatMul("Q", K), float(c.get("scale", s["Q"][-1] ** -0.5))), axis=-1)}

    def sparsifiner_eq2(self, g, s, c):
        return {"A_tilde": g.Where(g.Greater("A_down", float(c.get("tau", 0.05))), "A_down", 0.0)}

    def sparsifiner_eq3(self, g, s, c):
        W, n = "p.W_up", self.p["W_up"].shape[-1]
        if "basis_threshold" in c:
            W = g.Where(g.Greater(g.Abs(W), float(c["basis_threshold"])), W, 0.0)
        scores = g.MatMul("A_tilde", W)
        b = min(n, c["budget"]) if "budget" in c else math.ceil(c["keep_rate"] * n)
        at = g.TopK(scores, np.array([b]), axis=-1, outputs=2)[1]
        M = g.ReduceSum(g.OneHot(at, np.array(n), np.array([0, 1], np.float32)), np.array([-2]), keepdims=0)
        return {"scores": scores, "M": g.Where(g.Equal(scores, 0.0), 0.0, M)}

    def sparsifiner_eq4(self, g, s, c):
        x = g.Mul(g.MatMul("Q", self.turned(g, "K", s["K"])), float(c.get("scale", s["Q"][-1] ** -0.5)))
        if c.get("normalize", "full") == "full":
            return {"A_sparse": g.Mul(g.Softmax(x, axis=-1), "M")}
        return {"A_sparse": g.Mul(g.Softmax(g.Where(g.Equal("M", 1.0), x, -3.0e38), axis=-1), "M")}

    def sparsifiner_eq5(self, g, s, c):
        return {"A_sparse": g.Mul("M", "A")}

    def sparsifiner_eq6(self, g, s, c):
        return {"X_next": g.MatMul("A_sparse", "V")}

    def total(self, g, x, mean):
        return (g.ReduceMean if mean else g.ReduceSum)(x, keepdims=0)

    def sparsifiner_eq7(self, g, s, c):
        return {
            "loss": g.Neg(
                self.total(g, g.ReduceSum(g.Mul("target", g.LogSoftmax("logits", axis=-1)), np.array([-1])), True)
            )
        }

    def sparsifiner_eq8(self, g, s, c):
        d = g.Sub("x", "x_teach")
        return {"loss": self.total(g, g.Mul(d, d), True)}

    def sparsifiner_eq9(self, g, s, c):
        a, b = g.LogSoftmax("logits", axis=-1), g.LogSoftmax("logits_teach", axis=-1)
        if c.get("direction") == "teach,pred":
            a, b = b, a
        return {"loss": self.total(g, g.ReduceSum(g.Mul(g.Exp(a), g.Sub(a, b)), np.array([-1])), True)}

    def sparsifiner_eq10(self, g, s, c):
        d = g.Sub(g.MatMul("A_tilde", "p.W_up"), "A_teach")
        return {"loss": self.total(g, g.Mul(d, d), c.get("reduction") != "sum")}

    def sparsifiner_eq11(self, g, s, c):
        return {"loss": g.ReduceSumSquare("p.W_up", keepdims=0)}

    def sparsifiner_eq12(self, g, s, c):
        out = "L_cls"
        for k, n in (("token", "L_token"), ("cls", "L_kl"), ("attn", "L_attn"), ("spa", "L_spa")):
            out = g.Add(out, g.Mul(float(c.get("lambda_" + k, 0.0)), n))
        return {"loss": out}


RUNTIMES = {"onnxruntime": Ort}
