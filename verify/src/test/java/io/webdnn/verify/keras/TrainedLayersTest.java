package io.webdnn.verify.keras;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.webdnn.compiler.Program;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Configuration;
import io.webdnn.train.keras.ActivityRegularization;
import io.webdnn.train.keras.Add;
import io.webdnn.train.keras.AdditiveAttention;
import io.webdnn.train.keras.AlphaDropout;
import io.webdnn.train.keras.Attention;
import io.webdnn.train.keras.Average;
import io.webdnn.train.keras.AveragePooling1D;
import io.webdnn.train.keras.AveragePooling2D;
import io.webdnn.train.keras.AveragePooling3D;
import io.webdnn.train.keras.BatchNormalization;
import io.webdnn.train.keras.Bidirectional;
import io.webdnn.train.keras.CenterCrop;
import io.webdnn.train.keras.Concatenate;
import io.webdnn.train.keras.Conv1D;
import io.webdnn.train.keras.Conv1DTranspose;
import io.webdnn.train.keras.Conv2D;
import io.webdnn.train.keras.Conv2DTranspose;
import io.webdnn.train.keras.Conv3D;
import io.webdnn.train.keras.Conv3DTranspose;
import io.webdnn.train.keras.ConvLSTM1D;
import io.webdnn.train.keras.ConvLSTM2D;
import io.webdnn.train.keras.ConvLSTM3D;
import io.webdnn.train.keras.Cropping1D;
import io.webdnn.train.keras.Cropping2D;
import io.webdnn.train.keras.Cropping3D;
import io.webdnn.train.keras.Dense;
import io.webdnn.train.keras.DepthwiseConv1D;
import io.webdnn.train.keras.DepthwiseConv2D;
import io.webdnn.train.keras.Dot;
import io.webdnn.train.keras.ELU;
import io.webdnn.train.keras.EinsumDense;
import io.webdnn.train.keras.Embedding;
import io.webdnn.train.keras.Fit;
import io.webdnn.train.keras.Flatten;
import io.webdnn.train.keras.GRU;
import io.webdnn.train.keras.GRUCell;
import io.webdnn.train.keras.GaussianDropout;
import io.webdnn.train.keras.GaussianNoise;
import io.webdnn.train.keras.GlobalAveragePooling1D;
import io.webdnn.train.keras.GlobalAveragePooling2D;
import io.webdnn.train.keras.GlobalAveragePooling3D;
import io.webdnn.train.keras.GlobalMaxPooling1D;
import io.webdnn.train.keras.GlobalMaxPooling2D;
import io.webdnn.train.keras.GlobalMaxPooling3D;
import io.webdnn.train.keras.GroupNormalization;
import io.webdnn.train.keras.Identity;
import io.webdnn.train.keras.Input;
import io.webdnn.train.keras.LSTM;
import io.webdnn.train.keras.LSTMCell;
import io.webdnn.train.keras.LayerNormalization;
import io.webdnn.train.keras.LeakyReLU;
import io.webdnn.train.keras.LocallyConnected1D;
import io.webdnn.train.keras.LocallyConnected2D;
import io.webdnn.train.keras.Masking;
import io.webdnn.train.keras.MaxPooling1D;
import io.webdnn.train.keras.MaxPooling2D;
import io.webdnn.train.keras.MaxPooling3D;
import io.webdnn.train.keras.Maximum;
import io.webdnn.train.keras.Minimum;
import io.webdnn.train.keras.Model;
import io.webdnn.train.keras.MultiHeadAttention;
import io.webdnn.train.keras.Multiply;
import io.webdnn.train.keras.Normalization;
import io.webdnn.train.keras.PReLU;
import io.webdnn.train.keras.Permute;
import io.webdnn.train.keras.RMSNormalization;
import io.webdnn.train.keras.RNN;
import io.webdnn.train.keras.ReLU;
import io.webdnn.train.keras.RepeatVector;
import io.webdnn.train.keras.Rescaling;
import io.webdnn.train.keras.Reshape;
import io.webdnn.train.keras.SeparableConv1D;
import io.webdnn.train.keras.SeparableConv2D;
import io.webdnn.train.keras.Sequential;
import io.webdnn.train.keras.SimpleRNN;
import io.webdnn.train.keras.SimpleRNNCell;
import io.webdnn.train.keras.Softmax;
import io.webdnn.train.keras.SpatialDropout1D;
import io.webdnn.train.keras.SpatialDropout2D;
import io.webdnn.train.keras.SpectralNormalization;
import io.webdnn.train.keras.Subtract;
import io.webdnn.train.keras.ThresholdedReLU;
import io.webdnn.train.keras.TimeDistributed;
import io.webdnn.train.keras.UnitNormalization;
import io.webdnn.train.keras.UpSampling1D;
import io.webdnn.train.keras.UpSampling2D;
import io.webdnn.train.keras.UpSampling3D;
import io.webdnn.train.keras.ZeroPadding1D;
import io.webdnn.train.keras.ZeroPadding2D;
import io.webdnn.train.keras.ZeroPadding3D;
import io.webdnn.train.optimizer.RMSprop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What is trained, once saved, is what the importer reads, whose layers were compared with real
/// Keras's outputs; and it trains on after it was loaded.
class TrainedLayersTest {
    @TempDir Path directory = Path.of("");

