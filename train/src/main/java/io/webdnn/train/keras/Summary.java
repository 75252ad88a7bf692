package io.webdnn.train.keras;

import java.io.PrintWriter;
import java.util.Locale;

/// The table of a model's layers, as Keras prints it.
final class Summary {
    private static final int[] COLUMNS = {29, 55, 65};

    private Summary() {}

    static void print(Model model, PrintWriter out) {
        int width = COLUMNS[COLUMNS.length - 1];
        var rule = "_".repeat(width);
        var doubleRule = "=".repeat(width);
        out.println(rule);
        out.println(row("Layer (type)", "Output Shape", "Param #"));
        out.println(doubleRule);
        long all = 0;
        long fixed = 0;
        var layers = model.layers();
        for (int i = 0; i < layers.size(); i++) {
            var layer = layers.get(i);
            long count = 0;
            for (var weight : layer.weights()) {
                count += elements(weight);
                if (!layer.isTrainable() || !weight.isTrained()) fixed += elements(weight);
            }
            all += count;
            out.println(
                    row(
                            layer.name() + " (" + layer.kind() + ")",
                            "(None" + Model.extents(shape(model, layer)) + ")",
                            String.valueOf(count)));
            out.println(i == layers.size() - 1 ? doubleRule : rule);
        }
        out.println("Total params: " + grouped(all));
        out.println("Trainable params: " + grouped(all - fixed));
        out.println("Non-trainable params: " + grouped(fixed));
        out.println(rule);
        out.flush();
    }

    private static int[] shape(Model model, Layer layer) {
        for (var call : model.calls())
            if (call.layer().equals(layer)) return call.outputs().getFirst().shape();
        throw new AssertionError("a layer is called");
    }

    private static long elements(Weight weight) {
        return weight.parameter().type().shape().elements().value();
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /// {@return the cells in their columns; one that is too long ends before the next column}
    private static String row(String... cells) {
        var line = "";
        for (int i = 0; i < cells.length; i++) {
            if (i > 0) line = line.substring(0, line.length() - 1) + " ";
            line += cells[i];
            if (line.length() > COLUMNS[i]) line = line.substring(0, COLUMNS[i]);
            line += " ".repeat(COLUMNS[i] - line.length());
        }
        return line;
    }
}
