package io.webdnn.train.keras;

import io.webdnn.train.TrainingException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Saves the model after epochs.
///
/// ```java
/// new ModelCheckpoint("best.h5").saveBestOnly("val_loss")
/// new ModelCheckpoint("weights.{epoch:02d}-{val_loss:.2f}.h5").saveWeightsOnly(true)
/// ```
public final class ModelCheckpoint implements Callback {
    private static final Pattern PART = Pattern.compile("\\{(\\w+)(?::([^}]*))?\\}");

    private final String file;
    private Monitor monitor = new Monitor("ModelCheckpoint", "val_loss", "auto");
    private boolean bestOnly;
    private boolean weightsOnly;
    private int period = 1;
    private int since;
    private Model model = new Sequential();

    /// @param file a path, in which `{epoch}`, counted from 1, and `{figure}` stand for numbers;
    ///   with a format as in Python behind a colon
    public ModelCheckpoint(String file) {
        this.file = file;
    }

    /// Saves only if a figure is better than in every epoch before.
    public ModelCheckpoint saveBestOnly(String figure) {
        return saveBestOnly(figure, "auto");
    }

    /// Saves only if a figure is better than in every epoch before.
    ///
    /// @param mode what is better: `min`, `max`, or `auto`
    public ModelCheckpoint saveBestOnly(String figure, String mode) {
        monitor = new Monitor("ModelCheckpoint", figure, mode);
        bestOnly = true;
        return this;
    }

    /// Sets whether only weights are saved; the whole model is at first.
    public ModelCheckpoint saveWeightsOnly(boolean whether) {
        weightsOnly = whether;
        return this;
    }

    /// Sets how many epochs are between two files, 1 at first.
    public ModelCheckpoint period(int epochs) {
        if (epochs < 1) throw TrainingException.of("ModelCheckpoint", "period", ">= 1", epochs);
        period = epochs;
        return this;
    }

    @Override
    public void onTrainBegin(Model begun) {
        model = begun;
    }

    @Override
    public void onEpochEnd(int epoch, Map<String, Double> logs) {
        if (++since < period) return;
        since = 0;
        if (bestOnly && !monitor.improves(monitor.of(logs), 0)) return;
        var path = Path.of(PART.matcher(file).replaceAll(part -> number(part, epoch, logs)));
        if (weightsOnly) model.saveWeights(path);
        else model.save(path);
    }

    private static String number(MatchResult part, int epoch, Map<String, Double> logs) {
        var name = part.group(1);
        var format = part.group(2) == null ? "" : part.group(2);
        if (name.equals("epoch")) {
            return format.isEmpty()
                    ? String.valueOf(epoch + 1)
                    : String.format(Locale.ROOT, "%" + format, epoch + 1);
        }
        var value = logs.get(name);
        if (value == null) {
            throw TrainingException.of(
                    "ModelCheckpoint", "file", "epoch or one of " + logs.keySet(), name);
        }
        return format.isEmpty()
                ? value.toString()
                : String.format(Locale.ROOT, "%" + format, value);
    }
}
