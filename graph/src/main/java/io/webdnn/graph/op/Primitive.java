package io.webdnn.graph.op;

/// An operator whose meaning is steps: everything that is neither [Elementwise] nor [Composed].
public sealed interface Primitive extends Op
        permits AveragePool,
                Conv,
                Flatten,
                Gemm,
                LogSoftmax,
                MatMul,
                MaxPool,
                Reduction,
                Reshape,
                Softmax,
                Transpose {}
