package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Cast;
import io.webdnn.graph.op.Equal;
import io.webdnn.graph.op.GreaterOrEqual;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.ReduceMax;
import io.webdnn.graph.op.ReduceSum;
import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.Resize.AspectRatio;
import io.webdnn.graph.op.Resize.Coordinates;
import io.webdnn.graph.op.Resize.Mode;
import io.webdnn.graph.op.Resize.Nearest;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.graph.op.StringIndex;
import io.webdnn.graph.op.Where;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What prepares data: scales, sizes of images, categories.
final class PreprocessingLayers {
    /// What Keras keeps a deviation from being smaller than, when it divides by it.
    private static final double LEAST_DEVIATION = 1e-7;

    private PreprocessingLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("CategoryEncoding", PreprocessingLayers::categoryEncoding);
        table.put("CenterCrop", PreprocessingLayers::centerCrop);
        table.put("Discretization", PreprocessingLayers::discretization);
        table.put("IntegerLookup", PreprocessingLayers::integerLookup);
        table.put("Normalization", PreprocessingLayers::normalization);
        table.put("Rescaling", PreprocessingLayers::rescaling);
        table.put("Resizing", PreprocessingLayers::resizing);
        table.put("StringLookup", PreprocessingLayers::stringLookup);
        // What varies images in training, and leaves them as they are otherwise.
        for (var kind :
                List.of(
                        "AugMix",
                        "CutMix",
                        "MixUp",
                        "RandAugment",
                        "RandomBrightness",
                        "RandomColorDegeneration",
                        "RandomColorJitter",
                        "RandomContrast",
                        "RandomElasticTransform",
                        "RandomErasing",
                        "RandomFlip",
                        "RandomGaussianBlur",
                        "RandomGrayscale",
                        "RandomHue",
                        "RandomInvert",
                        "RandomPerspective",
                        "RandomPosterization",
                        "RandomRotation",
                        "RandomSaturation",
                        "RandomSharpness",
                        "RandomShear",
                        "RandomTranslation",
                        "RandomZoom"))
            table.put(
                    kind,
                    call -> {
                        call.config().ignoreAll();
                        return call.input();
                    });
    }

    private static Value rescaling(LayerCall call) {
        var scaled = call.mul(call.input(), numbers(call, "scale", 1));
        return Value.of(call.add(scaled, numbers(call, "offset", 0)));
    }

    /// {@return a number, or one for each channel}
    private static Value numbers(LayerCall call, String key, double otherwise) {
        float[] numbers = call.config().reals(key, otherwise);
        return numbers.length == 1
                ? Value.of(call.scalar(DType.FLOAT32, numbers[0]))
                : call.constant(Tensor.of(numbers, numbers.length));
    }

    /// `(x − mean) / max(√variance, 1e-7)`; both from the weights, or from the attributes.
    private static Value normalization(LayerCall call) {
        var config = call.config();
        var x = call.input();
        var shape = new long[x.type().rank()];
        Arrays.fill(shape, 1);
        var extents = new ArrayList<Integer>();
        for (int axis : axes(config, shape.length)) {
            extents.add(call.fixed(x, axis));
            shape[axis] = call.fixed(x, axis);
        }
        int[] own = extents.stream().mapToInt(Integer::intValue).toArray();
        Value mean;
        Value variance;
        if (config.has("mean") || config.has("variance")) {
            mean = numbers(call, "mean", 0);
            variance = numbers(call, "variance", 1);
        } else {
            mean = call.weight("mean", own);
            variance = call.weight("variance", own);
            if (call.weights().size() > 2) call.weight("count");
            mean = call.reshape(mean, shape);
            variance = call.reshape(variance, shape);
        }
        var least = call.scalar(DType.FLOAT32, LEAST_DEVIATION);
        var deviation = call.apply(new Max(), call.apply(new Sqrt(), variance), least);
        return Value.of(
                config.flag("invert", false)
                        ? call.add(mean, call.mul(x, deviation))
                        : call.div(call.sub(x, mean), deviation));
    }

    private static List<Integer> axes(LayerConfig config, int rank) {
        if (!config.has("axis")) return List.of();
        var named =
                config.get("axis") instanceof List<?>
                        ? config.integers("axis")
                        : List.of(config.integer("axis"));
        var axes = new ArrayList<Integer>();
        for (int axis : named) {
            int along = axis < 0 ? axis + rank : axis;
            if (along < 1 || along >= rank)
                throw config.wrong("axis", "axes of " + rank + " but the first", named);
            axes.add(along);
        }
        Collections.sort(axes);
        return axes;
    }

    // Sizes of images

    private static int firstSpatial(LayerCall call) {
        call.input(4);
        return call.isChannelsLast() ? 1 : 2;
    }

    private static Value resizing(LayerCall call) {
        var config = call.config();
        int first = firstSpatial(call);
        int height = config.integer("height");
        int width = config.integer("width");
        var x = call.input();
        boolean crops = config.flag("crop_to_aspect_ratio", false);
        boolean pads = config.flag("pad_to_aspect_ratio", false);
        if (config.flag("antialias", false)) throw config.wrong("antialias", "false", true);
        float fill = config.real("fill_value", 0);
        config.choice("fill_mode", "constant");
        if (crops) x = croppedLike(call, x, first, height, width);
        else if (pads) x = paddedLike(call, x, first, height, width, fill);
        return resized(call, x, first, height, width);
    }

    /// {@return images of another size; the attribute `interpolation` says how}
    static Value resized(LayerCall call, Value x, int first, int height, int width) {
        var mode = call.config().choice("interpolation", "bilinear", "nearest", "bicubic");
        return resized(call, x, first, height, width, mode);
    }

    static Value resized(LayerCall call, Value x, int first, int height, int width, String mode) {
        boolean nearest = mode.equals("nearest");
        boolean cubic = mode.equals("bicubic");
        var op =
                new Resize(
                        nearest ? Mode.NEAREST : cubic ? Mode.CUBIC : Mode.LINEAR,
                        nearest ? Coordinates.TF_HALF_PIXEL_FOR_NN : Coordinates.HALF_PIXEL,
                        Nearest.FLOOR,
                        AspectRatio.STRETCH,
                        false,
                        cubic, // Keys's kernel, as TensorFlow has it
                        -0.5f,
                        0,
                        List.of(first, first + 1));
        var none = Value.ABSENT;
        return call.apply(op, x, none, none, call.vector(height, width));
    }

    /// {@return the middle of images, of the proportions that are wanted}
    private static Value croppedLike(LayerCall call, Value x, int first, int height, int width) {
        int h = call.fixed(x, first);
        int w = call.fixed(x, first + 1);
        int rows = Math.max(1, Math.min(h, (int) ((double) w * height / width)));
        int columns = Math.max(1, Math.min(w, (int) ((double) h * width / height)));
        return middle(call, x, first, rows, columns);
    }

    private static Value middle(LayerCall call, Value x, int first, int rows, int columns) {
        int top = (call.fixed(x, first) - rows) / 2;
        int left = (call.fixed(x, first + 1) - columns) / 2;
        return call.apply(
                new Slice(),
                x,
                call.vector(top, left),
                call.vector((long) top + rows, (long) left + columns),
                call.vector(first, first + 1));
    }

    private static Value paddedLike(
            LayerCall call, Value x, int first, int height, int width, float fill) {
        int h = call.fixed(x, first);
        int w = call.fixed(x, first + 1);
        int rows = Math.max(h, (int) ((double) w * height / width));
        int columns = Math.max(w, (int) ((double) h * width / height));
        var pads = new long[8];
        int above = (rows - h) / 2;
        int beside = (columns - w) / 2;
        pads[first] = pads[4 + first] = above;
        pads[first + 1] = pads[4 + first + 1] = beside;
        return call.apply(
                new Pad(Pad.Mode.CONSTANT), x, call.vector(pads), call.scalar(DType.FLOAT32, fill));
    }

    private static Value centerCrop(LayerCall call) {
        int first = firstSpatial(call);
        int height = call.config().integer("height");
        int width = call.config().integer("width");
        var x = call.input();
        if (call.fixed(x, first) >= height && call.fixed(x, first + 1) >= width)
            return middle(call, x, first, height, width);
        var like = croppedLike(call, x, first, height, width);
        return resized(call, like, first, height, width, "bilinear");
    }

    // Categories

    private static Value integers(LayerCall call) {
        return call.apply(new Cast(DType.INT32), call.input());
    }

    private static Value categoryEncoding(LayerCall call) {
        var config = call.config();
        int count = config.integer(config.has("num_tokens") ? "num_tokens" : "max_tokens");
        var mode = config.choice("output_mode", "multi_hot", "one_hot", "count");
        return encoded(call, integers(call), count, mode, call.argument(-1, "count_weights"));
    }

    /// {@return categories `[N, k]` as vectors: one for each, or one for all of an example}
    private static Value encoded(
            LayerCall call, Value categories, int count, String mode, @Nullable Value weights) {
        int rank = categories.type().rank();
        boolean each = mode.equals("one_hot");
        var own = categories;
        if (rank == 1) own = call.unsqueeze(own, 1);
        else if (each && rank == 2 && call.shape(own).get(1).is(1)) rank = 1;
        int[] known = IntStream.range(0, count).toArray();
        var all = call.constant(Tensor.of(known, count));
        var same = call.apply(new Equal(), call.unsqueeze(own, own.type().rank()), all);
        var ones = call.apply(new Cast(DType.FLOAT32), same);
        if (weights != null)
            ones = Value.of(call.mul(ones, call.unsqueeze(weights, weights.type().rank())));
        if (each && rank > 1) return ones;
        var along = call.vector(own.type().rank() - 1);
        return mode.equals("count")
                ? call.apply(new ReduceSum(false), ones, along)
                : call.apply(new ReduceMax(false), ones, along);
    }

    /// The number of boundaries that are not greater.
    private static Value discretization(LayerCall call) {
        var config = call.config();
        config.ignore("num_bins", "epsilon");
        if (!config.has("bin_boundaries"))
            throw config.wrong("bin_boundaries", "numbers (adapted ones are in no file)", "none");
        float[] boundaries = config.reals("bin_boundaries", 0);
        var x = call.input();
        var all = call.constant(Tensor.of(boundaries, boundaries.length));
        int rank = x.type().rank();
        var notGreater = call.apply(new GreaterOrEqual(), call.unsqueeze(x, rank), all);
        var bins =
                call.apply(
                        new ReduceSum(false),
                        call.apply(new Cast(DType.INT32), notGreater),
                        call.vector(rank));
        var mode = config.choice("output_mode", "int", "one_hot", "multi_hot", "count");
        return mode.equals("int") ? bins : encoded(call, bins, boundaries.length + 1, mode, null);
    }

    /// The place of each number in a list, behind those of the mask (0, if there is one) and of
    /// what is not in the list.
    private static Value integerLookup(LayerCall call) {
        var config = call.config();
        config.ignore("oov_token");
        if (!(config.get("vocabulary") instanceof List<?>))
            throw config.wrong("vocabulary", "a list of integers", config.get("vocabulary"));
        var known = config.integers("vocabulary").stream().mapToInt(Integer::intValue).toArray();
        var x = integers(call);
        var list = call.constant(Tensor.of(known, known.length));
        var places = IntStream.range(1, known.length + 1).toArray(); // 0 is no place
        int rank = x.type().rank();
        var same = call.apply(new Equal(), call.unsqueeze(x, rank), list);
        var place =
                call.apply(
                        new ReduceSum(false),
                        call.mul(
                                call.apply(new Cast(DType.INT32), same),
                                call.constant(Tensor.of(places, places.length))),
                        call.vector(rank));
        if (!config.has("mask_token")) return looked(call, place, null, known.length);
        var token = call.scalar(DType.INT32, config.integer("mask_token"));
        return looked(call, place, call.apply(new Equal(), x, token), known.length);
    }

    /// The same of strings.
    private static Value stringLookup(LayerCall call) {
        var config = call.config();
        config.ignore("encoding");
        var x = call.input();
        if (x.type().dtype() != DType.STRING) throw call.wrong("input", "strings", x.type());
        var known = new ArrayList<String>();
        if (!(config.get("vocabulary") instanceof List<?> said))
            throw config.wrong(
                    "vocabulary",
                    "a list of strings (adapted ones are in no file)",
                    config.get("vocabulary"));
        for (var word : said) known.add(String.valueOf(word));
        var mask = config.has("mask_token") ? config.text("mask_token", "") : null;
        var special = new ArrayList<String>();
        if (mask != null) special.add(mask);
        special.add(config.text("oov_token", "[UNK]"));
        // a list may begin with them
        if (known.size() >= special.size() && known.subList(0, special.size()).equals(special))
            known.subList(0, special.size()).clear();
        var isMask =
                mask == null
                        ? null
                        : call.apply(
                                new Cast(DType.BOOL),
                                call.apply(new StringIndex(List.of(mask)), x));
        var place = call.apply(new StringIndex(known), x);
        return looked(call, call.apply(new Cast(DType.INT32), place), isMask, known.size());
    }

    /// {@return what a layer gives for places in its list, from 1 on, 0 for none}
    private static Value looked(LayerCall call, Value place, @Nullable Value isMask, int count) {
        var config = call.config();
        config.ignore("max_tokens", "vocabulary_dtype", "vocabulary_size", "has_input_vocabulary");
        if (config.flag("invert", false)) throw config.wrong("invert", "false", true);
        if (config.flag("pad_to_max_tokens", false))
            throw config.wrong("pad_to_max_tokens", "false", true);
        if (config.integer("num_oov_indices", 1) != 1)
            throw config.wrong("num_oov_indices", "1", config.get("num_oov_indices"));
        if (config.has("idf_weights")) throw config.wrong("idf_weights", "none", "weights");
        int unknown = isMask == null ? 0 : 1;
        var index = Value.of(call.add(place, call.scalar(DType.INT32, unknown)));
        if (isMask != null)
            index = call.apply(new Where(), isMask, call.scalar(DType.INT32, 0), index);
        var mode = config.choice("output_mode", "int", "one_hot", "multi_hot", "count");
        return mode.equals("int") ? index : encoded(call, index, count + 1 + unknown, mode, null);
    }
}
