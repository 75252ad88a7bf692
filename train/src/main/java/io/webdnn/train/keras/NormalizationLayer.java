package io.webdnn.train.keras;

import io.webdnn.graph.op.ReduceMean;
import io.webdnn.train.F;
import io.webdnn.train.Parameter;
import io.webdnn.train.Variable;
import io.webdnn.train.function.ReductionFunction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A layer that brings numbers to mean 0 and variance 1, then scales and shifts them: `(x − μ) /
/// √(σ² + ε) · gamma + beta`.
///
/// @param <S> the kind of layer
public abstract class NormalizationLayer<S extends NormalizationLayer<S>> extends IdentityShape<S> {
    private final WeightRole gammaRole = new WeightRole("gamma", "gamma", WeightInitializer.ONES);
    private final WeightRole betaRole = new WeightRole("beta", "beta", WeightInitializer.ZEROS);
    private double epsilon = 1e-3;
    private boolean center = true;
    private boolean scale = true;
    private @Nullable Parameter gamma;
    private @Nullable Parameter beta;

    NormalizationLayer() {}

    /// Sets what keeps the division from zero: 0.001 at first.
    public final S epsilon(double number) {
        expectNotBuilt("epsilon");
        if (!(number > 0)) throw wrong("epsilon", "> 0", number);
        epsilon = number;
        return self();
    }

    /// Sets whether `beta` is added; it is at first.
    public final S center(boolean whether) {
        expectNotBuilt("center");
        center = whether;
        return self();
    }

    /// Sets whether it is multiplied by `gamma`; it is at first.
    public final S scale(boolean whether) {
        expectNotBuilt("scale");
        scale = whether;
        return self();
    }

    /// Sets what gamma costs: nothing at first.
    public final S gammaRegularizer(Regularizer regularizer) {
        expectNotBuilt("gamma regularizer");
        gammaRole.regularizer(regularizer);
        return self();
    }

    /// Sets what beta costs: nothing at first.
    public final S betaRegularizer(Regularizer regularizer) {
        expectNotBuilt("beta regularizer");
        betaRole.regularizer(regularizer);
        return self();
    }

    final double epsilon() {
        return epsilon;
    }

    /// Makes gamma and beta, those that there are.
    final void makeAffine(int... shape) {
        if (scale) gamma = make(gammaRole, List.of(), shape);
        if (center) beta = make(betaRole, List.of(), shape);
    }

    /// {@return what is scaled and shifted}
    ///
    /// @param along the shape of gamma and beta as they meet y
    final Variable affine(Variable y, int... along) {
        var result = y;
        if (gamma != null) result = result.times(F.reshape(gamma, along));
        if (beta != null) result = result.plus(F.reshape(beta, along));
        return result;
    }

    /// {@return `(x − μ) / √(σ² + ε)`, both over some axes}
    final Variable normalized(Variable x, int... axes) {
        var centred = x.minus(meanOver(x, axes));
        var variance = meanOver(centred.times(centred), axes);
        return centred.dividedBy(F.sqrt(variance.plus(epsilon)));
    }

    /// {@return the mean over axes, which stay with the extent 1}
    static Variable meanOver(Variable x, int... axes) {
        var mean = new ReduceMean(true, false);
        var over = Arrays.stream(axes).boxed().toList();
        return F.apply(new ReductionFunction("Mean", mean, over), "", x);
    }

    /// {@return axes of an array that a user counts from the front or from the end}
    ///
    /// @param rank how many axes an array has, with the batch's
    static int[] resolved(Layer layer, List<Integer> axes, int rank) {
        var known = new ArrayList<Integer>();
        for (int axis : axes) {
            int along = axis < 0 ? axis + rank : axis;
            if (along < 1 || along >= rank || known.contains(along))
                throw layer.wrong(
                        "axis", "axes 1 ... " + (rank - 1) + ", or from the end, once each", axes);
            known.add(along);
        }
        return known.stream().sorted().mapToInt(Integer::intValue).toArray();
    }

    /// {@return the extents of axes}
    ///
    /// @param input the shape of an example
    static int[] extents(int[] input, int... axes) {
        return Arrays.stream(axes).map(axis -> input[axis - 1]).toArray();
    }

    /// {@return the shape in which a weight of some axes meets an array of all}
    static int[] along(Variable x, int... axes) {
        int[] along = new int[x.shape().rank()];
        Arrays.fill(along, 1);
        for (int axis : axes) along[axis] = x.size(axis);
        return along;
    }

    /// {@return the roles of the weights, in the order in which settings stand}
    List<WeightRole> roles() {
        return List.of(betaRole, gammaRole);
    }

    /// Adds what all these layers say.
    final void describeAffine(Map<String, @Nullable Object> config) {
        config.put("epsilon", epsilon);
        config.put("center", center);
        config.put("scale", scale);
        WeightRole.describe(roles(), null, config);
        config.remove("activity_regularizer");
    }

    @Override
    void read(Settings settings) {
        epsilon(settings.real("epsilon", 1e-3));
        center(settings.flag("center", true));
        scale(settings.flag("scale", true));
        for (var role : roles()) role.read(settings);
    }
}
