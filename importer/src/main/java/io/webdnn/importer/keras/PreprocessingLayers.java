package io.webdnn.importer.keras;

import io.webdnn.graph.Value;
import io.webdnn.graph.op.Max;
import io.webdnn.graph.op.Pad;
import io.webdnn.graph.op.Resize;
import io.webdnn.graph.op.Resize.AspectRatio;
import io.webdnn.graph.op.Resize.Coordinates;
import io.webdnn.graph.op.Resize.Mode;
import io.webdnn.graph.op.Resize.Nearest;
import io.webdnn.graph.op.Slice;
import io.webdnn.graph.op.Sqrt;
import io.webdnn.importer.keras.Layers.Layer;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/// What prepares data: scales, and sizes of images.
final class PreprocessingLayers {
    /// What Keras keeps a deviation from being smaller than, when it divides by it.
    private static final double LEAST_DEVIATION = 1e-7;

    private PreprocessingLayers() {}

    static void addTo(Map<String, Layer> table) {
        table.put("CenterCrop", PreprocessingLayers::centerCrop);
        table.put("Normalization", PreprocessingLayers::normalization);
        table.put("RandomCrop", PreprocessingLayers::randomCrop);
        table.put("Rescaling", PreprocessingLayers::rescaling);
        table.put("Resizing", PreprocessingLayers::resizing);
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
                        "RandomHeight",
                        "RandomHue",
                        "RandomInvert",
                        "RandomPerspective",
                        "RandomPosterization",
                        "RandomRotation",
                        "RandomSaturation",
                        "RandomSharpness",
                        "RandomShear",
                        "RandomTranslation",
                        "RandomWidth",
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

    /// In training a crop at any place; otherwise the middle: before Keras 3 always the largest of
    /// the wanted proportions, resized.
    private static Value randomCrop(LayerCall call) {
        if (call.version().major() > 2) return centerCrop(call);
        int first = firstSpatial(call);
        int height = call.config().integer("height");
        int width = call.config().integer("width");
        var like = croppedLike(call, call.input(), first, height, width);
        return resized(call, like, first, height, width, "bilinear");
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
}