    private static Map<String, Supplier<Model>> models() {
        var models = new LinkedHashMap<String, Supplier<Model>>();
        models.put(
                "one axis",
                () ->
                        new Sequential(
                                new Embedding(3, 4).inputShape(12),
                                new Conv1D(5, 3).padding("same").dilationRate(2),
                                new BatchNormalization(),
                                new LeakyReLU(0.1),
                                new ZeroPadding1D(1, 2),
                                new MaxPooling1D(3).strides(2).padding("same"),
                                new UpSampling1D(2),
                                new Cropping1D(1, 2),
                                new AveragePooling1D(2),
                                new Dense(3).activation("softmax"),
                                new GlobalAveragePooling1D()));
        models.put(
                "two axes",
                () ->
                        new Sequential(
                                new Conv2D(6, 3, 2)
                                        .strides(2, 1)
                                        .padding("same")
                                        .activation("relu")
                                        .inputShape(9, 8, 3),
                                new BatchNormalization().scale(false),
                                new DepthwiseConv2D(3).depthMultiplier(2).padding("same"),
                                new ELU(0.5),
                                new SeparableConv2D(4, 3, 2).depthMultiplier(2).padding("same"),
                                new BatchNormalization().center(false),
                                new ZeroPadding2D(1, 2),
                                new AveragePooling2D(3).strides(2).padding("same"),
                                new UpSampling2D(2, 1),
                                new Cropping2D(1, 0, 0, 2),
                                new Conv2D(2, 1).useBias(false).activation("softmax"),
                                new Permute(3, 1, 2),
                                new Reshape(-1, 2),
                                new Flatten(),
                                new Dense(3)));
        models.put(
                "three axes",
                () ->
                        new Sequential(
                                new Conv3D(4, 2, 1, 3).padding("same").inputShape(4, 5, 6, 2),
                                new MaxPooling3D(1, 2, 2),
                                new ZeroPadding3D(1),
                                new AveragePooling3D(2, 1, 1),
                                new UpSampling3D(1, 2, 1),
                                new Cropping3D(0, 1, 0),
                                new GlobalMaxPooling3D(),
                                new RepeatVector(3),
                                new GlobalMaxPooling1D()));
        models.put(
                "three axes, mean",
                () ->
                        new Sequential(
                                new Conv3D(3, 2).inputShape(3, 3, 3, 1),
                                new GlobalAveragePooling3D()));
        models.put(
                "memory, which hidden steps leave as it is",
                () ->
                        new Sequential(
                                new Embedding(3, 4).maskZero(true).inputShape(6),
                                new SpatialDropout1D(0.1),
                                new Bidirectional(new LSTM(3).returnSequences(true)),
                                new TimeDistributed(new Dense(4).activation("relu")),
                                new GRU(3).returnSequences(true),
                                new LayerNormalization(),
                                new LSTM(2).recurrentActivation("sigmoid").goBackwards(true)));
        models.put(
                "recurrent layers",
                () ->
                        new Sequential(
                                new SimpleRNN(4).returnSequences(true).inputShape(5, 3),
                                new PReLU(),
                                new Bidirectional(new GRU(3).returnSequences(true))
                                        .mergeMode("sum"),
                                new LSTM(3).returnSequences(true).unitForgetBias(false),
                                new Bidirectional(new SimpleRNN(2)).mergeMode("mul"),
                                new Dense(2)));
        models.put(
                "steps of zeros are hidden",
                () ->
                        new Sequential(
                                new TimeDistributed(new Conv2D(2, 2)).inputShape(3, 4, 4, 1),
                                new TimeDistributed(new Flatten()),
                                new Masking(),
                                new SimpleRNN(3).useBias(false).activation("relu"),
                                new GaussianNoise(0.01),
                                new GaussianDropout(0.01),
                                new AlphaDropout(0.01)));
        models.put(
                "transposed convolutions",
                () ->
                        new Sequential(
                                new Conv2DTranspose(3, 3)
                                        .strides(2)
                                        .padding("same")
                                        .inputShape(4, 3, 2),
                                new PReLU().sharedAxes(1, 2),
                                new SpatialDropout2D(0.1),
                                new Conv2DTranspose(2, 2, 3).strides(1, 2).activation("tanh"),
                                new Conv2DTranspose(1, 1).strides(2).useBias(false)));
        models.put(
                "layers of later versions",
                () ->
                        new Sequential(
                                new Conv1DTranspose(3, 3)
                                        .strides(2)
                                        .padding("same")
                                        .inputShape(5, 2),
                                new ReLU().maxValue(4).negativeSlope(0.1),
                                new DepthwiseConv1D(3).depthMultiplier(2).padding("same"),
                                new GroupNormalization(3),
                                new SeparableConv1D(4, 2).depthMultiplier(2),
                                new ActivityRegularization(0.001, 0.01),
                                new UnitNormalization(),
                                new Rescaling(2, 1.5),
                                new ThresholdedReLU(0.1),
                                new Identity(),
                                new Softmax(),
                                new Conv1DTranspose(2, 2).activation("tanh")));
        models.put(
                "transposed convolutions of volumes",
                () ->
                        new Sequential(
                                new Conv3DTranspose(2, 2, 1, 3)
                                        .strides(2, 1, 1)
                                        .inputShape(2, 3, 2, 2),
                                new GroupNormalization(-1).epsilon(0.01),
                                new Conv3DTranspose(1, 2).padding("same").activation("tanh")));
        models.put(
                "recurrent layers of later versions",
                () ->
                        new Sequential(
                                new GRU(4)
                                        .resetAfter(true)
                                        .recurrentActivation("sigmoid")
                                        .dropout(0.1)
                                        .returnSequences(true)
                                        .inputShape(5, 3),
                                new Bidirectional(
                                        new GRU(3).resetAfter(true).returnSequences(true)),
                                new LSTM(3).recurrentDropout(0.2).returnSequences(true),
                                new GRU(3).dropout(0.1).recurrentDropout(0.1).returnSequences(true),
                                new SimpleRNN(3).recurrentDropout(0.1).returnSequences(true),
                                new GRU(2).resetAfter(true).useBias(false)));
        models.put(
                "other weights at each place",
                () ->
                        new Sequential(
                                new LocallyConnected2D(4, 2, 3)
                                        .strides(1, 2)
                                        .activation("relu")
                                        .inputShape(5, 6, 2),
                                new TimeDistributed(new LocallyConnected1D(3, 2)),
                                new Reshape(-1, 3),
                                new LocallyConnected1D(2, 3).useBias(false)));
        models.put(
                "sums with letters, other normalizations",
                () ->
                        new Sequential(
                                new EinsumDense("abc,cde->abde", -1, 3, 2)
                                        .biasAxes("e")
                                        .activation("relu")
                                        .inputShape(3, 4),
                                new EinsumDense("...xy,xyz->...z", 4).biasAxes("z"),
                                new RMSNormalization(),
                                new LayerNormalization().axis(1, 2).center(false),
                                new SpectralNormalization(new Conv1D(3, 2)).powerIterations(2),
                                new LayerNormalization().scale(false),
                                new SpectralNormalization(new Dense(2))));
        models.put(
                "memory of convolutions",
                () ->
                        new Sequential(
                                new ConvLSTM2D(3, 2, 3)
                                        .padding("same")
                                        .returnSequences(true)
                                        .inputShape(3, 4, 5, 2),
                                new ConvLSTM2D(2, 2)
                                        .strides(1, 2)
                                        .recurrentActivation("sigmoid")
                                        .goBackwards(true)
                                        .unitForgetBias(false)));
        models.put(
                "memory of convolutions over one and three axes",
                () ->
                        new Sequential(
                                new ConvLSTM3D(1, 2)
                                        .returnSequences(true)
                                        .inputShape(2, 2, 3, 3, 1),
                                new Reshape(2, 4, 1),
                                new ConvLSTM1D(2, 2).dilationRate(2).useBias(false)));
        models.put(
                "cells over steps",
                () ->
                        new Sequential(
                                new Embedding(3, 4).maskZero(true).inputShape(6),
                                new RNN(new SimpleRNNCell(3).dropout(0.1)).returnSequences(true),
                                new RNN(new GRUCell(3).resetAfter(true), new LSTMCell(2))
                                        .goBackwards(true)
                                        .returnSequences(true),
                                new RNN(new GRUCell(2), new LSTMCell(2), new LSTMCell(3))));
        models.put(
                "a loss of the steps that count",
                () ->
                        new Sequential(
                                new Embedding(3, 4).maskZero(true).inputShape(6),
                                new Dense(3).activation("gelu"),
                                new LSTM(3).returnSequences(true).activation("leaky_relu"),
                                new Dense(4).activation("swish"),
                                new Dense(3).activation("mish"),
                                new Dense(2).activation("relu6"),
                                new Dense(2).activation("log_softmax")));
        models.put(
                "images that are prepared",
                () ->
                        new Sequential(
                                new Normalization(new double[] {0.1, -0.2}, new double[] {0.5, 2})
                                        .inputShape(6, 5, 2),
                                new CenterCrop(3, 4),
                                new Conv2D(2, 2),
                                new Normalization(new double[] {0.5}, new double[] {2}),
                                new Flatten(),
                                new Dense(2)));
        models.put("masks of attention", TrainedLayersTest::masks);
        models.put("attention", TrainedLayersTest::attention);
        models.put("states of an encoder", TrainedLayersTest::encoder);
        models.put("several inputs and outputs", TrainedLayersTest::branches);
        models.put("products of inputs", TrainedLayersTest::products);
        return models;
    }

