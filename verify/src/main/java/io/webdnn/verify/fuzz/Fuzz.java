package io.webdnn.verify.fuzz;

import com.sun.management.ThreadMXBean;
import io.webdnn.graph.type.GraphException;
import io.webdnn.importer.chainer.ChainerImporter;
import io.webdnn.importer.keras.KerasImporter;
import io.webdnn.importer.onnx.OnnxImporter;
import io.webdnn.tensor.file.FileException;
import io.webdnn.tensor.npy.Npy;
import io.webdnn.tensor.random.RandomStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Gives importers broken files and sees how they end: in a model, or in an exception of their own
/// that says what is wrong, with bounded memory and time.
final class Fuzz implements AutoCloseable {
    /// What a mutant may take at most.
    static final long MOST_BYTES = 1L << 30;

    static final long MOST_SECONDS = 10;

    /// How a mutant ended that should not have ended so.
    ///
    /// @param number with the file and the seed, it makes the mutant again
    record Failure(Path file, int number, String what) {}

    /// How many mutants ended how.
    ///
    /// @param models how many were read all the same
    record Summary(int mutants, int models, List<Failure> failures, long bytes, double seconds) {
        String line() {
            return "%,d mutants: %,d models, %,d refused, %,d failures; at most %,d MB and %.1f s each"
                    .formatted(
                            mutants,
                            models,
                            mutants - models - failures.size(),
                            failures.size(),
                            bytes >> 20,
                            seconds);
        }
    }

    private final long seed;
    private final Path directory;
    private ExecutorService worker = Executors.newSingleThreadExecutor(daemon());
    private volatile @Nullable Thread thread;

    Fuzz(long seed) throws IOException {
        this.seed = seed;
        directory = Files.createTempDirectory("webdnn-fuzz");
    }

    private static java.util.concurrent.ThreadFactory daemon() {
        return task -> {
            var thread = new Thread(null, task, "fuzz", 1 << 20);
            thread.setDaemon(true);
            return thread;
        };
    }

    /// {@return how the mutants of some files end, file by file in turn}
    ///
    /// @param first the number of the first one
    Summary run(List<Path> files, int first, int count) throws IOException, InterruptedException {
        var failures = new ArrayList<Failure>();
        int models = 0;
        long bytes = 0;
        double seconds = 0;
        for (int number = first; number < first + count; number++) {
            var file = files.get(number % files.size());
            var mutant = write(file, number);
            var ending = read(mutant);
            if (ending.failure != null) failures.add(new Failure(file, number, ending.failure));
            else if (ending.isModel) models++;
            bytes = Math.max(bytes, ending.bytes);
            seconds = Math.max(seconds, ending.seconds);
            Files.deleteIfExists(mutant);
        }
        return new Summary(count, models, failures, bytes, seconds);
    }

    /// Writes a mutant of a file.
    Path write(Path file, int number) throws IOException {
        var mutator = new Mutator(new RandomStream(seed, number));
        var name = file.getFileName().toString();
        var mutant = directory.resolve("mutant" + name.substring(name.lastIndexOf('.')));
        return Files.write(mutant, mutator.mutate(Files.readAllBytes(file)));
    }

    private record Ending(boolean isModel, @Nullable String failure, long bytes, double seconds) {}

    private Ending read(Path mutant) throws InterruptedException {
        long start = System.nanoTime();
        var task = worker.submit(() -> ending(mutant));
        try {
            return task.get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            var stuck = thread;
            var where = stuck == null ? "" : frames(stuck.getStackTrace());
            worker.shutdownNow();
            worker = Executors.newSingleThreadExecutor(daemon());
            return new Ending(false, "no end in " + MOST_SECONDS + " s" + where, 0, MOST_SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            long took = System.nanoTime() - start;
            if (took > TimeUnit.SECONDS.toNanos(MOST_SECONDS)) System.gc();
        }
    }

    private Ending ending(Path mutant) {
        thread = Thread.currentThread();
        var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = memory.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        boolean isModel = false;
        String failure = null;
        try {
            readModel(mutant);
            isModel = true;
        } catch (GraphException | FileException e) {
            if (e.getMessage() == null) failure = "no message: " + e + frames(e.getStackTrace());
        } catch (Exception | StackOverflowError | OutOfMemoryError e) {
            failure = e + frames(e.getStackTrace());
        }
        long bytes = memory.getCurrentThreadAllocatedBytes() - before;
        if (failure == null && bytes > MOST_BYTES) failure = (bytes >> 20) + " MB were allocated";
        return new Ending(isModel, failure, bytes, (System.nanoTime() - start) * 1e-9);
    }

    private static String frames(StackTraceElement[] frames) {
        var text = new StringBuilder();
        for (int i = 0; i < Math.min(8, frames.length); i++)
            text.append("\n    at ").append(frames[i]);
        return text.toString();
    }

    private static void readModel(Path file) {
        var name = file.toString().toLowerCase(Locale.ROOT);
        switch (name.substring(name.lastIndexOf('.'))) {
            case ".h5", ".hdf5", ".keras" -> KerasImporter.read(file).graph();
            case ".npz" -> ChainerImporter.read(file);
            case ".npy" -> Npy.read(file);
            case ".pb" -> OnnxImporter.readTensor(file);
            default -> OnnxImporter.read(file).graph();
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        } catch (IOException e) { // the system clears its temporary directory
            return;
        }
    }
}
