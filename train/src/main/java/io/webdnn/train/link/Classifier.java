package io.webdnn.train.link;

import io.webdnn.train.Chain;
import io.webdnn.train.F;
import io.webdnn.train.Link;
import io.webdnn.train.Reporter;
import io.webdnn.train.TrainingException;
import io.webdnn.train.Variable;
import io.webdnn.train.optimizer.Loss;
import org.jspecify.annotations.Nullable;

/// A predictor of logits together with its loss (softmax and cross entropy at once) and accuracy,
/// which it reports as `loss` and `accuracy`.
///
/// The paths of its parameters begin with `predictor/`.
public final class Classifier extends Chain implements Loss {
    private final Link predictor;
    private @Nullable Variable loss;
    private @Nullable Variable accuracy;

    /// @param predictor gives logits `[N, C]`
    public Classifier(Link predictor) {
        this.predictor = link("predictor", predictor);
    }

    /// {@return the link that gives logits, before softmax}
    public Link predictor() {
        return predictor;
    }

    /// {@return the loss for examples x and their labels `[N]`}
    @Override
    public Variable call(Variable x, Variable t) {
        var y = predictor.call(x);
        var l = F.softmaxCrossEntropy(y, t);
        var a = F.accuracy(y, t);
        Reporter.report(this, "loss", l);
        Reporter.report(this, "accuracy", a);
        loss = l;
        accuracy = a;
        return l;
    }

    /// {@return the loss of the last call}
    public Variable loss() {
        return called(loss);
    }

    /// {@return the accuracy of the last call}
    public Variable accuracy() {
        return called(accuracy);
    }

    private Variable called(@Nullable Variable figure) {
        if (figure == null) throw TrainingException.saying(toString(), "not called yet");
        return figure;
    }
}