    private static Model branches() {
        var left = Input.named("left", 6, 6, 2);
        var right = Input.named("right", 6, 6, 2);
        var shared = new Conv2D(4, 3).named("shared").activation("tanh");
        var a = shared.call(left);
        var b = shared.call(right);
        var sum = new Add().call(a, b, new Multiply().call(a, b));
        var difference = new Subtract().call(a, b);
        var ends = new Concatenate(1).call(new Maximum().call(a, b), new Minimum().call(a, b));
        var inner =
                new Sequential(
                        new Conv2D(3, 2).named("inside").inputShape(4, 4, 8),
                        new BatchNormalization().named("norm"),
                        new GlobalAveragePooling2D().named("mean"));
        var first = inner.call(new Concatenate().call(sum, difference));
        var second =
                new GlobalMaxPooling2D()
                        .call(new Average().call(new MaxPooling2D(2, 1).call(ends), sum));
        return new Model(List.of(left, right), List.of(first, second));
    }

    private static Model attention() {
        var query = Input.named("query", 3, 6);
        var value = Input.named("value", 4, 6);
        var heads = new MultiHeadAttention(2, 3).valueDim(4).dropout(0.1).named("heads");
        var a = heads.call(query, value);
        var plain = new MultiHeadAttention(1, 2).useBias(false).named("plain");
        var b = plain.call(a, value, new Dense(5).named("keys").call(value));
        var c = new Attention().useScale(true).named("products").call(b, value);
        var d = new AdditiveAttention().named("sums").call(c, value, value);
        return new Model(List.of(query, value), List.of(b, d, new Attention().call(d, value)));
    }

