package io.webdnn.train.keras;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// The layers that can be trained, by Keras's names: how each is made of what a file says.
final class LayerTable {
    private static final Map<String, Function<Settings, FluentLayer<?>>> TABLE = table();

    private LayerTable() {}

    private static Map<String, Function<Settings, FluentLayer<?>>> table() {
        var table = new TreeMap<String, Function<Settings, FluentLayer<?>>>();
        table.put("InputLayer", s -> new Input(shape(s)));
        table.put("Dense", s -> new Dense(s.integer("units")));
        table.put("Activation", s -> new Activation(s.text("activation", "linear")));
        table.put("Dropout", s -> new Dropout(s.real("rate", 0)));
        table.put("Flatten", _ -> new Flatten());
        table.put("Reshape", s -> new Reshape(s.integers("target_shape")));
        table.put("Permute", s -> new Permute(s.integers("dims")));
        table.put("RepeatVector", s -> new RepeatVector(s.integer("n")));
        table.put("BatchNormalization", _ -> new BatchNormalization());
        table.put("Embedding", s -> new Embedding(s.integer("input_dim"), s.integer("output_dim")));
        table.put("LeakyReLU", s -> new LeakyReLU(s.real("alpha", 0.3)));
        table.put("ReLU", _ -> new ReLU());
        table.put("ThresholdedReLU", s -> new ThresholdedReLU(s.real("theta", 1)));
        table.put("Softmax", s -> new Softmax(s.integer("axis", -1)));
        table.put("Identity", _ -> new Identity());
        table.put("Rescaling", s -> new Rescaling(s.real("scale", 1), s.real("offset", 0)));
        table.put(
                "ActivityRegularization",
                s -> new ActivityRegularization(s.real("l1", 0), s.real("l2", 0)));
        table.put("ELU", s -> new ELU(s.real("alpha", 1)));
        table.put("Conv1D", s -> new Conv1D(s.integer("filters"), s.integers("kernel_size")));
        table.put("Conv2D", s -> new Conv2D(s.integer("filters"), s.integers("kernel_size")));
        table.put("Conv3D", s -> new Conv3D(s.integer("filters"), s.integers("kernel_size")));
        table.put("DepthwiseConv1D", s -> new DepthwiseConv1D(s.integers("kernel_size")));
        table.put("DepthwiseConv2D", s -> new DepthwiseConv2D(s.integers("kernel_size")));
        table.put(
                "SeparableConv1D",
                s -> new SeparableConv1D(s.integer("filters"), s.integers("kernel_size")));
        table.put(
                "SeparableConv2D",
                s -> new SeparableConv2D(s.integer("filters"), s.integers("kernel_size")));
        table.put("MaxPooling1D", s -> new MaxPooling1D(s.integers("pool_size")));
        table.put("MaxPooling2D", s -> new MaxPooling2D(s.integers("pool_size")));
        table.put("MaxPooling3D", s -> new MaxPooling3D(s.integers("pool_size")));
        table.put("AveragePooling1D", s -> new AveragePooling1D(s.integers("pool_size")));
        table.put("AveragePooling2D", s -> new AveragePooling2D(s.integers("pool_size")));
        table.put("AveragePooling3D", s -> new AveragePooling3D(s.integers("pool_size")));
        table.put("GlobalMaxPooling1D", _ -> new GlobalMaxPooling1D());
        table.put("GlobalMaxPooling2D", _ -> new GlobalMaxPooling2D());
        table.put("GlobalMaxPooling3D", _ -> new GlobalMaxPooling3D());
        table.put("GlobalAveragePooling1D", _ -> new GlobalAveragePooling1D());
        table.put("GlobalAveragePooling2D", _ -> new GlobalAveragePooling2D());
        table.put("GlobalAveragePooling3D", _ -> new GlobalAveragePooling3D());
        table.put("ZeroPadding1D", s -> new ZeroPadding1D(edges(s, "padding")));
        table.put("ZeroPadding2D", s -> new ZeroPadding2D(edges(s, "padding")));
        table.put("ZeroPadding3D", s -> new ZeroPadding3D(edges(s, "padding")));
        table.put("Cropping1D", s -> new Cropping1D(edges(s, "cropping")));
        table.put("Cropping2D", s -> new Cropping2D(edges(s, "cropping")));
        table.put("Cropping3D", s -> new Cropping3D(edges(s, "cropping")));
        table.put("UpSampling1D", s -> new UpSampling1D(s.integers("size")));
        table.put("UpSampling2D", s -> new UpSampling2D(s.integers("size")));
        table.put("UpSampling3D", s -> new UpSampling3D(s.integers("size")));
        table.put("GaussianNoise", s -> new GaussianNoise(s.real("stddev", 0)));
        table.put("GaussianDropout", s -> new GaussianDropout(s.real("rate", 0)));
        table.put("AlphaDropout", s -> new AlphaDropout(s.real("rate", 0)));
        table.put("SpatialDropout1D", s -> new SpatialDropout1D(s.real("rate", 0)));
        table.put("SpatialDropout2D", s -> new SpatialDropout2D(s.real("rate", 0)));
        table.put("SpatialDropout3D", s -> new SpatialDropout3D(s.real("rate", 0)));
        table.put("PReLU", _ -> new PReLU());
        table.put("Masking", s -> new Masking(s.real("mask_value", 0)));
        table.put("LayerNormalization", _ -> new LayerNormalization());
        table.put("UnitNormalization", _ -> new UnitNormalization());
        table.put("GroupNormalization", s -> new GroupNormalization(s.integer("groups", 32)));
        table.put(
                "Conv1DTranspose",
                s -> new Conv1DTranspose(s.integer("filters"), s.integers("kernel_size")));
        table.put(
                "Conv2DTranspose",
                s -> new Conv2DTranspose(s.integer("filters"), s.integers("kernel_size")));
        table.put(
                "Conv3DTranspose",
                s -> new Conv3DTranspose(s.integer("filters"), s.integers("kernel_size")));
        table.put("SimpleRNN", s -> new SimpleRNN(s.integer("units")));
        table.put("GRU", s -> new GRU(s.integer("units")));
        table.put("LSTM", s -> new LSTM(s.integer("units")));
        table.put("Bidirectional", LayerTable::bidirectional);
        table.put("TimeDistributed", s -> new TimeDistributed(inner(s)));
        table.put(
                "LocallyConnected1D",
                s -> new LocallyConnected1D(s.integer("filters"), s.integers("kernel_size")));
        table.put(
                "LocallyConnected2D",
                s -> new LocallyConnected2D(s.integer("filters"), s.integers("kernel_size")));
        table.put("Attention", _ -> new Attention());
        table.put("AdditiveAttention", _ -> new AdditiveAttention());
        table.put(
                "MultiHeadAttention",
                s -> new MultiHeadAttention(s.integer("num_heads"), s.integer("key_dim")));
        table.put(
                "EinsumDense",
                s -> new EinsumDense(s.text("equation", ""), s.extents("output_shape")));
        table.put("CenterCrop", s -> new CenterCrop(s.integer("height"), s.integer("width")));
        table.put(
                "Normalization", s -> new Normalization(s.numbers("mean"), s.numbers("variance")));
        table.put("RMSNormalization", _ -> new RMSNormalization());
        table.put("SpectralNormalization", LayerTable::spectral);
        table.put(
                "ConvLSTM1D", s -> new ConvLSTM1D(s.integer("filters"), s.integers("kernel_size")));
        table.put(
                "ConvLSTM2D", s -> new ConvLSTM2D(s.integer("filters"), s.integers("kernel_size")));
        table.put(
                "ConvLSTM3D", s -> new ConvLSTM3D(s.integer("filters"), s.integers("kernel_size")));
        table.put("SimpleRNNCell", s -> new SimpleRNNCell(s.integer("units")));
        table.put("GRUCell", s -> new GRUCell(s.integer("units")));
        table.put("LSTMCell", s -> new LSTMCell(s.integer("units")));
        table.put("StackedRNNCells", LayerTable::stack);
        table.put("RNN", LayerTable::overCells);
        table.put("Dot", s -> new Dot(s.integers("axes")));
        table.put("Add", _ -> new Add());
        table.put("Subtract", _ -> new Subtract());
        table.put("Multiply", _ -> new Multiply());
        table.put("Average", _ -> new Average());
        table.put("Maximum", _ -> new Maximum());
        table.put("Minimum", _ -> new Minimum());
        table.put("Concatenate", s -> new Concatenate(s.integer("axis", -1)));
        return table;
    }

