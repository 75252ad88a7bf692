package io.webdnn.train.keras;

import io.webdnn.graph.op.And;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Where;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which keys each query may see: what goes with its scores, `[N, …, T, S]`, true where it may.
///
/// @param seen null if each may see all
record AttentionMask(@Nullable Variable seen) {
    /// The score of what must not be seen, as Keras has it.
    private static final double UNSEEN = -1e9;

    static final AttentionMask ALL = new AttentionMask(null);

    /// {@return the same without what a mask of steps, `[N, S]`, hides}
    ///
    /// @param shape its shape as it meets the scores, −1 for the batch
    AttentionMask and(@Nullable Variable steps, int... shape) {
        return steps == null ? this : and(F.reshape(steps, shape));
    }

    /// {@return what both let be seen}
    AttentionMask and(Variable other) {
        return new AttentionMask(seen == null ? other : F.apply(new And(), seen, other));
    }

    /// {@return the same without the keys behind the place of a query}
    AttentionMask causal(Variable scores) {
        int rank = scores.shape().rank();
        int columns = scores.size(rank - 1);
        var seenBefore = new boolean[scores.size(rank - 2) * columns];
        for (int i = 0; i < seenBefore.length; i++) seenBefore[i] = i % columns <= i / columns;
        int[] shape = new int[rank];
        Arrays.fill(shape, 1);
        shape[rank - 1] = columns;
        shape[rank - 2] = seenBefore.length / columns;
        return and(Variable.sharing(Tensor.of(seenBefore, shape)));
    }

    /// {@return numbers as a mask: what is not 0 may be seen}
    static Variable of(Variable numbers) {
        return F.apply(new Cast(DType.BOOL), numbers);
    }

    /// {@return each query's shares of what it sees, whose sum is 1}
    Variable shares(Variable scores) {
        var visible =
                seen == null ? scores : F.apply(new Where(), seen, scores, Variable.scalar(UNSEEN));
        return F.softmax(visible, scores.shape().rank() - 1);
    }
}