    private static Model masks() {
        var numbers = Input.named("numbers", 4);
        var scores = Input.named("scores", 4, 4);
        var words = new Dense(6).named("words").call(new Reshape(4, 1).named("r").call(numbers));
        var kept = new Embedding(3, 6).maskZero(true).named("kept").call(numbers);
        var seen = new ReLU().named("seen").call(scores); // some are 0
        var heads = new MultiHeadAttention(2, 3).useCausalMask(true).named("heads");
        var a = heads.call(kept, kept, kept, seen);
        var b = new MultiHeadAttention(1, 2).named("crossed").call(words, a, kept);
        var c = new Attention().causal(true).named("products").call(a, kept);
        var d = new AdditiveAttention().named("sums").call(c, a, kept);
        var end = new LSTM(2).named("end").call(d);
        return new Model(List.of(numbers, scores), List.of(b, end));
    }

    private static Model encoder() {
        var question = Input.named("question", 4, 3);
        var words = Input.named("words", 5, 2);
        var ends = new LSTM(3).named("reader").returnState(true).callAll(List.of(question));
        var decoder = new LSTM(3).named("writer").returnSequences(true).returnState(true);
        var answer = decoder.callAll(List.of(words, ends.get(1), ends.get(2)));
        var later = new GRU(3).named("later").resetAfter(true).goBackwards(true);
        var last = later.call(answer.getFirst(), answer.get(1));
        return new Model(List.of(question, words), List.of(answer.getFirst(), last, ends.get(0)));
    }

