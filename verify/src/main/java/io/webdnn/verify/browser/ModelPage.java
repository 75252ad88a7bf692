package io.webdnn.verify.browser;

import io.webdnn.compiler.Backend;
import io.webdnn.compiler.descriptor.GraphDescriptor;
import io.webdnn.graph.type.TensorType;
import io.webdnn.runtime.BrowserRuntime;
import io.webdnn.tensor.DType;
import io.webdnn.tensor.Tensor;
import io.webdnn.tensor.file.RawElements;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A page in a real browser that runs models with the browser runtime: it asks our server for the
/// next model, loads its descriptor, and sends back what came out.
///
/// One page runs all models one after the other. A page that does not answer in time, or whose
/// browser died, is replaced by a new one.
public final class ModelPage implements AutoCloseable {
    private static final int SECONDS = 60;

    private final Backend backend;
    private final TestServer server = TestServer.start();
    private final BlockingQueue<Job> jobs = new ArrayBlockingQueue<>(1);
    private @Nullable Chromium browser;
    private @Nullable Job current;
    private int count;

    /// What the page is asked for; each line of the text is one word and its value.
    private record Job(int number, String text, BlockingQueue<byte[]> answer) {}

    /// A page that runs models on one backend, and fails if it would be another.
    public ModelPage(Backend backend) {
        this.backend = backend;
        server.put("/page.html", resource("page.html"));
        server.put("/page.js", resource("page.js"));
        server.put("/webdnn.js", BrowserRuntime.read("webdnn.js"));
        server.handle("/next", (_, _) -> next());
        server.handle("/result", this::result);
    }

    private static byte[] resource(String name) {
        try (InputStream in = ModelPage.class.getResourceAsStream(name)) {
            if (in == null) throw new IllegalStateException(name + " is missing in the build");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// {@return the outputs of a model}
    ///
    /// @param outputs the dtypes that they have; the page sends numbers of 32 bits
    /// @throws IllegalStateException with what the page says, or because it does not answer
    public synchronized List<Tensor> run(
            GraphDescriptor descriptor, List<Tensor> inputs, List<TensorType> outputs)
            throws InterruptedException {
        int number = ++count;
        var directory = "/model/" + number;
        descriptor.files().forEach((name, bytes) -> server.put(directory + "/" + name, bytes));
        var text = new StringBuilder("directory " + directory + "\nbackend " + backend + "\n");
        for (int i = 0; i < inputs.size(); i++) {
            var wide = widened(inputs.get(i));
            server.put(directory + "/input" + i, bytes(wide));
            text.append("input ").append(wide.dtype()).append(' ').append(extents(wide));
            text.append('\n');
        }
        var job = new Job(number, text.toString(), new ArrayBlockingQueue<>(1));
        try {
            return outputs(ask(job), outputs);
        } finally {
            server.remove(directory);
        }
    }

    private static String extents(Tensor tensor) {
        return String.join(",", Arrays.stream(tensor.shape()).mapToObj(String::valueOf).toList());
    }

    private byte[] ask(Job job) throws InterruptedException {
        if (browser == null || !browser.isAlive()) reopen();
        current = job;
        jobs.clear();
        jobs.add(job);
        for (int second = 0; second < SECONDS; second++) {
            var answer = job.answer.poll(1, TimeUnit.SECONDS);
            if (answer != null) return answer;
            if (browser == null || !browser.isAlive()) break;
        }
        var said = browser == null ? "" : browser.output();
        var why = browser != null && browser.isAlive() ? "no answer in " + SECONDS + " s" : "died";
        closeBrowser();
        throw new IllegalStateException("the browser: " + why + ": " + said.strip());
    }

    private void reopen() {
        closeBrowser();
        browser = Chromium.open(server.address("/page.html"));
    }

    private void closeBrowser() {
        if (browser != null) browser.close();
        browser = null;
    }

    private byte @Nullable [] next() throws InterruptedException {
        var job = jobs.poll(20, TimeUnit.SECONDS);
        return job == null
                ? null
                : ("number " + job.number + "\n" + job.text).getBytes(StandardCharsets.UTF_8);
    }

    private byte @Nullable [] result(String query, byte[] body) {
        var job = current;
        if (job != null && query.equals("number=" + job.number)) {
            boolean first = job.answer.offer(body);
            if (!first) throw new IllegalStateException("two answers");
        }
        return null;
    }

    // Numbers of 32 bits, as the runtime takes and gives them

    private static Tensor widened(Tensor tensor) {
        var dtype =
                switch (tensor.dtype().kind()) {
                    case FLOAT -> DType.FLOAT32;
                    case SIGNED, BOOL -> DType.INT32;
                    case UNSIGNED -> DType.UINT32;
                    case COMPLEX, STRING ->
                            throw new IllegalArgumentException(
                                    "page: " + tensor + " cannot be sent");
                };
        if (dtype == tensor.dtype()) return tensor;
        var wide = Tensor.zeros(dtype, tensor.shape());
        for (int i = 0; i < wide.size(); i++) {
            if (dtype == DType.FLOAT32) wide.setDouble(i, tensor.getDouble(i));
            else wide.setLong(i, tensor.getLong(i));
        }
        return wide;
    }

    private static byte[] bytes(Tensor tensor) {
        var out = new ByteArrayOutputStream();
        try {
            RawElements.write(tensor, ByteOrder.LITTLE_ENDIAN, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /// The page's answer: `ok` or `error …`, a line per output (`float32 2,3`), an empty line, and
    /// the outputs' bytes.
    private static List<Tensor> outputs(byte[] answer, List<TensorType> types) {
        int end = indexOfEmptyLine(answer);
        var lines = new String(answer, 0, end, StandardCharsets.UTF_8).split("\n", -1);
        if (!lines[0].equals("ok")) throw new IllegalStateException(lines[0]);
        var bytes = ByteBuffer.wrap(answer).order(ByteOrder.LITTLE_ENDIAN).position(end + 2);
        var tensors = new ArrayList<Tensor>();
        for (int o = 1; o < lines.length; o++) {
            var words = lines[o].split(" ", -1);
            int[] shape =
                    Arrays.stream(words[1].split(",", -1))
                            .filter(s -> !s.isEmpty())
                            .mapToInt(Integer::parseInt)
                            .toArray();
            var tensor =
                    Tensor.zeros(DType.valueOf(words[0].toUpperCase(java.util.Locale.ROOT)), shape);
            int size = tensor.size() * 4;
            RawElements.read(
                    bytes.slice(bytes.position(), size).order(ByteOrder.LITTLE_ENDIAN), tensor, 0);
            bytes.position(bytes.position() + size);
            tensors.add(narrowed(tensor, types.get(o - 1).dtype()));
        }
        return tensors;
    }

    private static int indexOfEmptyLine(byte[] answer) {
        for (int i = 1; i < answer.length; i++)
            if (answer[i] == '\n' && answer[i - 1] == '\n') return i - 1;
        throw new IllegalStateException("page: expected an empty line behind the outputs' types");
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
        closeBrowser();
        server.close();
    }
}
