package io.webdnn.verify.browser;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.type.TensorType;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A page in a real browser that runs models with the browser runtime, one after the other.
public final class ModelPage implements AutoCloseable {
    private static final int SECONDS = 60;

    private final Backend backend;
    private final JobPage page =
            new JobPage(
                    ModelPage.class, "page", SECONDS, List.of(Chromium.WORKGROUP_MEMORY_BY_LOOP));
    private int count;

    /// A page that runs models on one backend, and fails if it would be another.
    public ModelPage(Backend backend) {
        this.backend = backend;
    }

    /// {@return the outputs of a model}
    ///
    /// @param outputs the dtypes that they have; the page sends numbers of 32 or 64 bits
    /// @throws IllegalStateException with what the page says, or because it does not answer
    public synchronized List<Tensor> run(
            GraphDescriptor descriptor, List<Tensor> inputs, List<TensorType> outputs)
            throws InterruptedException {
        var directory = "/model/" + ++count;
        var server = page.server();
        descriptor.files().forEach((name, bytes) -> server.put(directory + "/" + name, bytes));
        var text = new StringBuilder("directory " + directory + "\nbackend " + backend + "\n");
        for (int i = 0; i < inputs.size(); i++) {
            var wide = widened(inputs.get(i));
            server.put(directory + "/input" + i, RawElements.bytes(wide, ByteOrder.LITTLE_ENDIAN));
            text.append("input ").append(wide.dtype()).append(' ').append(extents(wide));
            text.append('\n');
        }
        try {
            return outputs(page.ask(text.toString()), outputs);
        } finally {
            server.remove(directory);
        }
    }

    private static String extents(Tensor tensor) {
        return String.join(",", Arrays.stream(tensor.shape()).mapToObj(String::valueOf).toList());
    }

    // Numbers of 32 and of 64 bits, as the runtime takes and gives them

    private static Tensor widened(Tensor tensor) {
        var dtype =
                switch (tensor.dtype()) {
                    case FLOAT64, INT64, UINT64 -> tensor.dtype();
                    default ->
                            switch (tensor.dtype().kind()) {
                                case FLOAT -> DType.FLOAT32;
                                case SIGNED, BOOL -> DType.INT32;
                                case UNSIGNED -> DType.UINT32;
                                case COMPLEX, STRING ->
                                        throw new IllegalArgumentException(
                                                "page: " + tensor + " cannot be sent");
                            };
                };
        if (dtype == tensor.dtype()) return tensor;
        var wide = Tensor.zeros(dtype, tensor.shape());
        for (int i = 0; i < wide.size(); i++) {
            if (dtype == DType.FLOAT32) wide.setDouble(i, tensor.getDouble(i));
            else wide.setLong(i, tensor.getLong(i));
        }
        return wide;
    }

    /// The page's answer: `ok 12` (kernels that ran) or `error …`, a line per output (`float32
    /// 2,3`), an empty line, and the outputs' bytes.
    private static List<Tensor> outputs(JobPage.Answer answer, List<TensorType> types) {
        var lines = answer.lines();
        if (!lines.getFirst().startsWith("ok ")) throw new IllegalStateException(lines.getFirst());
        var bytes = answer.bytes();
        var tensors = new ArrayList<Tensor>();
        for (int o = 1; o < lines.size(); o++) {
            var words = lines.get(o).split(" ", -1);
            int[] shape =
                    Arrays.stream(words[1].split(",", -1))
                            .filter(s -> !s.isEmpty())
                            .mapToInt(Integer::parseInt)
                            .toArray();
            var tensor =
                    Tensor.zeros(DType.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)), shape);
            int size = tensor.size() * tensor.dtype().bytes();
            RawElements.read(
                    bytes.slice(bytes.position(), size).order(ByteOrder.LITTLE_ENDIAN), tensor, 0);
            bytes.position(bytes.position() + size);
            tensors.add(narrowed(tensor, types.get(o - 1).dtype()));
        }
        return tensors;
    }

    private static Tensor narrowed(Tensor wide, DType dtype) {
        if (dtype == wide.dtype()) return wide;
        var narrow = Tensor.zeros(dtype, wide.shape());
        for (int i = 0; i < narrow.size(); i++) {
            if (dtype.isFloat()) narrow.setDouble(i, wide.getDouble(i));
            else narrow.setLong(i, wide.getLong(i));
        }
        return narrow;
    }

    @Override
    public void close() {
        page.close();
    }
}