    private static Model products() {
        var left = Input.named("left", 3, 4);
        var right = Input.named("right", 4);
        var a = new Dense(4).named("a").call(left);
        var row = new Dot(2, 1).normalize(true).call(a, right);
        var matrix = new Dot(-1).call(a, new Dense(4).named("b").call(left));
        var number = new Dot(1).call(row, new Dense(3).named("c").call(right));
        return new Model(List.of(left, right), List.of(row, matrix, number));
    }

    private static Tensor random(int stream, boolean whole, int... shape) {
        int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        var random = new RandomStream(11, stream);
        float[] values = new float[size];
        for (int i = 0; i < size; i++)
            values[i] = whole ? random.nextInt(3) : random.nextFloat() - 0.5f;
        return Tensor.of(values, shape);
    }

    private static Tensor examples(int stream, boolean whole, int count, int[] shape) {
        int[] all = new int[shape.length + 1];
        all[0] = count;
        System.arraycopy(shape, 0, all, 1, shape.length);
        return random(stream, whole, all);
    }

    @TestFactory
    Stream<DynamicTest> trainedIsWhatIsImported() {
        return models().entrySet().stream()
                .map(it -> DynamicTest.dynamicTest(it.getKey(), () -> check(it.getValue())));
    }

    private void check(Supplier<Model> supplier) {
        Configuration.seed(8);
        var model = supplier.get();
        model.compile(new RMSprop(), "mse");
        var x = new ArrayList<Tensor>();
        for (var shape : model.inputShapes()) {
            var layer = model.layers().get(x.size());
            boolean whole = layer instanceof Embedding || layer.name().equals("numbers");
            x.add(examples(x.size(), whole, 5, shape));
        }
        var y = model.predict(x).stream().map(t -> random(20, false, t.shape())).toList();
        var fit = Fit.batchSize(3).verbosity(Fit.Verbosity.SILENT);
        var losses = model.fit(x, y, fit.epochs(4).shuffle(false)).get("loss");
        assertThat(losses.getLast()).isLessThan(losses.getFirst());
        var file = directory.resolve("model.h5");
        model.save(file);
        var expected = model.predict(x);
        var graph = KerasImporter.read(file).graph();
        var got = Program.compile(graph).run(x);
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.size(); i++) {
            assertThat(got.get(i).shape()).isEqualTo(expected.get(i).shape());
            for (int k = 0; k < got.get(i).size(); k++) {
                assertThat((double) got.get(i).floats()[k])
                        .isCloseTo(expected.get(i).floats()[k], within(2e-5));
            }
        }
        var loaded = Model.load(file);
        Configuration.seed(9); // of what is drawn in training
        loaded.fit(x, y, fit.shuffle(false));
        Configuration.seed(9);
        model.fit(x, y, fit.shuffle(false));
        for (int i = 0; i < got.size(); i++)
            assertThat(loaded.predict(x).get(i).floats())
                    .containsExactly(model.predict(x).get(i).floats());
    }
}