    private static FluentLayer<?> inner(Settings settings) {
        var inner = settings.inner("layer");
        if (inner != null && read(inner) instanceof FluentLayer<?> layer) return layer;
        throw settings.wrong("layer", "a layer that is no model", "none");
    }

    private static SpectralNormalization spectral(Settings settings) {
        if (inner(settings) instanceof WeightedLayer<?> layer)
            return new SpectralNormalization(layer);
        throw settings.wrong("layer", "one with a single kernel", settings.values().get("layer"));
    }

    private static RNN overCells(Settings settings) {
        var cell = settings.inner("cell");
        if (cell == null) throw settings.wrong("cell", "a cell, or a stack of cells", "none");
        return RNN.of(read(cell));
    }

    private static StackedRNNCells stack(Settings settings) {
        var cells = new ArrayList<RecurrentCell<?>>();
        for (var entry : settings.list("cells")) {
            if (!(read(Settings.of(settings.file(), entry)) instanceof RecurrentCell<?> cell))
                throw settings.wrong("cells", "cells", entry);
            cells.add(cell);
        }
        return new StackedRNNCells(cells.toArray(RecurrentCell[]::new));
    }

    private static Bidirectional bidirectional(Settings settings) {
        if (inner(settings) instanceof RecurrentLayer<?> layer) return new Bidirectional(layer);
        throw settings.wrong("layer", "a recurrent layer", settings.values().get("layer"));
    }

    /// {@return the names of the layers}
    static Set<String> names() {
        return Collections.unmodifiableSet(TABLE.keySet());
    }

    private static int[] shape(Settings settings) {
        var shape = settings.batchShape();
        if (shape == null) throw settings.wrong("batch_input_shape", "a shape", "none");
        return shape;
    }

    /// {@return begin and end of each axis, which are written as pairs or as numbers}
    private static int[] edges(Settings settings, String key) {
        if (!settings.has(key) || !(settings.list(key).getFirst() instanceof java.util.List<?>))
            return settings.integers(key);
        return settings.list(key).stream()
                .flatMap(pair -> ((java.util.List<?>) pair).stream())
                .mapToInt(number -> ((Number) number).intValue())
                .toArray();
    }

    /// {@return the layer that settings describe, which may be a model}
    static Layer read(Settings settings) {
        if (settings.kind().equals("Sequential") || settings.kind().equals("Model"))
            return NetworkConfig.read(settings);
        var maker = TABLE.get(settings.kind());
        if (maker == null)
            throw settings.wrong("layer", "one of " + TABLE.keySet(), settings.kind());
        var layer = maker.apply(settings);
        layer.configure(settings);
        return layer;
    }
}
