package io.webdnn.graph.op;

/// An operator whose meaning is a small graph of other operators; its gradient is that graph's.
public sealed interface Composed extends Op
        permits BatchNormalization,
                Clip,
                GlobalAveragePool,
                LayerNormalization,
                SoftmaxCrossEntropyLoss {
    @Override
    Compose lower(Operands in);
}
