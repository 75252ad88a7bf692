package io.webdnn.train.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.random.RandomStream;
import io.webdnn.train.Chain;
import io.webdnn.train.Configuration;
import io.webdnn.train.Evaluation;
import io.webdnn.train.F;
import io.webdnn.train.Variable;
import io.webdnn.train.optimizer.Adam;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class ClassifierTest {
    /// The kind of network of the exercise, smaller.
    private static final class Network extends Chain {
        private final Convolution2D conv1 = link("conv1", new Convolution2D(3, 3));
        private final Convolution2D conv2 = link("conv2", new Convolution2D(4, 3));
        private final Linear l3 = link("l3", new Linear(8));
        private final Linear l4 = link("l4", new Linear(3));

        @Override
        public Variable call(Variable x) {
            return l4.call(F.relu(l3.call(F.relu(conv2.call(F.relu(conv1.call(x)))))));
        }
    }

    private static final int SIDE = 9;

    /// A bright block whose place is the label.
    private static Tensor[] batch(int size, RandomStream random) {
        float[] pixels = new float[size * SIDE * SIDE];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            labels[i] = random.nextInt(3);
            for (int k = 0; k < SIDE * SIDE; k++)
                pixels[i * SIDE * SIDE + k] = 0.2f * random.nextFloat();
            for (int y = 0; y < 3; y++)
                for (int x = 0; x < 3; x++)
                    pixels[(i * SIDE + y + 3 * labels[i]) * SIDE + x + 2] += 1;
        }
        return new Tensor[] {Tensor.of(pixels, size, 1, SIDE, SIDE), Tensor.of(labels, size)};
    }

    private static Classifier train(int updates, double[] losses) {
        Configuration.seed(5);
        var random = new RandomStream(9, 0);
        var model = new Classifier(new Network());
        var adam = new Adam(0.01);
        adam.setup(model);
        for (int i = 0; i < updates; i++) {
            var batch = batch(i == updates - 1 ? 5 : 16, random);
            adam.update(model, Variable.sharing(batch[0]), Variable.sharing(batch[1]));
            losses[i] = model.loss().item();
        }
        return model;
    }

    @Test
    void trainingMakesTheLossSmall() {
        double[] losses = new double[60];
        var model = train(60, losses);
        assertThat(losses[0]).isBetween(0.8, 1.6);
        assertThat(losses[58]).isLessThan(0.1);
        assertThat(model.accuracy().item()).isEqualTo(1);
    }

    @Test
    void theSameSeedGivesTheSameBits() {
        var one = train(20, new double[20]).params();
        var two = train(20, new double[20]).params();
        for (int i = 0; i < one.size(); i++) {
            assertThat(one.get(i).array().contentEquals(two.get(i).array()))
                    .as(one.get(i).toString())
                    .isTrue();
        }
    }

    @Test
    void fromTheThirdUpdateNothingIsCompiledAndOneProgramRunsEach() {
        Configuration.seed(5);
        var random = new RandomStream(9, 0);
        var model = new Classifier(new Network());
        var adam = new Adam();
        adam.setup(model);
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long compiled = 0;
        long run = 0;
        int calm = 0;
        int update = 0;
        // until the JVM has compiled the kernels it boxes every vector: how many updates that takes
        // depends on what else the machine does
        long end = System.nanoTime() + 60_000_000_000L;
        for (; calm < 20 && System.nanoTime() < end; update++) {
            if (update == 2) {
                compiled = Evaluation.programsCompiled();
                run = Evaluation.programsRun();
            }
            var batch = batch(update % 5 == 4 ? 7 : 16, random);
            long before = threads.getCurrentThreadAllocatedBytes();
            adam.update(model, Variable.sharing(batch[0]), Variable.sharing(batch[1]));
            assertThat(model.loss().item()).isPositive();
            assertThat(model.accuracy().item()).isBetween(0.0, 1.0);
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            calm = allocated < 64 * 1024 ? calm + 1 : 0;
        }
        assertThat(Evaluation.programsCompiled()).isEqualTo(compiled);
        assertThat(Evaluation.programsRun() - run).isEqualTo(update - 2);
        assertThat(calm).as("updates in a row that allocate under 64 KB").isEqualTo(20);
    }

    @Test
    void anEvaluationIsOneProgram() {
        Configuration.seed(5);
        var model = new Classifier(new Network());
        var batch = batch(4, new RandomStream(1, 0));
        long before = Evaluation.programsRun();
        try (var _ = Configuration.backprop(false)) {
            model.call(Variable.sharing(batch[0]), Variable.sharing(batch[1]));
        }
        model.loss().item();
        model.accuracy().item();
        assertThat(Evaluation.programsRun()).isEqualTo(before + 1);
    }

    @Test
    void pathsBeginWithThePredictor() {
        assertThat(new Classifier(new Network()).namedParams().keySet())
                .containsExactly(
                        "predictor/conv1/W",
                        "predictor/conv1/b",
                        "predictor/conv2/W",
                        "predictor/conv2/b",
                        "predictor/l3/W",
                        "predictor/l3/b",
                        "predictor/l4/W",
                        "predictor/l4/b");
    }
}
